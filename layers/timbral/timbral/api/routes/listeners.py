"""``/listeners/me``: what is kept of whoever asks, to take out or to erase."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from timbral.api.asking import Office
from timbral.api.contract.fields import ReceiptId
from timbral.api.contract.requests import ExportQuery
from timbral.api.contract.responses import Erased, Exported, ExportedItem
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.answer_route import AnswerRoute

MOST_ITEMS = 10**9
router = APIRouter(prefix="/listeners", tags=["listeners"], route_class=AnswerRoute)


@router.get("/me/export", operation_id="exportListener", summary="Take out what is kept of me")
def get_export(http: Request, office: Office, query: Annotated[ExportQuery, Query()]) -> Exported:
    """Rows of every table, and documents, that are about the listener."""
    terms = question("", "export", http.state.listener_id)
    offset = read_cursor(query.cursor, terms, MOST_ITEMS)
    items, total_count = office.export(http.state.listener_id, offset, query.limit)
    following = offset + len(items)
    return Exported(
        total_count=total_count,
        items=[ExportedItem(source=item.source, content=item.content) for item in items],
        next_cursor=write_cursor(following, terms) if items and following < total_count else None,
    )


@router.delete(
    "/me",
    operation_id="eraseListener",
    summary="Erase what is kept of me",
    responses={202: {"model": Erased, "description": "It goes on in the background."}},
)
def delete_me(http: Request, office: Office, response: Response) -> Erased:
    """Erase rows, documents, files, old versions and releases that know the listener; keep a receipt.

    From now on nothing answers for them. Where the rest takes its time, the receipt says so, and `Location`
    is where to look for its end; what they tell meanwhile may go too. They may come back later, as somebody
    of whom nothing is known.
    """
    receipt = office.erase(http.state.listener_id)
    response.headers["Location"] = f"{router.prefix}/me/erasures/{receipt.receipt_id}"
    if receipt.status == "accepted":
        response.status_code = 202
    return Erased(**asdict(receipt))


@router.get("/me/erasures/{receipt_id}", operation_id="getErasure", summary="Whether I am erased")
def get_erasure(http: Request, office: Office, receipt_id: Annotated[ReceiptId, Path()]) -> Erased:
    """The receipt of an erasure, for whoever asked for it."""
    return Erased(**asdict(office.receipt(http.state.listener_id, receipt_id)))
