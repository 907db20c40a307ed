"""``/playlists``: finishing what a listener has begun."""

from fastapi import APIRouter

from timbral.api.asking import Asked
from timbral.api.contract.requests import AutofillRequest
from timbral.api.contract.responses import Filled
from timbral.api.contract.tracks import chosen
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(prefix="/playlists", tags=["playlists"], route_class=JsonRoute)


@router.post("/autofill", operation_id="autofillPlaylist", summary="Finish a playlist")
def post_autofill(asked: Asked, request: AutofillRequest) -> Filled:
    """Tracks that continue the seeds: each seed votes, and the chosen differ from each other."""
    from timbral.api.answers.autofill import autofill  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    tracks = autofill(asked.view, asked.profile, request.as_wish())
    return {"release": asked.view.release, "tracks": chosen(tracks)}
