"""A machine as Lambda's, and a store on an S3 server that it and this process see."""

import json
import os
from pathlib import Path

import pytest

from tests.built import build_layers, find_python, task_folder
from tests.lambda_machine import LambdaMachine, find_emulator, install_runtime


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """The emulator, a Python as on Lambda, its runtime's packages and the built layers."""
    emulator, python = find_emulator(), find_python()
    if emulator is None:
        pytest.skip("there is no Lambda runtime emulator: set TIMBRAL_EMULATOR, or `make .venv-sam/.ready`")
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
        "POWERTOOLS_SERVICE_NAME": "timbral",
        "POWERTOOLS_METRICS_NAMESPACE": "Timbral",
    }


@pytest.fixture
def invoke(machine, environment):
    """Send a function an event, on a machine of its own; return what became of it."""

    def send(name, event, **options):
        return machine.invoke(name, event, environment, task=task_folder(name), **options)

    return send


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
