"""Memory, disk and time of each function over 100,000 tracks: three tenths of what it may take stay free.

A night is gone through as the state machine does, then the API is asked and somebody erased. Limits are
the template's. Without control groups memory can't be measured; a zip's disk lies in its memory here.
"""

import json
import os

import numpy as np
import pytest

from tests.api.gateway_events import gateway_event
from tests.deployment import functions
from tests.functions.queue_events import object_created, queue_event
from tests.lambda_machine import setting
from tests.smoke.conftest import note_figures
from tests.world import make_world, write_world
from timbral.embeddings.run import CHUNKS, encode_chunk
from timbral.operations.events import Pinned
from timbral.progress import Silent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("TIMBRAL_FIGURES" not in os.environ, reason="`make aws-check` takes figures"),
]
NOW_UTS = 1_767_225_600  # 1 January 2026
TRACKS_COUNT = 100_000
LISTENERS_COUNT = 2_000
MOST_SHARE = 0.7
MEASURED_CHUNK = "7"
LISTENER, OTHER = "listener000003", "listener000005"
"""The first has a track of their own, so that their erasure builds the release again; the other has none."""
ASKED = [
    gateway_event("GET", "/recs/home", listener=LISTENER),
    gateway_event("POST", "/search", listener=LISTENER, body={"query": "a rainy night"}),
    gateway_event("GET", "/recs/home", listener="listener000004"),
]
IN_PASSING = {
    "raw_pull_lastfm": queue_event({"kind": "everybody"}),
    "raw_pull_spotify": queue_event({"kind": "everybody"}),
    "raw_scrape_aoty": {},
    "recommender_monitor_releases": {},
    "recommender_vacuum_store": {},
}


class MadeUp:
    """Stands for an encoder: vectors in no time, kept under the real one's name."""

    def __init__(self, encoder):
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._rng = np.random.default_rng(0)

    def encode(self, texts):
        drawn = self._rng.standard_normal((len(texts), self.dimension)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


class Measured:
    """Sends functions events, notes what they took, and holds them to their share.

    Args:
        invoke: Sends one.
    """

    def __init__(self, invoke):
        self._invoke = invoke
        self.figures = {}

    def send(self, name, event, **options):
        """Send an event; return the answer."""
        done = self._invoke(name, event, **options)
        assert isinstance(done.answer, dict), done.log[-2_000:]
        assert "errorMessage" not in done.answer, done.answer
        self.note(name, done.elapsed_s, done.peak_memory_mb, done.peak_disk_mb)
        return done.answer

    def note(self, name, elapsed_s, peak_memory_mb, peak_disk_mb):
        """Note what an invocation took; the most of several counts."""
        before = self.figures.get(name, {"seconds": 0, "memory_mb": 0, "disk_mb": 0})
        self.figures[name] = {
            "seconds": max(before["seconds"], round(elapsed_s, 1)),
            "of_seconds": setting(name, "Timeout"),
            "memory_mb": max(before["memory_mb"], round(peak_memory_mb or 0)),
            "of_memory_mb": setting(name, "MemorySize"),
            "disk_mb": max(before["disk_mb"], round(peak_disk_mb or 0)),
            "of_disk_mb": setting(name, "EphemeralStorage")["Size"],
        }


@pytest.fixture
def measured(invoke):
    found = Measured(invoke)
    yield found
    note_figures("functions_over_100k_tracks", found.figures)


@pytest.fixture
def api(containers, environment):
    """The API in a container that stays warm."""
    with containers.started("api", environment) as found:
        yield found


@pytest.fixture
def landed(services, bucket, tmp_path):
    """Put the world's files into the inbox, and a track that one listener alone knows; return the event."""
    own = tmp_path / "own.csv"
    own.write_text(f"listener,artist,track,album,uts\n{LISTENER},Hermit,Demo,Tapes,{NOW_UTS - 1_000}\n")
    events = []
    for path in (*write_world(make_world(LISTENERS_COUNT, TRACKS_COUNT), tmp_path), own):
        services().objects.put_file(f"raw/inbox/{path.name}", path)
        events.append(object_created(bucket, f"main/raw/inbox/{path.name}"))
    return queue_event(*events)


def make_up_chunks(services, pins):
    """Embed all chunks but the measured one: a made-up vector needs as much room as a true one."""
    encoder = MadeUp(services.encoder)
    for chunk in CHUNKS.replace(MEASURED_CHUNK, ""):
        encode_chunk(services.tables, Pinned(services.tables, pins), Silent(), encoder=encoder, chunk=chunk)


def test_each_function_has_room_to_spare(measured, landed, services, job, api):
    def step(name, pins, **more):
        return measured.send(name, {"run": "night", "pins": pins} | more)["pins"]

    loaded = measured.send("raw_load_objects", landed)
    pins = step("raw_pin_tables", {})
    for name in ("core_map_tracks", "tags_aggregate_tracks", "features_snapshot_tracks"):
        pins = step(name, pins)
    job("embeddings_publish", "--run", "night")
    step("embeddings_encode_chunk", pins, chunk=MEASURED_CHUNK)
    make_up_chunks(services(), pins)
    pins = step("embeddings_encode_tracks", pins)
    job("mood_train", "--pins", json.dumps(pins), "--run", "night")
    pins = step("mood_predict_tracks", pins)
    pins = step("vectors_assemble_tracks", pins)
    job("recommender_train", "--pins", json.dumps(pins), "--run", "night")
    step("recommender_publish_release", pins)
    for name, event in IN_PASSING.items():
        measured.send(name, event)
    for event in ASKED:
        answer, _, elapsed_s = api.send(event)
        assert answer["statusCode"] == 200, answer
        measured.note("api", elapsed_s, api.peak_memory_mb, api.peak_disk_mb)
    before = services().releases.list()[0]
    erased = [
        measured.send("api_erase_listeners", queue_event({"listener_id": one, "erased_at_uts": NOW_UTS}))
        for one in (LISTENER, OTHER)
    ]
    left = services().releases.list()

    assert [loaded, *erased] == [{"batchItemFailures": []}] * 3
    assert [one.release for one in left] == [services().releases.current().release]
    assert left[0].counts["listeners"] == before.counts["listeners"] - 2
    assert left[0].counts["tracks"] == before.counts["tracks"] - 1
    assert set(measured.figures) == set(functions())
    for name, took in measured.figures.items():
        assert took["seconds"] <= MOST_SHARE * took["of_seconds"], name
        assert took["memory_mb"] <= MOST_SHARE * took["of_memory_mb"], name
        assert took["disk_mb"] <= MOST_SHARE * took["of_disk_mb"], name
