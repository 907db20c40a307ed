"""Work that is ended at a point of its own progress, and begun again: it ends as if nobody had disturbed it.

Each program runs in a process of its own and ends itself, or has itself told to stop, amid its work.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.deployment import REPOSITORY
from tests.recommender.stored_world import store_world
from timbral.settings import Settings
from timbral.store.checkpoints import INTERRUPTED
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases
from timbral.wiring import Services

PROGRAM = """
import os, signal, sys
from threading import Event
from timbral.operations.interruption import noticed
from timbral.store.checkpoints import Pace, StoredCheckpoint
from timbral.store.obstore_objects import open_objects

store, ends_after, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
stopping = Event()
# Killed without notice, it has what it kept before; told to stop, it keeps what it has then.
pace = Pace(0 if how == "SIGKILL" else 1e9, lambda: 0, stopping)
checkpoint = StoredCheckpoint(open_objects(store), "work", pace)

class Ending:
    done, is_over = 0, False
    def begin(self, task, total, unit): pass
    def advance(self, count=1):
        self.done += count
        if not self.is_over and 0 < ends_after <= self.done:
            self.is_over = True
            os.kill(os.getpid(), getattr(signal, how))

progress = Ending()
with noticed(stopping):
    {work}
print(progress.done)
"""
ALS = """
    from hashlib import sha256
    from tests.recommender.planted import plant
    from timbral.recommender.models.als import AlsSettings, train_als
    settings = AlsSettings(factors=8, iterations=12, threads=1)
    found = train_als(plant().interactions.plays, settings, progress, checkpoint)
    print(sha256(found.items.tobytes() + found.listeners.tobytes()).hexdigest())
"""
FOLDS = """
    from hashlib import sha256
    from tests.mood.planted import planted_examples
    from timbral.mood.training.held_out import hold_out_folds
    from timbral.mood.training.settings import TrainingSettings
    examples = planted_examples(tracks_count=160, artists_count=30, text=False)
    found = hold_out_folds(examples, TrainingSettings(folds_count=3), progress, checkpoint)
    answers = b"".join(found.answers[name].tobytes() for name in sorted(found.answers))
    print(sha256(answers).hexdigest(), found.thresholds, found.blend.to_json())
"""
TRIALS = """
    from tests.recommender.planted import plant
    from timbral.recommender.evaluation.tuning import inner_holdout, log_lines, tune
    inner = inner_holdout(plant().interactions, None, 0)
    print(log_lines(tune([inner], 4, 0, progress, checkpoint)))
"""
FINDINGS = """
    from tests.recommender.planted import plant
    from timbral.recommender.evaluation.evaluate import evaluate
    found = evaluate(plant().interactions, None, "holdout", 0, progress=progress, checkpoint=checkpoint)
    print(found.to_json())
"""


def run(work, store, ends_after=0, how="SIGKILL"):
    """Run a program; return its exit status and what it printed."""
    program = PROGRAM.replace("{work}", work.strip())
    command = [sys.executable, "-c", program, str(store), str(ends_after), how]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode in {0, -signal.SIGKILL, INTERRUPTED}, done.stderr[-2_000:]
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_factors_are_the_same_wherever_their_training_was_ended(tmp_path, how):
    _, undisturbed = run(ALS, tmp_path / "clean")
    ends = [run(ALS, tmp_path / "store", count, how)[0] for count in (3, 8)]
    kept = {info.key for info in open_objects(str(tmp_path / "store")).list("")}
    _, went_on = run(ALS, tmp_path / "store")

    assert ends == [-signal.SIGKILL if how == "SIGKILL" else INTERRUPTED] * 2
    assert kept == {"work"}
    assert went_on == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "ends_after"), [(FOLDS, 17), (TRIALS, 3), (FINDINGS, 90)], ids=["moods", "tuning", "evaluation"]
)
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_other_long_work_ends_the_same_too(tmp_path, work, ends_after, how):
    _, undisturbed = run(work, tmp_path / "clean")
    ended, _ = run(work, tmp_path / "store", ends_after, how)
    kept = list(open_objects(str(tmp_path / "store")).list(""))
    _, went_on = run(work, tmp_path / "store")

    assert ended == (-signal.SIGKILL if how == "SIGKILL" else INTERRUPTED)
    assert kept
    assert went_on[:-1] == undisturbed[:-1]


def start_training(store, pins):
    """Start the training job, which keeps its factors after every iteration."""
    command = [sys.executable, "-m", "batch.recommender_train.job", "--pins", json.dumps(pins)]
    own = {"TIMBRAL_STORE_ROOT": str(store), "TIMBRAL_CHECKPOINT_EVERY_S": "0"}
    few = {
        "TIMBRAL_ALS_FACTORS_COUNT": "8",
        "TIMBRAL_ALS_ITERATIONS_COUNT": "60",
        "TIMBRAL_THREADS_COUNT": "1",
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=os.environ | own | few, cwd=REPOSITORY, **pipes)


def registered(store, process):
    """Wait for a job; return its release but for Lance's files, whose names are their own."""
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error.decode()
    manifest = Releases(open_objects(str(store))).manifest(json.loads(out)["report"]["notes"]["release"])
    files = {name: digest for name, digest in manifest.files.items() if not name.startswith("tracks.lance/")}
    return manifest.release, files, manifest.metrics, manifest.counts


@pytest.mark.slow
def test_a_training_job_whose_capacity_is_taken_back_goes_on_where_it_was(tmp_path):
    stores = [tmp_path / "clean", tmp_path / "store"]
    for store in stores:
        world = store_world(
            Services(Settings(store_root=str(store))).tables, listeners_count=60, tracks_count=200
        )
    pins = {name: snapshot.id for name, snapshot in world.pins.items()}
    undisturbed = registered(stores[0], start_training(stores[0], pins))

    told = start_training(stores[1], pins)
    unfinished = stores[1] / "recommender" / "unfinished"
    while told.poll() is None and not list(unfinished.rglob("all-plays")):
        time.sleep(0.002)
    told.terminate()
    told.communicate(timeout=60)
    kept = list(unfinished.rglob("all-plays"))
    again = registered(stores[1], start_training(stores[1], pins))

    assert told.returncode == INTERRUPTED
    assert kept
    assert again == undisturbed
    assert not [path for path in unfinished.rglob("*") if path.is_file()]
