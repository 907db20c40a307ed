"""`timbral run` killed at random points, and two runs at once: the tables are the same bytes in the end."""

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
    """Digest of every object outside releases, whose Lance files have names of their own."""
    objects = open_objects(str(store))
    return {
        info.key: digest_bytes(objects.get(info.key))
        for info in objects.list("")
        if not info.key.startswith("releases/")
    }


def release(store):
    """The served release's manifest without the time, and the digests of what isn't Lance's."""
    releases = Releases(open_objects(str(store)))
    manifest = releases.manifest(releases.current().release)
    files = {name: digest for name, digest in manifest.files.items() if not name.startswith("tracks.lance/")}
    return manifest.release, files, manifest.metrics, manifest.decision, manifest.counts


@pytest.fixture(scope="module")
def clean(tmp_path_factory, history, environment):
    store = tmp_path_factory.mktemp("clean") / "store"
    finish(timbral(store, environment, "import", str(history)))
    started_s = time.monotonic()
    finish(timbral(store, environment, "run"))
    return store, time.monotonic() - started_s


def test_a_run_killed_at_random_points_and_run_again_writes_the_same_bytes(
    clean, tmp_path, history, environment
):
    clean_store, took_s = clean
    store = tmp_path / "store"
    chance = random.Random(20)
    killed = 0
    finish(timbral(store, environment, "import", str(history)))
    for _ in range(KILLS):
        process = timbral(store, environment, "run")
        try:
            process.communicate(timeout=chance.uniform(0.15, 1.0) * took_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
    finish(timbral(store, environment, "run"))

    assert killed > 0
    assert contents(store) == contents(clean_store)
    assert release(store) == release(clean_store)


def test_an_import_killed_and_done_again_writes_the_same_bytes(tmp_path, history, environment, clean):
    store = tmp_path / "store"
    for delay_s in (0.3, 0.6, 0.9):
        process = timbral(store, environment, "import", str(history))
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    finish(timbral(store, environment, "import", str(history)))
    finish(timbral(store, environment, "run"))

    assert contents(store) == contents(clean[0])


def test_two_runs_at_once_write_what_one_writes(clean, tmp_path, history, environment):
    store = tmp_path / "store"
    finish(timbral(store, environment, "import", str(history)))
    runs = [timbral(store, environment, "run") for _ in range(2)]
    for process in runs:
        finish(process)

    assert contents(store) == contents(clean[0])
    assert release(store) == release(clean[0])


def test_a_second_run_computes_nothing(clean, environment):
    reports = finish(timbral(clean[0], environment, "run"))

    assert [report["computed_count"] for report in reports] == [0] * 8
    assert reports[0]["stage"] == "raw"
