"""`timbral run` killed at random points, and two runs at once: the tables are the same bytes in the end."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import orjson
import pytest

from tests.embeddings.tiny_models import write_source
from tests.world import make_world, write_world
from timbral.digests import digest_bytes
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases

pytestmark = pytest.mark.slow
KILLS = 6


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    write_world(make_world(listeners_count=40, tracks_count=200), folder)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    source = tmp_path_factory.mktemp("model")
    write_source(source, "bert")
    return {**os.environ, "TIMBRAL_ENCODER": str(source), "TIMBRAL_ALS_FACTORS_COUNT": "16"}


def timbral(store, environment, *arguments):
    command = [sys.executable, "-m", "timbral", "--store", str(store), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error.decode()
    return [orjson.loads(line) for line in out.splitlines()]


def contents(store):
    """Digest of every object outside releases, whose Lance files have names of their own, and the log."""
    objects = open_objects(str(store))
    return {
        info.key: digest_bytes(objects.get(info.key))
        for info in objects.list("")
        if not info.key.startswith(("releases/", "runs/"))
    }


def release(store):
    """The served release's manifest without the time, and the digests of what isn't Lance's."""
    releases = Releases(open_objects(str(store)))
    manifest = releases.manifest(releases.current().release)
    files = {name: digest for name, digest in manifest.files.items() if not name.startswith("tracks.lance/")}
    return manifest.release, files, manifest.metrics, manifest.decision, manifest.counts


@pytest.fixture(scope="module")
def clean(tmp_path_factory, history, environment):
    """A store whose import and run nobody disturbed."""
    store = tmp_path_factory.mktemp("clean") / "store"
    finish(timbral(store, environment, "import", str(history)))
    finish(timbral(store, environment, "run"))
    return store


def written(store):
    """Count of the store's files."""
    return sum(path.is_file() for path in store.rglob("*"))


def kill_amid(process, store, files_count, delay_s):
    """Kill a process a moment after its store has so many files; tell whether it still ran."""
    while process.poll() is None and written(store) < files_count:
        time.sleep(0.005)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=delay_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_a_run_killed_at_random_points_and_run_again_writes_the_same_bytes(
    clean, tmp_path, history, environment
):
    store = tmp_path / "store"
    chance = random.Random(20)
    killed = []
    finish(timbral(store, environment, "import", str(history)))
    for _ in range(KILLS):
        missing_count = max(written(clean) - written(store), 0)
        goal_count = written(store) + int(chance.uniform(0, 0.5) * missing_count)
        process = timbral(store, environment, "run")
        killed.append(kill_amid(process, store, goal_count, chance.uniform(0, 0.5)))
    finish(timbral(store, environment, "run"))

    assert any(killed)
    assert contents(store) == contents(clean)
    assert release(store) == release(clean)


def test_an_import_killed_and_done_again_writes_the_same_bytes(tmp_path, history, environment, clean):
    store = tmp_path / "store"
    for delay_s in (0.3, 0.6, 0.9):
        process = timbral(store, environment, "import", str(history))
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    finish(timbral(store, environment, "import", str(history)))
    finish(timbral(store, environment, "run"))

    assert contents(store) == contents(clean)


def test_two_runs_at_once_write_what_one_writes(clean, tmp_path, history, environment):
    store = tmp_path / "store"
    finish(timbral(store, environment, "import", str(history)))
    runs = [timbral(store, environment, "run") for _ in range(2)]
    for process in runs:
        finish(process)

    assert contents(store) == contents(clean)
    assert release(store) == release(clean)


def test_a_second_run_computes_nothing(clean, environment):
    reports = finish(timbral(clean, environment, "run"))

    assert [report["computed_count"] for report in reports] == [0] * 8
    assert reports[0]["stage"] == "raw"
