"""Everything that is deployed, as it was built, from a file in the inbox to a page that is served.

Events go by rule and queue, the state machine is executed, zips run on a machine as Lambda's, images and
jobs in containers, and each speaks to the store over HTTP. It needs a container engine with the images, as
`.ci/aws-check` leaves them, and is skipped without.
"""

import base64
import json
import time

import httpx
import pytest

from tests.api.gateway_events import gateway_event
from tests.deployment import REPOSITORY, functions, logical_id
from tests.emulated import Functions, Jobs, StateMachine, filled_in
from tests.functions.conftest import PREFIX
from tests.functions.inbox import Inbox
from tests.functions.queue_events import queue_event
from tests.lambda_machine import free_port
from tests.smoke.conftest import JOBS as JOB_IMAGE
from tests.smoke.conftest import note_figures
from timbral.sample.files import write_sample_files
from timbral.store.checkpoints import INTERRUPTED, UNFINISHED
from timbral.tables.runs import JOB_LOG

pytestmark = pytest.mark.slow
NOW_UTS = 1_767_225_600  # 1 January 2026
JOBS = sorted(path.parent.name for path in (REPOSITORY / "batch").glob("*/job.py"))
UNFINISHED_FACTORS = f"recommender/{UNFINISHED}"
# Another release, by more iterations, of which each is kept.
OTHERWISE = {"TIMBRAL_SEED": "1", "TIMBRAL_ALS_ITERATIONS_COUNT": "100", "TIMBRAL_CHECKPOINT_EVERY_S": "0"}
NOWHERE = {"TIMBRAL_S3_ENDPOINT": "http://127.0.0.1:9"}
IN_PASSING = {  # what neither the flow nor the inbox nor the gateway starts
    "raw_pull_lastfm": queue_event({"kind": "everybody"}),
    "raw_pull_spotify": queue_event({"kind": "everybody"}),
    "raw_scrape_aoty": {},
    "recommender_monitor_releases": {"run": "morning"},
    "recommender_vacuum_store": {"run": "vacuum-1"},
}
ALBUM = {"artist": "Low", "title": "HEY WHAT", "genres": ["Slowcore"]}


class Deployed:
    """What is deployed, over one bucket.

    Args:
        bucket: The store's.
        send: Sends a function an event.
        job: Runs a job.
        interrupt: Has a job interrupted, and begun again.
    """

    def __init__(self, bucket, send, job, interrupt):
        self.bucket, self._send, self._job, self.interrupt = bucket, send, job, interrupt
        self.environment, self.cut_off, self.answered = {}, {}, set()
        self.took_s = {}

    def invoke(self, name, event):
        """Send a function an event; its error is raised under its own name."""
        is_cut_off = self.cut_off.get(name, 0) > 0
        self.cut_off[name] = self.cut_off.get(name, 0) - 1
        done = self._send(name, event, more=self.environment | (NOWHERE if is_cut_off else {}))
        if not isinstance(done.answer, dict) or "errorType" in done.answer:
            answer = done.answer if isinstance(done.answer, dict) else {"errorType": "Runtime.ExitError"}
            raise type(answer["errorType"], (Exception,), {})(answer.get("errorMessage", done.log[-500:]))
        self.answered.add(name)
        return done.answer

    def run_job(self, name, parameters):
        """Run a job with its parameters; return its exit status."""
        began_s = time.monotonic()
        given = [word for key, value in parameters.items() for word in (f"--{key}", value)]
        self._job(name, *given)
        self.took_s[name] = round(time.monotonic() - began_s, 1)
        return 0


@pytest.fixture
def interrupt(engine, environment, job, services):
    """Train in a container, tell it to stop once it has kept something, and train again.

    Returns the first one's exit status, what it kept, the second one's report and what it kept.
    """

    def kept():
        return list(services().objects.list(UNFINISHED_FACTORS))

    def run(pins):
        environment.update(OTHERWISE)
        arguments = ["--pins", pins, "--run", "interrupted"]
        given = [f"--env={key}={value}" for key, value in environment.items()]
        command = ["run", "--detach", "--network=host", *given, JOB_IMAGE, "batch.recommender_train.job"]
        box = engine.run(*command, *arguments).stdout.strip()
        try:
            while engine.run("inspect", "--format", "{{.State.Running}}", box).stdout.strip() == "true":
                if kept():
                    engine.run("stop", "--time", "60", box)
            status = int(engine.run("inspect", "--format", "{{.State.ExitCode}}", box).stdout)
        finally:
            engine.run("rm", "--force", box)
        return status, kept(), job("recommender_train", *arguments)["report"], kept()

    return run


@pytest.fixture
def deployed(bucket, invoke, job, interrupt):
    return Deployed(bucket, invoke, job, interrupt)


