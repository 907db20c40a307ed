"""What `sam build` made, as SAM's own tools run it: an image, and a zip over its layers.

It needs a container engine and what `sam build` made, as `.ci/aws-check` leaves them, and is skipped without.
"""

import json
import os
import subprocess
import time

import httpx
import pytest

from tests.api.gateway_events import gateway_event
from tests.built import BUILT
from tests.deployment import REPOSITORY, functions
from tests.lambda_machine import free_port

pytestmark = pytest.mark.slow
SAM = REPOSITORY / ".venv-sam/bin/sam"
OWN = {  # instead of names of resources, which SAM leaves as they are
    "TIMBRAL_STORE_ROOT": "memory://",
    "TIMBRAL_S3_ENDPOINT": "http://127.0.0.1:9",
}
EVENTS = {"Api": gateway_event("GET", "/healthz"), "RawPinTables": {"run": "check", "pins": {}}}
PATIENCE_S = 240


@pytest.fixture(scope="module")
def sam(engine, tmp_path_factory):
    """SAM's command line with what it is to be asked with, in the folder that it built in."""
    if BUILT is None:
        pytest.skip("TIMBRAL_BUILT names nothing that `sam build` made")
    variables = tmp_path_factory.mktemp("sam") / "variables.json"
    queues = {
        name for one in functions().values() for name in variables_of(one) if name.endswith("_QUEUE_URL")
    }
    variables.write_text(json.dumps({"Parameters": OWN | dict.fromkeys(queues, "http://127.0.0.1:9/queue")}))
    given = ["--env-vars", str(variables), "--skip-pull-image"]
    given += ["--parameter-overrides", "JwtIssuer=https://id.example JwtAudience=timbral"]
    options = {
        "cwd": BUILT.parent.parent,
        "env": os.environ | {"DOCKER_HOST": engine.address, "SAM_CLI_TELEMETRY": "0"},
    }
    return lambda *words: ([str(SAM), "local", *words, *given], options)


def variables_of(function):
    """Return the names of a function's own environment variables."""
    return function.get("Environment", {}).get("Variables", {})


def is_as_expected(name, answer):
    """Say whether a function has answered from within: an empty store is told apart from a broken image."""
    if name == "Api":
        return answer["statusCode"] == 200 and json.loads(answer["body"])["status"] == "ok"
    return answer["errorType"] == "InvalidRequest" and "nothing has been imported" in answer["errorMessage"]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_sam_invokes_what_it_built(sam, name):
    command, options = sam("invoke", name, "--event", "-")

    done = subprocess.run(
        command, check=False, input=json.dumps(EVENTS[name]), capture_output=True, text=True, **options
    )

    answers = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert answers, done.stderr[-2_000:]
    assert is_as_expected(name, json.loads(answers[-1])), answers


def test_sam_stands_for_lambda_itself(sam, tmp_path):
    port = free_port()
    command, options = sam("start-lambda", "--port", str(port))
    address = f"http://127.0.0.1:{port}/2015-03-31/functions"
    with (tmp_path / "sam.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **options)
    try:
        answers = {name: asked(f"{address}/{name}/invocations", event) for name, event in EVENTS.items()}
    finally:
        server.terminate()
        server.wait(timeout=60)

    assert all(is_as_expected(name, answer) for name, answer in answers.items()), answers


def asked(address, event):
    """Send an event once somebody listens; return the answer."""
    ends_at_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return httpx.post(address, json=event, timeout=PATIENCE_S).json()
        except httpx.ConnectError:
            assert time.monotonic() < ends_at_s, "SAM's stand-in doesn't listen"
            time.sleep(0.3)
