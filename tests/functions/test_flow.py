"""The whole flow by its functions and jobs over S3, in the state machine's order."""

import importlib.util
import json

import pytest

from tests.api.gateway_events import gateway_event
from tests.deployment import REPOSITORY, allowed_keys, flow, logical_id, resources, statements
from tests.functions.conftest import Watched
from tests.functions.queue_events import object_created, queue_event

NOW_UTS = 1_767_225_600  # 1 January 2026


@pytest.fixture
def run_job(deployment, capsys, monkeypatch):
    """Run a job as its container would, held to its role's policy; return what it printed."""
    from timbral import wiring

    def run(name, arguments):
        role = resources("AWS::IAM::Role", "infra/batch.yaml")[f"{logical_id(name)}Role"]["Properties"]
        allowed = statements([policy["PolicyDocument"] for policy in role["Policies"]])
        reads, writes = (allowed_keys(allowed, f"s3:{action}Object") for action in ("Get", "Put"))
        services = deployment.services()
        vars(services)["objects"] = Watched(services.objects, reads, writes)
        spec = importlib.util.spec_from_file_location(name, REPOSITORY / "batch" / name / "job.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        capsys.readouterr()
        with monkeypatch.context() as patched:
            patched.setattr(wiring, "Services", lambda _settings: services)
            code = module.main(arguments)
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out.splitlines()[-1])

    return run


@pytest.fixture
def run_flow(deployment, run_job):
    """Walk the state machine from its start; return what each state's work reported."""

    def run():
        done, state, pins = {}, flow()["StartAt"], {}
        while state:
            step = flow()["States"][state]
            following = step.get("Next")
            if step["Resource"].endswith(":lambda:invoke"):
                answer = deployment.invoke(state, {"run": "nightly", "pins": pins})
                pins, done[state] = answer["pins"], answer["report"]
            elif step["Resource"].endswith(":headObject"):
                key = step["Parameters"]["Key"].removeprefix("${Prefix}/")
                if not deployment.services().objects.exists(key):
                    following = step["Catch"][0]["Next"]
            else:
                takes_pins = "Parameters" in step["Parameters"]
                done[state] = run_job(state, ["--pins", json.dumps(pins)] if takes_pins else [])
            state = following
        return done

    return run


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


@pytest.mark.slow
def test_files_in_the_inbox_become_recommendations_and_a_second_run_computes_nothing(
    deployment, run_flow, inbox, monkeypatch
):
    monkeypatch.setenv("TIMBRAL_ALS_FACTORS_COUNT", "16")

    loaded = deployment.invoke("raw_load_objects", queue_event(*inbox))
    first, second = run_flow(), run_flow()
    answer = deployment.invoke("api", gateway_event("GET", "/recs/home", listener="ada"))

    assert loaded == {"batchItemFailures": []}
    assert {"embeddings_publish", "mood_train"} <= set(first)
    assert first["recommender_publish_release"]["served"]
    assert not {"embeddings_publish", "mood_train"} & set(second)
    assert {
        name: report["computed_count"] for name, report in second.items() if "computed_count" in report
    } == (dict.fromkeys(set(second) - {"recommender_train", "recommender_publish_release"}, 0))
    assert second["recommender_publish_release"]["release"] == first["recommender_publish_release"]["release"]
    assert answer["statusCode"] == 200
    assert len(json.loads(answer["body"])["carousels"]) == 5
