"""``/playlists``: finishing what a listener has begun, here or at Spotify."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from timbral.api.asking import Asked, Desk, desk_of
from timbral.api.contract.fields import PlaylistId
from timbral.api.contract.requests import AutofillRequest, PlaylistAddition
from timbral.api.contract.responses import Added, Filled
from timbral.api.contract.tracks import chosen
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(prefix="/playlists", tags=["playlists"], route_class=JsonRoute)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    409: {"description": "The listener hasn't connected Spotify, or their permission has run out."},
    502: {"description": "Spotify fails, knows no such playlist, or it isn't theirs."},
}


@router.post("/autofill", operation_id="autofillPlaylist", summary="Finish a playlist", responses=PROBLEMS)
def post_autofill(http: Request, asked: Asked, request: AutofillRequest) -> Filled:
    """Tracks that continue the seeds: each seed votes, and the chosen differ from each other."""
    from timbral.api.answers.autofill import autofill  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    seeds = request.seeds or []
    unknown: list[str] = []
    if request.spotify_playlist is not None:
        from timbral.api.answers.playlist import seeds_of  # noqa: PLC0415  as above

        playlist = desk_of(http).playlist(asked.listener_id, request.spotify_playlist)
        seeds, unknown = seeds_of(asked.view, playlist)
    wish = request.model_dump(exclude={"limit", "cursor"})
    terms = question(asked.view.release, "autofill", asked.listener_id, asked.seeds.tag, wish, seeds)
    offset = read_cursor(request.cursor, terms)
    tracks = autofill(asked.view, asked.profile, request.as_wish(seeds))
    following = offset + request.limit
    return {
        "release": asked.view.release,
        "tracks": chosen(tracks[offset:following]),
        "unknown": unknown,
        "next_cursor": write_cursor(following, terms) if following < len(tracks) else None,
    }


@router.post(
    "/{playlist_id}/spotify",
    operation_id="addToSpotifyPlaylist",
    summary="Add tracks to a playlist at Spotify",
    responses=PROBLEMS,
)
def post_spotify(
    asked: Asked, desk: Desk, playlist_id: Annotated[PlaylistId, Path()], request: PlaylistAddition
) -> Added:
    """Add tracks to the end of the listener's own playlist, a hundred at a time.

    What is on it already isn't added again, so it may be asked again after any failure.
    """
    from timbral.api.answers.playlist import linked  # noqa: PLC0415  numpy comes with it

    spotify_ids, unlinked = linked(asked.view, request.track_ids)
    added_count = desk.fill(asked.listener_id, playlist_id, spotify_ids) if spotify_ids else 0
    return Added(
        release=asked.view.release,
        added_count=added_count,
        present_count=len(spotify_ids) - added_count,
        unlinked=unlinked,
    )
