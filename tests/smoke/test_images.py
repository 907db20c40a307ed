"""A night in containers: jobs in ``timbre-recs:v1``, functions in the images that SAM built.

It needs a container engine with those images, as `.ci/aws-check` leaves them, and is skipped without.
"""

import json
import shutil
import subprocess
import time

import httpx
import pytest

from tests.api.gateway_events import gateway_event
from tests.lambda_machine import TOLD, find_emulator, free_port, post
from tests.smoke.conftest import note_figures
from timbral.operations import publishing, running
from timbral.sample.files import write_sample_files

pytestmark = pytest.mark.slow
JOBS = "timbre-recs:v1"
IMAGES = {
    "embeddings_encode_chunk": "embeddingsencodechunk:embeddings_encode_chunk",
    "embeddings_encode_tracks": "embeddingsencodetracks:embeddings_encode_tracks",
    "mood_predict_tracks": "moodpredicttracks:mood_predict_tracks",
    "api": "api:api",
}
NOW_UTS = 1_767_225_600  # 1 January 2026


def docker(*arguments, **options):
    return subprocess.run(["docker", *arguments], check=False, capture_output=True, text=True, **options)


@pytest.fixture(scope="module", autouse=True)
def _engine():
    if shutil.which("docker") is None or docker("info").returncode:
        pytest.skip("no container engine answers")
    for image in (JOBS, *IMAGES.values()):
        if docker("image", "inspect", image).returncode:
            pytest.skip(f"there is no image {image}: `make aws-check` builds it")


@pytest.fixture
def variables(environment):
    """The store's variables, as options of ``docker run``."""
    more = {"TIMBRAL_ALS_FACTORS_COUNT": "16", "POWERTOOLS_TRACE_DISABLED": "true"}
    return [f"--env={name}={value}" for name, value in (environment | more).items()]


@pytest.fixture
def job(variables):
    """Run a job in its container, on this host's network; return the line that it prints."""
    took = {}

    def run(name, *arguments):
        started_s = time.monotonic()
        done = docker("run", "--rm", "--network=host", *variables, JOBS, f"batch.{name}.job", *arguments)
        assert done.returncode == 0, done.stderr[-2_000:]
        took[name] = round(time.monotonic() - started_s, 1)
        return json.loads(done.stdout.splitlines()[-1])

    yield run
    note_figures("jobs_in_containers_s", took)


@pytest.fixture
def image(variables):
    """Send an event to a function's image under the runtime emulator; return its answer."""
    emulator = find_emulator()
    if emulator is None:
        pytest.skip("there is no Lambda runtime emulator: set TIMBRAL_EMULATOR, or `make .venv-sam/.ready`")

    def send(name, event):
        port = free_port()
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        entry = ["--entrypoint=/rie", f"--volume={emulator}:/rie:ro", "--memory=3008m"]
        command = [*addresses, "/usr/bin/env", "python", "-m", "awslambdaric", "handler.handler"]
        limits = ["--env=AWS_LAMBDA_FUNCTION_TIMEOUT=900", f"--env=AWS_LAMBDA_FUNCTION_NAME={name}"]
        box = docker("run", "--detach", "--network=host", *entry, *limits, *variables, IMAGES[name], *command)
        container = box.stdout.strip()
        assert container, box.stderr
        try:
            answer, _ = post(TOLD.format(port=port), event)
        finally:
            log = docker("logs", container)
            docker("rm", "--force", container)
        assert isinstance(answer, dict), log.stderr[-2_000:]
        assert "errorMessage" not in answer, answer
        return answer

    return send


def test_a_night_of_images_and_jobs(job, image, services, tmp_path):
    from timbral.progress import Silent
    from timbral.raw.importing import import_path

    own = services()
    for path in write_sample_files(tmp_path / "files", now_uts=NOW_UTS, listeners_count=40):
        import_path(
            own.tables, path, listener=path.stem, progress=Silent(), now_uts=NOW_UTS, clock_s=time.monotonic
        )
    pins = {}
    for stage in ("raw", "core", "tags", "features"):
        pins = running.run_step(own, stage, {"run": "night", "pins": pins})["pins"]

    encoder = job("embeddings_publish", "--run", "night")
    chunk = image("embeddings_encode_chunk", {"run": "night", "pins": pins, "chunk": "7"})
    pins = image("embeddings_encode_tracks", {"run": "night", "pins": pins})["pins"]
    moods = job("mood_train", "--pins", json.dumps(pins), "--run", "night")
    pins = image("mood_predict_tracks", {"run": "night", "pins": pins})["pins"]
    pins = running.run_step(own, "vectors", {"run": "night", "pins": pins})["pins"]
    trained = job("recommender_train", "--pins", json.dumps(pins), "--run", "night")
    measured = job("recommender_evaluate", "--pins", json.dumps(pins), "--run", "night")
    published = publishing.publish_release(own, {"run": "night", "pins": pins})
    answer = image("api", gateway_event("GET", "/recs/home", listener="ada"))

    assert encoder["encoder_version"]
    assert chunk["report"]["computed_count"] > 0
    assert moods["version"]
    assert trained["report"]["notes"]["release"] == published["report"]["release"]
    assert measured["models"]
    assert published["report"]["served"]
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["carousels"]


def test_the_export_job_makes_an_encoder(variables):
    done = docker(
        "run",
        "--rm",
        *variables,
        JOBS,
        "batch.embeddings_export.job",
        "--destination",
        "/tmp/encoder",  # noqa: S108  the container's own
    )

    assert done.returncode == 0, done.stderr[-2_000:]
    assert json.loads(done.stdout.splitlines()[-1])["dimension"] == 384


def test_the_api_serves_from_its_container(variables):
    port = free_port()
    given = ["batch.api_serve.job", "--host", "127.0.0.1", "--port", str(port)]
    tokens = ["--env=TIMBRAL_JWT_ISSUER=https://id.example", '--env=TIMBRAL_JWT_AUDIENCES=["timbral"]']
    container = docker("run", "--detach", "--network=host", *tokens, *variables, JOBS, *given).stdout.strip()
    try:
        for _ in range(100):
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        else:
            pytest.fail(docker("logs", container).stderr[-2_000:])
    finally:
        docker("rm", "--force", container)

    assert answer.status_code in {200, 503}
