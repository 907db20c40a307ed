"""``/recs``: the home page, and what is like a track."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from timbral.api.asking import Asked
from timbral.api.contract.fields import TrackId
from timbral.api.contract.requests import HomeQuery, SimilarQuery
from timbral.api.contract.responses import Home, Similar, carousels
from timbral.api.contract.tracks import chosen, shown
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(prefix="/recs", tags=["recommendations"], route_class=JsonRoute)


@router.get("/home", operation_id="getHomePage", summary="The home page")
def get_home(asked: Asked, query: Annotated[HomeQuery, Query()]) -> Home:
    """Five carousels for the listener; the same all day, another page tomorrow, no track twice."""
    from timbral.api.answers.home import home_page  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    day = asked.day.isoformat()
    terms = question(
        asked.view.release, "home", asked.listener_id, day, query.discovery, query.limit, asked.seeds.tag
    )
    number = read_cursor(query.cursor, terms)
    page = home_page(
        asked.view,
        asked.listener_id,
        asked.profile,
        asked.day,
        discovery=query.discovery,
        limit=query.limit,
        page=number,
    )
    following = write_cursor(number + 1, terms) if page.has_more else None
    return {
        "release": asked.view.release,
        "day": day,
        "basis": asked.basis,
        "newcomer": page.newcomer,
        "carousels": carousels(page),
        "next_cursor": following,
    }


@router.get("/track/{track_id}", operation_id="getSimilarTracks", summary="Tracks like a track")
def get_similar(
    asked: Asked, track_id: Annotated[TrackId, Path()], query: Annotated[SimilarQuery, Query()]
) -> Similar:
    """What sounds like a track, blended with what the same people play."""
    from timbral.api.answers.similar import similar_tracks  # noqa: PLC0415  numpy comes with it, and health and documentation do without

    wanted = query.as_filter()
    terms = question(asked.view.release, "similar", track_id, wanted)
    offset = read_cursor(query.cursor, terms)
    page = similar_tracks(asked.view, asked.profile, track_id, wanted, offset=offset, limit=query.limit)
    return {
        "release": asked.view.release,
        "seed": shown(page.seed),
        "tracks": chosen(page.tracks),
        "next_cursor": write_cursor(offset + query.limit, terms) if page.has_more else None,
    }
