"""The nightly state machine, executed from files in the inbox to recommendations, over S3.

Each function and job sees only what its own role allows.
"""

import importlib.util
import json

import boto3
import pytest

from tests.api.gateway_events import gateway_event
from tests.deployment import REPOSITORY, allowed_keys, functions, logical_id, resources, statements
from tests.emulated import Functions, Jobs, StateMachine, filled_in
from tests.functions.conftest import PREFIX, Watched
from tests.functions.queue_events import object_created, queue_event
from timbral.errors import StoreError
from timbral.operations import steps
from timbral.stage import STAGES
from timbral.tables.runs import JOB_LOG

NOW_UTS = 1_767_225_600  # 1 January 2026
JOBS = [path.parent.name for path in (REPOSITORY / "batch").glob("*/job.py")]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:No application metrics to publish"),  # a failed step has none
]


@pytest.fixture
def run_job(deployment, monkeypatch):
    """Run a job as its container would, held to its role's policy; return its exit status."""
    from timbral import wiring

    def run(name, parameters):
        definition = resources("AWS::Batch::JobDefinition", "infra/batch.yaml")[logical_id(name)][
            "Properties"
        ]
        command = definition["ContainerProperties"]["Command"][1:]
        given = definition["Parameters"] | dict(parameters)
        arguments = [given[word.removeprefix("Ref::")] if "Ref::" in word else word for word in command]
        role = resources("AWS::IAM::Role", "infra/batch.yaml")[f"{logical_id(name)}Role"]["Properties"]
        allowed = statements([policy["PolicyDocument"] for policy in role["Policies"]])
        own = (allowed_keys(allowed, f"s3:{action}Object") for action in ("Get", "Put", "Delete"))
        services = deployment.services()
        vars(services)["objects"] = Watched(services.objects, *own)
        spec = importlib.util.spec_from_file_location(name, REPOSITORY / "batch" / name / "job.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with monkeypatch.context() as patched:
            patched.setattr(wiring, "Services", lambda _settings: services)
            return module.main(arguments)

    return run


@pytest.fixture
def machine(deployment, run_job, s3_endpoint, monkeypatch):
    """The state machine over the deployment; ``machine.broken`` names stages and how often they fail."""
    broken, step_of = {}, steps.step_of

    def step_or_failure(services, stage):
        def fail(_pins, _progress):
            broken[stage] -= 1
            raise StoreError("the store can't be reached")

        return fail if broken.get(stage, 0) > 0 else step_of(services, stage)

    monkeypatch.setattr(steps, "step_of", step_or_failure)

    names = {"Partition": "aws", "Bucket": deployment.bucket, "Prefix": PREFIX, "JobQueue": "jobs"}
    names |= {logical_id(name): name for name in functions()}
    names |= {f"{logical_id(name)}Job": name for name in JOBS}
    definition = filled_in((REPOSITORY / "infra" / "flow.asl.json").read_text(), names)
    clients = {"lambda": Functions(deployment.invoke), "batch": Jobs(run_job), "s3": s3_client(s3_endpoint)}
    monkeypatch.setenv("TIMBRAL_ALS_FACTORS_COUNT", "16")
    monkeypatch.setenv("TIMBRAL_CHECKPOINT_EVERY_S", "0")  # as often as can be, so that roles are held to it
    found = StateMachine(s3_endpoint, definition, clients, monkeypatch)
    found.broken = broken
    return found


def s3_client(endpoint):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )


@pytest.fixture
def inbox(deployment, tmp_path):
    """Put the sample world's files into the inbox; return the events of it."""
    from timbral.sample.files import write_sample_files

    events = []
    for path in write_sample_files(tmp_path / "files", now_uts=NOW_UTS, listeners_count=40):
        key = f"raw/inbox/{path.stem}/{path.name}"
        deployment.services().objects.put_file(key, path)
        events.append(object_created(deployment.bucket, f"main/{key}"))
    return events


def put_mood_model_of_an_older_layout(objects):
    """Leave behind what an older version used: this one can't read it, and must have its own made."""
    objects.put("mood/model/current.json", b'{"version": "older"}')
    objects.put("mood/model/older/manifest.json", b'{"format": 3}')
    objects.put("mood/model/older/files.json", b"{}")


def logged(deployment, run):
    """Return a run's rows of the job log, in order."""
    tables = deployment.services().tables
    rows = tables.read(JOB_LOG, tables.current(JOB_LOG)).to_pylist()
    return sorted((row for row in rows if row["run_id"] == run), key=lambda row: row["started_at_ms"])


def test_nights_and_hours_from_files_to_recommendations(deployment, machine, run_job, inbox):
    loaded = deployment.invoke("raw_load_objects", queue_event(*inbox))
    put_mood_model_of_an_older_layout(deployment.services().objects)
    machine.broken["tags"] = 1
    first = machine.run({}, "first-night")
    second = machine.run({}, "second-night")
    quiet_hour = machine.run({"only": "news"}, "quiet-hour")
    more = b"artist,track,uts\nNina Simone,Sinnerman,1700000000\n"
    deployment.services().objects.put("raw/inbox/zoe/more.csv", more)
    deployment.invoke(
        "raw_load_objects", queue_event(object_created(deployment.bucket, "main/raw/inbox/zoe/more.csv"))
    )
    busy_hour = machine.run({"only": "news"}, "busy-hour")
    answer = deployment.invoke("api", gateway_event("GET", "/recs/home", listener="ada"))
    by_hand = {"pins": json.dumps(first.output["done"]["pins"])}
    others = ("recommender_evaluate", "recommender_tune")
    ended = [run_job(name, by_hand | {"trials": "1"}) for name in others]

    assert ended == [0, 0]
    assert loaded == {"batchItemFailures": []}
    assert [run.status for run in (first, second, quiet_hour, busy_hour)] == ["SUCCEEDED"] * 4, first.error
    assert {"embeddings_publish", "embeddings_encode_chunks", "mood_train"} <= set(first.states)
    assert first.output["done"]["report"]["served"]
    assert json.loads(answer["body"])["carousels"]

    done = [(row["step"], row["status"]) for row in logged(deployment, "first-night")]
    assert ("tags", "failed") in done
    assert ("tags", "done") in done
    assert sum(step.startswith("embeddings/") for step, _ in done) == 17
    stages = [step for step, status in done if step in STAGES and status == "done"]
    assert stages == list(STAGES[:-1])
    assert done[-1] == ("recommender/publish", "done")

    again = {row["step"]: row for row in logged(deployment, "second-night")}
    assert {row["computed_count"] for row in again.values()} == {0}
    assert not {"embeddings/publish", "mood/train"} & set(again)
    assert [row["step"] for row in logged(deployment, "quiet-hour")] == ["raw"]
    assert [row["step"] for row in logged(deployment, "busy-hour")] == list(STAGES[:-2])


def test_a_step_that_keeps_failing_ends_the_run_and_another_run_goes_on(deployment, machine, inbox):
    deployment.invoke("raw_load_objects", queue_event(*inbox))
    machine.broken["core"] = 5
    failed = machine.run({}, "bad-night")
    hourly = machine.run({"only": "news"}, "next-hour")

    assert failed.status == "FAILED"
    assert failed.error[0] == "StoreError"
    assert hourly.status == "SUCCEEDED"
    assert logged(deployment, "next-hour")[-1]["step"] == "vectors"


def test_a_run_over_nothing_succeeds_and_does_nothing(machine):
    run = machine.run({}, "first-night")

    assert run.status == "SUCCEEDED"
    assert run.states == ["raw_pin_tables", "nothing_yet"]
