"""What Lambda would unpack: built as for a deployment, weighed, and imported with nothing else in reach."""

import os
import subprocess

import pytest

from tests.built import ZIPS, build_layer, build_layers, find_python, layer_folders
from tests.deployment import function_folders

LIMIT_BYTES = 262_144_000  # of a function and its layers, unpacked
pytestmark = pytest.mark.slow

PROGRAM = """
from types import SimpleNamespace
from handler import handler
names = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
record = {"messageId": "m0", "eventSource": "aws:sqs", "body": "{}"}
try:
    handler({"pins": {}, "Records": [record]}, SimpleNamespace(**dict.fromkeys(names, "1")))
except Exception as error:
    print("refused:", error)
"""
REFUSALS = (
    "InvalidInput: the event's field 'detail' is",
    "refused: nothing has been imported",
    "refused: the event has no field 'pins.",
    "refused: the store has nothing under 'embeddings/encoder'",
    "refused: no release was made",
    '"message":"the step is done"',  # the daily look finds nothing, and says so
)


@pytest.fixture(scope="session")
def python():
    """A Python of the version that Lambda runs."""
    found = find_python()
    if found is None:
        pytest.skip("there is no python3.13 to build layers with")
    return found


@pytest.fixture(scope="session")
def built(python, tmp_path_factory):
    """Folder of the built layers."""
    return build_layers(python, tmp_path_factory.mktemp("layers"))


def size_bytes(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", sorted(ZIPS))
def test_a_function_and_its_layers_fit_into_lambda(name, built):
    folders = {folder.name: folder for folder in function_folders()}
    parts = [folders[name], *(built / layer for layer in layer_folders(name))]

    total = sum(size_bytes(part) for part in parts)

    assert total <= LIMIT_BYTES


@pytest.mark.parametrize("name", sorted(ZIPS))
def test_a_function_starts_from_its_layers_alone(name, built, python, tmp_path):
    """On an empty store a step asks for what it lacks: by then the store is open and the stage imported."""
    folder = next(folder for folder in function_folders() if folder.name == name)
    paths = [folder, *(built / layer / "python" for layer in layer_folders(name))]
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "TIMBRAL_STORE_ROOT": str(tmp_path / "store"),
        "POWERTOOLS_SERVICE_NAME": "timbral",
        "POWERTOOLS_METRICS_NAMESPACE": "Timbral",
    }

    command = [python, "-S", "-W", "ignore", "-c", PROGRAM]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)

    assert any(refusal in done.stdout for refusal in REFUSALS), done.stdout


def test_a_layer_built_twice_is_the_same(built, python, tmp_path):
    again = tmp_path / "runtime"

    build_layer(python, "runtime", again)

    assert contents(again) == contents(built / "runtime")


def contents(folder):
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }
