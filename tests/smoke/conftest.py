"""A machine as Lambda's, and a store on an S3 server that it and this process see."""

import json
import os
import uuid
from pathlib import Path

import pytest

from tests.built import ZIPS, build_layers, find_python, task_folder
from tests.engine.__main__ import PLACE
from tests.engine.daemon import find_engine
from tests.lambda_containers import IMAGES, LambdaContainers, image_of
from tests.lambda_machine import LambdaMachine, find_emulator, install_runtime

JOBS = "timbre-recs:v1"


@pytest.fixture(scope="session")
def emulator():
    """Lambda's runtime emulator."""
    found = find_emulator()
    if found is None:
        pytest.skip("there is no Lambda runtime emulator: set TIMBRAL_EMULATOR, or `make .venv-sam/.ready`")
    return found


@pytest.fixture(scope="session")
def engine():
    """A container engine that has every image."""
    found = find_engine(PLACE)
    if found is None:
        pytest.skip("no container engine answers: `python -m tests.engine start` may start one")
    lacking = [image for image in (JOBS, *map(image_of, IMAGES)) if not found.has(image)]
    if lacking:
        pytest.skip(f"there is no image {lacking[0]}: `make aws-check` builds it")
    return found


@pytest.fixture(scope="session")
def containers(engine, emulator):
    """Runs functions that are images."""
    return LambdaContainers(engine, emulator)


@pytest.fixture(scope="session")
def machine(emulator, tmp_path_factory):
    """Runs functions that are zips: a Python as on Lambda, its runtime's packages and the built layers."""
    python = find_python()
    if python is None:
        pytest.skip("there is no python3.13 to build layers with")
    place = tmp_path_factory.mktemp("machine")
    layers = build_layers(python, tmp_path_factory.mktemp("layers"))
    return LambdaMachine(emulator, python, install_runtime(python, place), layers, place)


@pytest.fixture
def environment(bucket, s3_options):
    """What the template gives every function, for the S3 server."""
    return {
        "AWS_REGION": s3_options["region"],
        "AWS_ACCESS_KEY_ID": s3_options["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": s3_options["secret_access_key"],
        "TIMBRAL_STORE_ROOT": f"s3://{bucket}/main",
        "TIMBRAL_S3_ENDPOINT": s3_options["endpoint"],
        "TIMBRAL_S3_REGION": s3_options["region"],
        "TIMBRAL_ENGINE_MEMORY_MB": "1536",
        "TIMBRAL_THREADS_COUNT": "2",
        "TIMBRAL_ANSWERS_LAND_BY_EVENTS": "true",
        "POWERTOOLS_SERVICE_NAME": "timbral",
        "POWERTOOLS_METRICS_NAMESPACE": "Timbral",
        "TIMBRAL_ALS_FACTORS_COUNT": "16",
    }


@pytest.fixture
def invoke(request, environment):
    """Send a function an event, on a machine of its own; return what became of it."""

    def send(name, event, *, more=None, **options):
        variables = environment | (more or {})
        if name not in ZIPS:
            return request.getfixturevalue("containers").invoke(name, event, variables, **options)
        machine = request.getfixturevalue("machine")
        return machine.invoke(name, event, variables, task=task_folder(name), **options)

    return send


@pytest.fixture
def job(engine, environment):
    """Run a job in its container, on this host's network; return the line that it prints."""

    def run(name, *arguments):
        given = [f"--env={key}={value}" for key, value in environment.items()]
        named = ["--rm", "--network=host", f"--name=timbral-{name}-{uuid.uuid4().hex[:8]}"]
        done = engine.run("run", *named, *given, JOBS, f"batch.{name}.job", *arguments)
        assert done.returncode == 0, done.stderr[-2_000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture
def services(bucket, s3_options, monkeypatch):
    """Make services over the store, for what is done in process."""
    from timbral.settings import Settings
    from timbral.wiring import Services

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_options["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_options["secret_access_key"])
    place = {"store_root": f"s3://{bucket}/main", "s3_endpoint": s3_options["endpoint"]}

    def make(**given):
        return Services(Settings(**place, s3_region=s3_options["region"], **given))

    return make


def note_figures(name, figures):
    """Add figures to the file that TIMBRAL_FIGURES names, if it names one."""
    if path := os.environ.get("TIMBRAL_FIGURES"):
        known = json.loads(Path(path).read_text()) if Path(path).exists() else {}
        Path(path).write_text(json.dumps(known | {name: figures}, indent=2, sort_keys=True) + "\n")
