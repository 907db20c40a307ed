"""``/feedback``: what listeners did with what they were shown."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from timbral.api.asking import Keeps
from timbral.api.contract.requests import FeedbackRequest
from timbral.api.contract.responses import Told
from timbral.api.routes.json_route import JsonRoute
from timbral.errors import InvalidRequest

router = APIRouter(tags=["feedback"], route_class=JsonRoute)
CLOCK_SKEW_S = 86_400


async def now_uts(request: Request) -> int:
    """Return the present in Unix seconds."""
    return int(request.app.state.clock().timestamp())


Now = Annotated[int, Depends(now_uts)]


@router.post("/feedback", operation_id="tellFeedback", summary="What the listener did")
def post_feedback(http: Request, now: Now, keeps: Keeps, request: FeedbackRequest) -> Told:
    """Keep impressions, clicks, plays, skips, likes, dislikes and saves.

    Sent again, an event counts once. What somebody likes or skips changes their next page.
    """
    if max(event.at_uts for event in request.events) > now + CLOCK_SKEW_S:
        msg = "at_uts must not be more than a day ahead of now"
        raise InvalidRequest(msg, "body.events")
    kept_count = keeps.note(http.state.listener_id, [event.as_event() for event in request.events])
    return Told(kept_count=kept_count, dropped_count=len(request.events) - kept_count)
