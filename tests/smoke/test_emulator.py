"""Functions under Lambda's own runtime emulator, with their built layers alone, over an S3 server."""

import importlib.util
import os
import platform
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.built import build_layers, find_python, layer_folders
from tests.deployment import FUNCTIONS, REPOSITORY
from tests.functions.queue_events import object_created, queue_event

pytestmark = pytest.mark.slow
MACHINE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "")
CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
PLAYS = b"artist,track,uts\nNina Simone,Sinnerman,1700000000\nCan,Vitamin C,1700000300\n"


def find_emulator():
    """Return the emulator: the one named in TIMBRAL_EMULATOR, or the one that aws-sam-cli ships."""
    spec = importlib.util.find_spec("samcli")
    shipped = [
        Path(place) / "local/rapid" for place in (spec.submodule_search_locations or [] if spec else [])
    ]
    named = [Path(os.environ["TIMBRAL_EMULATOR"])] if "TIMBRAL_EMULATOR" in os.environ else []
    return next(
        (
            path
            for path in [*named, *(folder / f"aws-lambda-rie-{MACHINE}" for folder in shipped)]
            if path.is_file()
        ),
        None,
    )


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """The emulator, a Python as on Lambda, its runtime client and the built layers."""
    emulator, python = find_emulator(), find_python()
    if emulator is None:
        pytest.skip("there is no Lambda runtime emulator: set TIMBRAL_EMULATOR, or install aws-sam-cli")
    if python is None:
        pytest.skip("there is no python3.13 to build layers with")
    place = tmp_path_factory.mktemp("runtime")
    entries = (REPOSITORY / "functions/api/requirements.txt").read_text().replace("\\\n", " ").splitlines()
    (place / "client.txt").write_text("\n".join(line for line in entries if line.split("==")[0] in CLIENT))
    install = ["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    where = ["--target", str(place / "client"), "--requirement", str(place / "client.txt")]
    subprocess.run([python, "-m", "pip", *install, *where], check=True)
    return emulator, python, place / "client", build_layers(python, place / "layers")


@pytest.fixture
def invoke(runtime, bucket, s3_options, tmp_path):
    """Start a function's emulator, send it one event, and stop it."""
    emulator, python, client, layers = runtime

    def send(name, event):
        port, api = free_port(), free_port()
        packages = [layers / layer / "python" for layer in layer_folders(name)]
        environment = {
            "PYTHONPATH": os.pathsep.join(map(str, [FUNCTIONS / name, *packages, client])),
            "PATH": os.defpath,
            "HOME": str(tmp_path),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
            "AWS_REGION": s3_options["region"],
            "AWS_ACCESS_KEY_ID": s3_options["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": s3_options["secret_access_key"],
            "TIMBRAL_STORE_ROOT": f"s3://{bucket}/main",
            "TIMBRAL_S3_ENDPOINT": s3_options["endpoint"],
            "TIMBRAL_S3_REGION": s3_options["region"],
            "POWERTOOLS_SERVICE_NAME": "timbral",
            "POWERTOOLS_METRICS_NAMESPACE": "Timbral",
        }
        addresses = [
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{port}",
            "--runtime-api-address",
            f"127.0.0.1:{api}",
        ]
        command = [emulator, *addresses, python, "-m", "awslambdaric", "handler.handler"]
        with (tmp_path / f"{name}.log").open("w") as log:
            process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
        try:
            return post(f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations", event)
        finally:
            process.terminate()
            process.wait()

    return send


def post(address, event):
    for _ in range(100):
        try:
            return httpx.post(address, json=event, timeout=90).json()
        except httpx.ConnectError:
            time.sleep(0.1)
    pytest.fail(f"nothing answers at {address}")


def test_a_file_in_the_inbox_becomes_features(invoke, bucket, s3_options):
    from timbral.store.obstore_objects import open_objects

    open_objects(f"s3://{bucket}/main", s3_options).put("raw/inbox/ada/plays.csv", PLAYS)
    landed = object_created(bucket, "main/raw/inbox/ada/plays.csv")

    loaded = invoke("raw_load_objects", queue_event(landed, {"detail": "nonsense"}))
    answer = invoke("raw_pin_tables", {"pins": {}})
    for name in ("core_map_tracks", "tags_aggregate_tracks", "features_snapshot_tracks"):
        answer = invoke(name, {"pins": answer["pins"]})

    assert loaded == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert answer["report"]["stage"] == "features"
    assert {"track_feature_view", "listener_plays", "tracks_core"} <= set(answer["pins"])


def test_a_bad_event_is_an_error_that_names_its_field(invoke):
    answer = invoke("vectors_assemble_tracks", {"pins": {"track_vector": "latest"}})

    assert answer["errorType"] == "InvalidInput"
    assert "pins.track_vector" in answer["errorMessage"]


def test_a_release_that_nobody_made_is_refused(invoke):
    answer = invoke("recommender_publish_release", {"pins": {"track_vector": "0" * 32}})

    assert answer["errorType"] == "NotFound"
