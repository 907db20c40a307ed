"""Memory and time of each zip function over 100,000 tracks: a third and more of what it may take is left.

The limits are the template's. Without control groups memory can't be measured, and only time is held.
"""

import json

import pytest

from tests.functions.queue_events import object_created
from tests.lambda_machine import setting
from tests.recommender.stored_world import store_world
from tests.smoke.conftest import note_figures
from tests.world import make_world, track_vectors, write_world
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING

pytestmark = pytest.mark.slow
TRACKS_COUNT = 100_000
LISTENERS_COUNT = 2_000
BLOCKS_COUNT = 100  # their years stay within the table's
MOST_SHARE = 0.7


@pytest.fixture
def measured(invoke, request):
    """Send a function an event, note what it took, and hold it to its share."""
    figures = {}

    def send(name, event):
        done = invoke(name, event)
        assert isinstance(done.answer, dict), done.log[-2_000:]
        assert "errorMessage" not in done.answer, done.answer
        figures[name] = {
            "seconds": round(done.elapsed_s, 1),
            "of_seconds": setting(name, "Timeout"),
            "memory_mb": done.peak_memory_mb and round(done.peak_memory_mb),
            "of_memory_mb": setting(name, "MemorySize"),
        }
        return done.answer

    yield send
    note_figures(request.node.name, figures)
    for name, took in figures.items():
        assert took["seconds"] <= MOST_SHARE * took["of_seconds"], name
        assert (took["memory_mb"] or 0) <= MOST_SHARE * took["of_memory_mb"], name


def test_listening_becomes_features(measured, services, bucket, tmp_path):
    from timbral.operations import arrivals

    objects = services().objects
    landed = []
    for path in write_world(make_world(LISTENERS_COUNT, TRACKS_COUNT), tmp_path):
        objects.put_file(f"raw/inbox/{path.name}", path)
        landed.append(object_created(bucket, f"main/raw/inbox/{path.name}"))

    loaded = [arrivals.load_message(services(), json.dumps(event)) for event in landed]  # an image's work
    answer = measured("raw_pin_tables", {"pins": {}})
    for name in ("core_map_tracks", "tags_aggregate_tracks", "features_snapshot_tracks"):
        answer = measured(name, {"pins": answer["pins"]})

    assert all(report["rows_kept"] for report in loaded)
    assert answer["report"]["rows_count"] > TRACKS_COUNT / 2


def test_texts_and_moods_become_vectors(measured, services):
    import pyarrow as pa

    own = services()
    world = store_world(
        own.tables, listeners_count=LISTENERS_COUNT, tracks_count=TRACKS_COUNT, blocks_count=BLOCKS_COUNT
    )
    version = own.encoder_version
    vectors = track_vectors(world.world, dimension=own.encoder.dimension)
    rows = pa.table(
        {
            "track_id": world.track_ids,
            "vector": pa.array(list(vectors), pa.list_(pa.float32())),
            "texts_count": [1] * len(vectors),
            "input_hash": world.track_ids,
        }
    )
    snapshot, _ = own.tables.publish(TRACK_TEXT_EMBEDDING, [rows], version)
    pins = {name: found.id for name, found in world.pins.items()} | {TRACK_TEXT_EMBEDDING.name: snapshot.id}

    answer = measured("vectors_assemble_tracks", {"pins": pins})
    seen = measured("recommender_monitor_releases", {})

    assert answer["report"]["rows_count"] == TRACKS_COUNT
    assert seen["retrain_mood"] is False  # there is no model yet
