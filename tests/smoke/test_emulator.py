"""Functions under Lambda's own runtime emulator: its paths, their built layers, their memory.

The state machine's order. What are images there run in process here: they need a container engine.
"""

import json
from fnmatch import fnmatchcase

import pytest

from tests.deployment import allowed_keys, functions, statements
from tests.functions.queue_events import object_created

pytestmark = pytest.mark.slow
NOW_UTS = 1_767_225_600  # 1 January 2026


@pytest.fixture
def small(services, tmp_path):
    """Services with a small encoder and few factors."""
    from tests.embeddings.tiny_models import write_source

    write_source(tmp_path / "model", "bert")
    return services(encoder=tmp_path / "model", als_factors_count=16)


def in_process(services, stage, pins):
    """Do an image's or a job's step here, over the same pins."""
    from timbral.operations import events, running

    if stage == "recommender":
        return running.run_step(services, stage, {"run": "night", "pins": pins})
    step = next(step for step in services.stages.steps() if step.stage == stage)
    from timbral.progress import Silent

    result = step.run(events.pinned(services, {"pins": pins}), Silent())
    return {"pins": pins | {name: found.id for name, found in result.snapshots.items()}}


def test_a_night_from_files_to_a_served_release(invoke, small, bucket, tmp_path):
    from timbral.operations import arrivals
    from timbral.sample.files import write_sample_files

    landed = []
    for path in write_sample_files(tmp_path / "files", now_uts=NOW_UTS, listeners_count=40):
        small.objects.put_file(f"raw/inbox/{path.stem}/{path.name}", path)
        landed.append(object_created(bucket, f"main/raw/inbox/{path.stem}/{path.name}"))

    loaded = [arrivals.load_message(small, json.dumps(event)) for event in landed]
    answer = invoke("raw_pin_tables", {"run": "night", "pins": {}}).answer
    for name in ("core_map_tracks", "tags_aggregate_tracks", "features_snapshot_tracks"):
        answer = invoke(name, {"run": "night", "pins": answer["pins"]}).answer
    for stage in ("embeddings", "mood"):
        answer = in_process(small, stage, answer["pins"])
    answer = invoke("vectors_assemble_tracks", {"run": "night", "pins": answer["pins"]}).answer
    answer = in_process(small, "recommender", answer["pins"])
    published = invoke("recommender_publish_release", {"run": "night", "pins": answer["pins"]})
    seen = invoke("recommender_monitor_releases", {"run": "morning"})

    assert all(report["rows_kept"] for report in loaded)
    assert published.answer["report"]["served"] is True
    assert seen.answer["report"]["gauges"]["failed_count"] == 0
    assert seen.answer["retrain_mood"] is False
    assert small.serving.current_release.current().tracks_count > 100


def test_what_is_said_of_an_invocation_carries_its_run(invoke):
    done = invoke("raw_pin_tables", {"run": "night-7", "pins": {}})

    lines = [json.loads(line) for line in done.log.splitlines() if line.startswith("{")]
    assert {line["correlation_id"] for line in lines if "message" in line and "level" in line} == {"night-7"}


@pytest.mark.parametrize(
    ("name", "event", "error", "said"),
    [
        (
            "vectors_assemble_tracks",
            {"pins": {"track_vector": "latest"}},
            "InvalidInput",
            "pins.track_vector",
        ),
        ("recommender_publish_release", {"pins": {"track_vector": "0" * 32}}, "NotFound", "no release"),
        ("core_map_tracks", {}, "InvalidInput", "pins."),
    ],
)
def test_an_event_that_is_none_is_an_error_that_says_why(invoke, name, event, error, said):
    done = invoke(name, event)

    assert done.answer["errorType"] == error
    assert said in done.answer["errorMessage"]


def test_more_memory_than_the_template_gives_ends_the_function(machine, invoke):
    done = invoke("core_map_tracks", {}, memory_mb=48)
    if done.peak_memory_mb is None:
        pytest.skip("there are no control groups to enforce memory with")

    assert done.answer is None or done.answer.get("errorType", "").startswith("Runtime.")
    assert machine.is_sealed or done.status != 200


def test_every_function_is_allowed_what_it_did(invoke, services):
    """Objects that the smallest run wrote are ones that its function's policy names."""
    invoke("recommender_monitor_releases", {"run": "morning"})
    allowed = allowed_keys(
        statements(functions()["recommender_monitor_releases"]["Policies"]), "s3:PutObject"
    )

    written = {info.key for info in services().objects.list("")} - {"timbral.json"}
    assert written
    assert all(any(fnmatchcase(key, pattern) for pattern in allowed) for key in written)
