"""``/onboarding``: for whoever is new."""

from typing import Annotated

from fastapi import APIRouter, Query

from timbral.api.asking import Asked, Keeps
from timbral.api.contract.requests import OnboardingQuery, Picks
from timbral.api.contract.responses import FirstTracks, OfferedGenre, Onboarding
from timbral.api.contract.tracks import chosen, shown
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(tags=["onboarding"], route_class=JsonRoute)


@router.get("/onboarding", operation_id="getOnboarding", summary="Genres to pick from")
def get_onboarding(asked: Asked, query: Annotated[OnboardingQuery, Query()]) -> Onboarding:
    """Genres with well-known tracks, for somebody of whom nothing is known."""
    from timbral.api.answers.onboarding import genre_choices  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    terms = question(asked.view.release, "onboarding", query.samples)
    offset = read_cursor(query.cursor, terms)
    following = offset + query.limit
    found = genre_choices(asked.view, following + 1, query.samples)
    offered: list[OfferedGenre] = [
        {
            "genre": choice.genre,
            "tracks_count": choice.tracks_count,
            "samples": [shown(card) for card in choice.samples],
        }
        for choice in found[offset:following]
    ]
    has_more = len(found) > following
    return {
        "release": asked.view.release,
        "genres": offered,
        "next_cursor": write_cursor(following, terms) if has_more else None,
    }


@router.post("/onboarding", operation_id="getFirstTracks", summary="What picks lead to")
def post_onboarding(asked: Asked, keeps: Keeps, request: Picks) -> FirstTracks:
    """Tracks for somebody new, at once from what they picked; what they picked before counts no more.

    Every other answer starts from the picks too, until listening says more.
    """
    from timbral.api.answers.onboarding import first_tracks  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    terms = question(asked.view.release, "picks", request.track_ids, request.genres)
    offset = read_cursor(request.cursor, terms)
    following = offset + request.limit
    tracks = first_tracks(asked.view, request.track_ids, request.genres, following + 1)
    if request.cursor is None:
        keeps.pick(asked.listener_id, request.track_ids, request.genres)
    return {
        "release": asked.view.release,
        "tracks": chosen(tracks[offset:following]),
        "next_cursor": write_cursor(following, terms) if following < len(tracks) else None,
    }
