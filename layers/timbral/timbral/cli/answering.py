"""Commands that answer from the release that is served."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timbral.cli.context import context_of
from timbral.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.answers.reasons import Recommended
    from timbral.api.keeping import Keeping
    from timbral.recommender.release.view import ListenerProfile, ReleaseView

_COLUMNS = ("artist", "title", "year", "tags", "score", "why")
_SHOWN_TAGS = 4
KEPT_ALIVE_S = 75
"""How long a connection may rest: longer than load balancers let theirs, which else meet closed ones."""
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many tracks.")]


def recs(
    context: typer.Context,
    listener: Annotated[str, typer.Argument(help="Who listens.")],
    limit: Limit = 10,
    discovery: Annotated[float, typer.Option(min=0, max=1, help="0 is familiar, 1 adventurous.")] = 0.5,
) -> None:
    """Recommend tracks to a listener, each with its reason: the home page that the API gives."""
    from timbral.api.answers.home import home_page

    own = context_of(context)
    view = own.services.serving.current_release.current()
    profile = _profile(own.services.serving.keeping, view, listener)
    today = dt.datetime.now(dt.UTC).date()
    page = home_page(view, listener, profile, today, discovery=discovery, limit=limit)
    for shelf in page.shelves:
        rows = [{"carousel": shelf.carousel, "shelf": shelf.title, **row} for row in _rows(shelf.tracks)]
        if rows:
            own.output.rows(f"{shelf.title} for {listener}", rows, _COLUMNS)


def similar(
    context: typer.Context,
    track: Annotated[str, typer.Argument(help="A track's id, or its name to search for.")],
    limit: Limit = 10,
) -> None:
    """Show tracks that are like a track."""
    from timbral.api.answers.similar import similar_tracks
    from timbral.recommender.release.view import TrackFilter

    own = context_of(context)
    view = own.services.serving.current_release.current()
    track_id = _track_id(view, track)
    found = similar_tracks(view, None, track_id, TrackFilter(), offset=0, limit=limit)
    own.output.rows(f"like “{found.seed.title}” by {found.seed.artist}", _rows(found.tracks), _COLUMNS)


def search(  # noqa: PLR0917  typer makes options of them
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Anything: a name, a mood, a scene.")],
    limit: Limit = 10,
    genre: Annotated[list[str] | None, typer.Option(help="Only this genre; may be given again.")] = None,
    mood: Annotated[list[str] | None, typer.Option(help="Only this mood; may be given again.")] = None,
    year_from: Annotated[int | None, typer.Option(help="Earliest year.")] = None,
    year_to: Annotated[int | None, typer.Option(help="Latest year.")] = None,
) -> None:
    """Find tracks by a free text."""
    from timbral.api.answers.search import search_tracks
    from timbral.recommender.release.view import TrackFilter
    from timbral.tables.columns import MOODS

    if not text.strip():
        msg = "the text to search for is blank"
        raise InvalidInput(msg, "text")
    unknown = set(mood or ()) - set(MOODS)
    if unknown:
        msg = f"--mood {min(unknown)!r} is none of {', '.join(MOODS)}"
        raise InvalidInput(msg, "mood")
    own = context_of(context)
    view = own.services.serving.current_release.current()
    wanted = TrackFilter(tuple(genre or ()), tuple(mood or ()), year_from, year_to)
    found = search_tracks(view, None, text, wanted, offset=0, limit=limit)
    own.output.rows(f"“{text}”", _rows(found.tracks), _COLUMNS)
    if found.did_you_mean:
        own.output.say(f"Did you mean “{found.did_you_mean}”?")


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; a loopback one in development mode.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 for any that is free.")] = 8_000,
    log_level: Annotated[str, typer.Option(help="uvicorn's.")] = "info",
) -> None:
    """Serve the API: in development mode (`Authorization: Bearer dev:LISTENER`), or with verified tokens.

    Tokens are verified if TIMBRAL_JWT_ISSUER and TIMBRAL_JWT_AUDIENCES are set; then nobody is believed by
    word, on this machine neither.
    """
    import uvicorn

    from timbral.api.straight import collect_rarely
    from timbral.operations.background import work_in_background

    own = context_of(context)
    development = own.services.settings.jwt_issuer is None
    if development and host != "localhost" and not _is_loopback(host):
        msg = (
            f"--host {host!r} is not a loopback address; development mode trusts any caller "
            "(set TIMBRAL_JWT_ISSUER and TIMBRAL_JWT_AUDIENCES to have tokens verified)"
        )
        raise InvalidInput(msg, "host")
    app = own.services.serving.app(development=development)
    own.services.serving.current_release.current()
    work_in_background(own.services)
    collect_rarely()
    own.output.say(f"The API's documentation: http://{host}:{port}/docs")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level=log_level,
        access_log=False,
        timeout_keep_alive=KEPT_ALIVE_S,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _profile(keeping: Keeping, view: ReleaseView, listener: str) -> ListenerProfile:
    from timbral.api.answers.fresh import known_by

    profile, _ = known_by(view, view.listener(listener), keeping.seeds(listener))
    if profile is None:
        msg = f"release {view.release!r} knows no listener {listener!r}"
        raise NotFound(msg)
    return profile


def _track_id(view: ReleaseView, track: str) -> str:
    from timbral.recommender.release.view import TrackFilter

    if int(view.rows([track])[0]) >= 0:
        return track
    rows, _ = view.search(track, 1, TrackFilter())
    if not len(rows):
        msg = f"there is no track {track!r} in release {view.release!r}"
        raise NotFound(msg)
    return view.cards(rows.tolist())[0].track_id


def _rows(tracks: Sequence[Recommended]) -> list[dict[str, Any]]:
    from timbral.api.contract.tracks import shown

    return [
        {
            "track_id": track.card.track_id,
            "artist": track.card.artist,
            "title": track.card.title,
            "album": track.card.album,
            "year": track.card.year,
            "genres": list(track.card.genres),
            "tags": list(track.card.tags[:_SHOWN_TAGS]),
            "moods": list(track.card.moods),
            "links": shown(track.card)["links"],
            "score": float(track.score),
            "why": track.why.text,
        }
        for track in tracks
    ]
