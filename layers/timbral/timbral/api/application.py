"""The application: routes behind a door, over whatever release is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from fastapi import FastAPI

from timbral.api.admission import MOST_BODY_BYTES
from timbral.api.contract import CONTRACT_VERSION
from timbral.api.documentation import described
from timbral.api.door import Door
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
from timbral.api.straight import THREADS_COUNT, whole_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from timbral.api.answer import Answer
    from timbral.api.asking import Clock, Moods, ReleaseSource, Relevance
    from timbral.api.identity import Identity
    from timbral.api.keeping import Keeping
    from timbral.api.listeners.port import Listeners
    from timbral.pulling.imports import Imports
    from timbral.pulling.spotify.desk import SpotifyDesk


class Application(FastAPI):
    """A FastAPI application behind a door, which describes its problems and its security itself.

    Args:
        routes: All routes.
        identity: Tells who is asking.
        most_body_bytes: The largest request body let in.
        **described: See `fastapi.FastAPI`.
    """

    def __init__(
        self, routes: Sequence[BaseRoute], identity: Identity, most_body_bytes: int, **described: Any
    ) -> None:
        super().__init__(**described)
        self.router.routes.extend(routes)
        self._threads = anyio.CapacityLimiter(THREADS_COUNT)
        self._door = Door(identity, most_body_bytes, ShortWay(routes), super().__call__)

    def answer(self, scope: Scope, body: bytes) -> Answer:
        """Answer a request in this thread.

        Args:
            scope: The request's ASGI scope.
            body: Its body.
        """
        scope["app"] = self
        return self._door.answer(scope, body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that an event loop brings in a thread of its own."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        body = await whole_body(receive, self._door.most_body_bytes)
        answer = await anyio.to_thread.run_sync(self.answer, scope, body, limiter=self._threads)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

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
) -> Application:
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
        routes,
        identity,
        most_body_bytes,
        title="Timbral",
        version=CONTRACT_VERSION,
        summary="What next, what is like this, something for a rainy night, finish my playlist.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Nobody reads it, and it would look at the environment in every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
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
    return app
