"""Requests through the gateway's adapter, each beside the bare work that it can't do without."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import lancedb
import numpy as np

from tests.api.gateway_events import gateway_event
from tests.bench.measuring import side_by_side
from tests.bench.release import track_id
from timbral.api.answers import autofill, similar
from timbral.api.answers import search as answers
from timbral.api.application import create_app
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity
from timbral.recommender.release.layout import LANCE_TABLE
from timbral.recommender.release.opened import MARGIN
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from timbral.recommender.release.opened import OpenRelease
    from timbral.recommender.release.ports import TextEncoder
    from timbral.recommender.release.source import CurrentRelease

SEEDS_COUNT = 20
FILLED_COUNT = 50
SPARE = 50
EVERYTHING = TrackFilter()
BARE = {
    "/recs/home": ("its two matrix products",),
    "/recs/track": ("the query that it makes", "the plain query (row, distance)"),
    "/playlists/autofill": ("its query",),
    "/search": ("encoding and the plain hybrid query",),
}
"""What each route can't do without. The plain queries are LanceDB's own, as its manual writes them; the one
that similar tracks make asks for row ids alone, by the asynchronous side."""


class Asked:
    """What is asked turn by turn.

    Lambda's runtime parses an event right before it hands it over. So that is done here before each way that
    is timed, also before the bare one.

    Args:
        handler: The function.
        events: Each turn's event, as JSON.
    """

    def __init__(self, handler: Callable[[Any, None], dict[str, Any]], events: list[str]) -> None:
        self._handler = handler
        self._events = events
        self._event: Any = None

    def arrive(self, turn: int) -> None:
        """Parse the turn's event."""
        self._event = json.loads(self._events[turn])

    def answer(self, turn: int) -> None:
        """Answer the event that has arrived."""
        answer = self._handler(self._event, None)
        assert answer["statusCode"] == 200, (turn, answer)


class Routes:
    """A release behind the application, and what is asked of it.

    Args:
        source: Gives the release.
        encoder: Of queries.
        listeners: Who asks.
    """

    def __init__(self, source: CurrentRelease, encoder: TextEncoder, listeners: list[str]) -> None:
        app = create_app(source, Identity(development=True), lambda: dt.datetime.now(dt.UTC))
        self._handler = lambda_handler(app)
        self._view: OpenRelease = source.current()
        self._encoder = encoder
        self._listeners = listeners
        self._random = np.random.default_rng(2)
        files = self._view._files
        location = files._releases.objects.lance_location(files._manifest.prefix)
        self._table = lancedb.connect(location.uri).open_table(LANCE_TABLE)

    def measure(self, turns: int) -> list[dict[str, Any]]:
        """Measure each route beside its bare work."""
        pairs = {
            "/recs/home": [(self._home(turns), self._two_products)],
            "/recs/track": self._track(turns),
            "/playlists/autofill": [self._autofill(turns)],
            "/search": [self._search(turns)],
        }
        rows = []
        for route, ways in pairs.items():
            for place, (name, (asked, work)) in enumerate(zip(BARE[route], ways, strict=True)):
                whole, bare = side_by_side((asked.answer, work), turns, before=asked.arrive)
                ratio = float(np.median(whole.cpu_ms) / np.median(bare.cpu_ms))
                rows += [] if place else [whole.row(route)]
                rows.append({**bare.row(f"  {name}"), "times": ratio})
        return rows

    def _asking(self, requests: Iterable[tuple[Any, ...]]) -> Asked:
        return Asked(
            self._handler,
            [
                json.dumps(gateway_event(*request, listener=self._listeners[turn % len(self._listeners)]))
                for turn, request in enumerate(requests)
            ],
        )

    def _home(self, turns: int) -> Asked:
        return self._asking([("GET", "/recs/home")] * (turns + SPARE))

    def _two_products(self, turn: int) -> None:
        profile = self._view.listener(self._listeners[turn % len(self._listeners)])
        _ = self._view._factors @ profile.factors, self._view._vectors @ profile.taste_vector

    def _track(self, turns: int) -> list[tuple[Asked, Callable[[int], object]]]:
        # Each way has tracks of its own: the second to ask about one would find it in the processor's caches.
        # And each query has a run of its own beside the route: no server does both of them.
        rows, again, others, more = self._random.integers(0, self._view.tracks_count, (4, turns + SPARE))
        count = similar.DEPTH + 1 + MARGIN

        def plain(turn: int) -> None:
            query = self._table.search(self._view.vectors([more[turn]])[0], vector_column_name="vector")
            query.distance_type("dot").ef(count).limit(count).select(["row", "_distance"]).to_arrow()

        def trimmed(turn: int) -> None:
            self._view._search_index.near(self._view.vectors([others[turn]])[0], count, EVERYTHING)

        first, second = (
            self._asking(("GET", f"/recs/track/{track_id(row)}") for row in wanted)
            for wanted in (rows, again)
        )
        return [(first, trimmed), (second, plain)]

    def _autofill(self, turns: int) -> tuple[Asked, Callable[[int], object]]:
        owned = [self._view.listener(name).rows for name in self._listeners]
        seeds = [
            self._random.choice(owned[turn % len(owned)], SEEDS_COUNT, replace=False)
            for turn in range(turns + SPARE)
        ]

        def bare(turn: int) -> None:
            points = autofill.probes(self._view.vectors(seeds[turn]), autofill.PROBES_COUNT)
            self._view._search_index.nearest_many(points, autofill.NEAR_DEPTH, EVERYTHING)

        bodies = ({"seeds": [track_id(row) for row in own], "k": FILLED_COUNT} for own in seeds)
        return self._asking(("POST", "/playlists/autofill", "", body) for body in bodies), bare

    def _search(self, turns: int) -> tuple[Asked, Callable[[int], object]]:
        cards = self._view.cards(self._random.integers(0, self._view.tracks_count, turns + SPARE).tolist())
        texts = [
            (card.title, card.artist, " ".join(card.tags[:2]) or card.genres[0])[at % 3]
            for at, card in enumerate(cards)
        ]

        def bare(turn: int) -> None:
            vector = self._encoder.encode([texts[turn]])[0]
            query = self._table.search(
                query_type="hybrid", vector_column_name="text_vector", fts_columns="words"
            )
            query.vector(vector).text(texts[turn]).distance_type("dot").limit(answers.DEPTH).select(
                ["row"]
            ).to_arrow()

        return self._asking(("POST", "/search", "", {"query": text}) for text in texts), bare
