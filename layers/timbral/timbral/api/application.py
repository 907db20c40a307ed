"""The application: routes behind a door, over whatever release is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from timbral.api.admission import MOST_BODY_BYTES, Admission
from timbral.api.compression import Compression
from timbral.api.contract import CONTRACT_VERSION
from timbral.api.documentation import described
from timbral.api.freshness import Freshness
from timbral.api.problems import answer_with_problems
from timbral.api.routes import (
    feedback,
    graphql,
    ingest,
    internal,
    onboarding,
    playlists,
    recommendations,
    search,
    taste,
)
from timbral.api.routes import (
    listeners as listener_routes,
)
from timbral.api.routes import open as open_routes
from timbral.api.routes.short_way import ShortWay
from timbral.api.straight import Aside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.api.asking import Clock, Moods, ReleaseSource, Relevance
    from timbral.api.identity import Identity
    from timbral.api.keeping import Keeping
    from timbral.api.listeners.port import Listeners
    from timbral.pulling.imports import Imports
    from timbral.pulling.spotify.desk import SpotifyDesk


class Application(FastAPI):
    """A FastAPI application that describes its problems and its security itself."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 description, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = described(super().openapi())
        return self.openapi_schema


def create_app(
    releases: ReleaseSource,
    identity: Identity,
    clock: Clock,
    most_body_bytes: int = MOST_BODY_BYTES,
    *,
    keeping: Keeping | None = None,
    listeners: Listeners | None = None,
    imports: Callable[[], Imports] | None = None,
    wishes: Callable[[Sequence[tuple[str, str]]], None] | None = None,
    moods: Callable[[], Moods] | None = None,
    spotify: Callable[[], SpotifyDesk] | None = None,
    relevance: Callable[[], Relevance] | None = None,
) -> FastAPI:
    """Put the application together; nothing is opened or read before the first request.

    Args:
        releases: Gives the release to answer from, once a request.
        identity: Tells who is asking.
        clock: Tells the time (UTC).
        most_body_bytes: The largest request body let in.
        keeping: Keeps what listeners tell; None where nothing is kept.
        listeners: Takes out and erases what is kept of listeners; None where nothing can be.
        imports: Returns what begins imports; None where nothing is imported.
        wishes: Asks for albums of which nothing is known; None where nobody looks any up.
        moods: Returns what predicts moods for operators; None where nothing does.
        spotify: Returns what asks Spotify for a request; None where nobody does.
        relevance: Returns what reads a search and its best tracks together; None where nothing does.
    """
    # Each is complete in itself; a router within another would be gone through twice.
    routes = [
        route
        for module in (
            recommendations,
            search,
            taste,
            playlists,
            onboarding,
            feedback,
            graphql,
            ingest,
            listener_routes,
            internal,
            open_routes,
        )
        for route in module.router.routes
    ]
    app = Application(
        title="Timbral",
        version=CONTRACT_VERSION,
        summary="What next, what is like this, something for a rainy night, finish my playlist.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Nobody reads it, and it would look at the environment in every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(Aside, most_body_bytes=most_body_bytes),
            Middleware(Compression),
            Middleware(Freshness),
            Middleware(Admission, identity=identity, most_body_bytes=most_body_bytes),
            Middleware(ShortWay, routes=routes),
        ],
    )
    app.state.releases = releases
    app.state.clock = clock
    app.state.keeping = keeping
    app.state.listeners = listeners
    app.state.imports = imports
    app.state.wishes = wishes
    app.state.moods = moods
    app.state.spotify = spotify
    app.state.relevance = relevance
    answer_with_problems(app)
    app.router.routes.extend(routes)
    return app
