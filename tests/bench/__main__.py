"""``make bench``: answers through the API beside the bare work that they are made of, in one run.

    python -m tests.bench [TRACKS [REQUESTS]]     20,000 tracks and 100 requests of each kind by default

Times differ from machine to machine; the ratios are what to compare.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.api.gateway_events import gateway_event
from tests.bench.release import TEXT_DIMENSION, publish, track_id
from tests.embeddings.hashed_encoder import HashedEncoder
from timbral.api.application import create_app
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity
from timbral.recommender.release.source import CurrentRelease
from timbral.recommender.release.view import TrackFilter
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.recommender.release.view import ReleaseView

LISTENERS_COUNT = 500
SEEDS_COUNT = 20
DEPTH = 200  # as deep as the API looks


def main(tracks_count: int, requests_count: int) -> None:
    """Build a release, ask it, and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        releases = Releases(open_objects(f"{folder}/store"))
        publish(releases, tracks_count, LISTENERS_COUNT)
        encoder = HashedEncoder(TEXT_DIMENSION)
        source = CurrentRelease(releases, Path(folder) / "cache", lambda: encoder, time.monotonic)
        handler = lambda_handler(create_app(source, Identity(), lambda: dt.datetime.now(dt.UTC)))
        view = source.current()
        listener = next(name for name in ("listener000000", "0") if view.listener(name))
        timed = measure(view, handler, listener, requests_count)
    show(timed, tracks_count, requests_count)


def measure(
    view: ReleaseView, handler: Callable[..., dict[str, object]], listener: str, requests_count: int
) -> dict[str, list[float]]:
    """Time every kind of work in turn, request by request, so that the machine's moods hit all alike."""
    chance = np.random.default_rng(1)
    timed: dict[str, list[float]] = {}

    def clock(name: str, work: Callable[[], object]) -> None:
        started_s = time.perf_counter()
        work()
        timed.setdefault(name, []).append((time.perf_counter() - started_s) * 1_000)

    def ask(method: str, path: str, body: object = None) -> None:
        text = None if body is None else json.dumps(body)
        event = gateway_event(
            method, path, body=text, listener=listener, **{"content-type": "application/json"}
        )
        answer = handler(event, None)
        if answer["statusCode"] != 200:
            msg = f"{path}: {answer}"
            raise RuntimeError(msg)

    for _ in range(requests_count + 1):
        row = int(chance.integers(view.tracks_count))
        seeds = [track_id(int(seed)) for seed in chance.choice(view.tracks_count, SEEDS_COUNT, replace=False)]
        words = view.cards([row])[0].artist
        clock("bare nearest", lambda row=row: view.nearest(view.vectors([row])[0], DEPTH, TrackFilter()))
        clock("/recs/track", lambda row=row: ask("GET", f"/recs/track/{track_id(row)}"))
        clock("bare search", lambda words=words: view.search(words, DEPTH, TrackFilter()))
        clock("/search", lambda words=words: ask("POST", "/search", {"query": words}))
        clock("/recs/home", lambda: ask("GET", "/recs/home"))
        clock("/taste/summary", lambda: ask("GET", "/taste/summary"))
        clock(
            "/playlists/autofill",
            lambda seeds=seeds: ask("POST", "/playlists/autofill", {"seeds": seeds, "k": 50}),
        )
    return {name: values[1:] for name, values in timed.items()}  # the first of each warms up


def show(timed: dict[str, list[float]], tracks_count: int, requests_count: int) -> None:
    """Print medians, 95th percentiles and ratios to the bare work."""
    bare = {"/recs/track": "bare nearest", "/search": "bare search"}
    print(f"{tracks_count:,} tracks, {requests_count} requests of each kind")  # noqa: T201  a benchmark prints
    print(f"{'':22}{'p50 ms':>9}{'p95 ms':>9}  ratio of medians")  # noqa: T201  as above
    for name, values in timed.items():
        middle, high = np.percentile(values, [50, 95])
        ratio = f"{middle / np.median(timed[bare[name]]):.2f} x {bare[name]}" if name in bare else ""
        print(f"{name:22}{middle:9.1f}{high:9.1f}  {ratio}")  # noqa: T201  as above


if __name__ == "__main__":
    main(
        *(int(argument) for argument in sys.argv[1:3] or ("20000", "100")),
        *([100] if len(sys.argv) == 2 else []),
    )