@pytest.fixture
def flow(deployed, client, s3_endpoint, monkeypatch):
    """The nightly state machine."""
    names = {"Partition": "aws", "Bucket": deployed.bucket, "Prefix": PREFIX, "JobQueue": "jobs"}
    names |= {logical_id(name): name for name in functions()}
    names |= {f"{logical_id(name)}Job": name for name in JOBS}
    definition = filled_in((REPOSITORY / "infra" / "flow.asl.json").read_text(), names)
    clients = {
        "lambda": Functions(deployed.invoke, at_once=2),
        "batch": Jobs(deployed.run_job),
        "s3": client("s3"),
    }
    return StateMachine(s3_endpoint, definition, clients, monkeypatch)


def kafka_event():
    """Return the event of a stream that brings one album."""
    value = base64.b64encode(json.dumps(ALBUM).encode()).decode()
    record = {"topic": "albums", "partition": 0, "offset": 0, "timestamp": 1_000 * NOW_UTS, "value": value}
    record |= {"timestampType": "CREATE_TIME", "key": "a2V5", "headers": []}
    return {
        "eventSource": "aws:kafka",
        "bootstrapServers": "b-1.invalid:9092",
        "records": {"albums-0": [record]},
    }


@pytest.fixture
def inbox(deployed, client, s3_endpoint):
    """The inbox, its dead letters and the queue of erasures, all known to the functions."""
    found = Inbox(deployed, client)
    erasures, _ = found.make_queue(f"{deployed.bucket}.fifo", {"FifoQueue": "true"})
    deployed.environment = {
        "TIMBRAL_QUEUE_ENDPOINT": s3_endpoint,
        "TIMBRAL_DEAD_LETTER_QUEUE_URL": found.dead,
        "TIMBRAL_ERASURE_QUEUE_URL": erasures,
    }
    return found


def test_from_the_inbox_to_a_page_and_to_an_erasure(deployed, inbox, flow, services, tmp_path):
    for path in write_sample_files(tmp_path / "files", now_uts=NOW_UTS, listeners_count=40):
        inbox.land(f"raw/inbox/{path.stem}/{path.name}", path.read_bytes())
    inbox.land("raw/inbox/ada/noise.bin", bytes(range(256)))
    for _ in range(5):
        inbox.hand_over()
    streamed = deployed.invoke("raw_load_objects", kafka_event())

    deployed.cut_off["tags_aggregate_tracks"] = 1
    night = flow.run({}, "night", timeout_s=900)
    page = deployed.invoke("api", gateway_event("GET", "/recs/home", listener="ada"))
    for name, event in IN_PASSING.items():
        deployed.invoke(name, event)
    by_hand = {"pins": json.dumps(night.output["done"]["pins"]), "run": "night"}
    deployed.run_job("recommender_evaluate", by_hand)
    deployed.run_job("recommender_tune", by_hand | {"trials": "1"})
    status, kept, went_on, left = deployed.interrupt(by_hand["pins"])
    asked = deployed.invoke("api", gateway_event("DELETE", "/listeners/me", listener="ada"))
    (message,) = inbox.messages(deployed.environment["TIMBRAL_ERASURE_QUEUE_URL"])
    erased = deployed.invoke("api_erase_listeners", queue_event(json.loads(message["Body"])))

    note_figures("jobs_in_containers_s", deployed.took_s)
    (poison,) = inbox.messages(inbox.dead)
    assert "noise.bin" in poison["Body"]
    assert inbox.messages(inbox.queue) == []
    assert streamed["set_aside"] == {}
    assert night.status == "SUCCEEDED", night.error
    assert night.output["done"]["report"]["served"]
    tags = [row["status"] for row in logged(services()) if row["step"] == "tags"]
    assert tags[-1] == "done"
    assert json.loads(page["body"])["carousels"]
    assert (status, bool(kept), left) == (INTERRUPTED, True, [])
    assert went_on["computed_count"]
    assert {*deployed.took_s, "api_serve", "embeddings_export"} == set(JOBS)
    assert (asked["statusCode"], erased) == (202, {"batchItemFailures": []})
    assert deployed.answered == set(functions())


def logged(services):
    """Return the rows of the job log, in order."""
    rows = services.tables.read(JOB_LOG, services.tables.current(JOB_LOG)).to_pylist()
    return sorted(rows, key=lambda row: row["started_at_ms"])


def test_the_export_job_makes_an_encoder(job):
    assert job("embeddings_export", "--destination", "/tmp/encoder")["dimension"] == 384  # noqa: S108  the container's own


def test_the_api_serves_from_its_container(engine, environment):
    port = free_port()
    given = ["batch.api_serve.job", "--host", "127.0.0.1", "--port", str(port)]
    tokens = {"TIMBRAL_JWT_ISSUER": "https://id.example", "TIMBRAL_JWT_AUDIENCES": '["timbral"]'}
    variables = [f"--env={name}={value}" for name, value in (environment | tokens).items()]
    box = engine.run("run", "--detach", "--network=host", *variables, JOB_IMAGE, *given).stdout.strip()
    try:
        health = httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=10)
        answer = health.get(f"http://127.0.0.1:{port}/healthz")
        refused = health.get(f"http://127.0.0.1:{port}/recs/home")
    finally:
        engine.run("rm", "--force", box)

    assert answer.status_code in {200, 503}
    assert refused.status_code == 401
