"""``/taste``: what the listener likes, in figures."""

from typing import Annotated

from fastapi import APIRouter, Query

from timbral.api.asking import Asked
from timbral.api.contract.requests import TasteQuery
from timbral.api.contract.responses import Taste
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.answer_route import AnswerRoute

router = APIRouter(prefix="/taste", tags=["taste"], route_class=AnswerRoute)


@router.get("/summary", operation_id="getTasteSummary", summary="What the listener likes")
def get_summary(asked: Asked, query: Annotated[TasteQuery, Query()]) -> Taste:
    """Genres, artists and moods of the plays in a window, and how the listener plays them."""
    from timbral.api.answers.taste import taste_summary  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    terms = question(asked.view.release, "taste", asked.listener_id, asked.seeds.tag, query.window)
    offset = read_cursor(query.cursor, terms)
    following = offset + query.limit
    summary = taste_summary(asked.view, asked.profile, query.window, query.limit, offset)
    return Taste.of(summary, asked.view.release, write_cursor(following, terms) if summary.has_more else None)
