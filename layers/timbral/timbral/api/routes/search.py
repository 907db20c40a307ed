"""``/search``: free text to tracks."""

from fastapi import APIRouter

from timbral.api.asking import Asked, Reading
from timbral.api.contract.requests import SearchRequest
from timbral.api.contract.responses import Found
from timbral.api.contract.tracks import chosen
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(tags=["search"], route_class=JsonRoute)


@router.post("/search", operation_id="searchTracks", summary="Search by free text")
def post_search(asked: Asked, request: SearchRequest, reading: Reading) -> Found:
    """Tracks for names, tags, moods or any description, by meaning and by words."""
    from timbral.api.answers.search import lacking, search_tracks  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    by_text = request.rerank and request.rerank_by == "text"
    whose = [asked.listener_id, asked.seeds.tag] if request.rerank and not by_text else []
    order = request.rerank_by if request.rerank else None
    only = request.filters.as_filter()
    terms = question(asked.view.release, "search", request.query, only, order, *whose)
    offset = read_cursor(request.cursor, terms)
    page = search_tracks(
        asked.view,
        asked.profile,
        request.query,
        only,
        offset=offset,
        limit=request.limit,
        rerank=request.rerank,
        reader=reading() if by_text else None,
    )
    if asked.wishes is not None and (albums := lacking(page.tracks)):
        asked.wishes(albums)
    return {
        "release": asked.view.release,
        "tracks": chosen(page.tracks),
        "did_you_mean": page.did_you_mean,
        "next_cursor": write_cursor(offset + request.limit, terms) if page.has_more else None,
    }
