"""From a request to be erased, by a queue, to a bucket that has no version of anything of theirs."""

import io
import json

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.api.gateway_events import gateway_event
from tests.deployment import functions, resources, template
from tests.functions.conftest import PREFIX
from tests.recommender.stored_world import store_world
from timbral.progress import Silent
from timbral.tables.raw import USER_SCROBBLES_RAW

SOMEBODY, OTHER = "listener000003", "listener000004"
ALONE = "Onlymine Quartet"
NOON_UTS = 1_767_225_600

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


@pytest.fixture
def client(s3_options):
    """Make a client of a service."""

    def make(service):
        return boto3.client(service, endpoint_url=s3_options["endpoint"], region_name=s3_options["region"])

    return make


@pytest.fixture
def queue(deployment, client, monkeypatch):
    """The queue of the template, as a queue of the API's and the function's environment."""
    asked = template()["Resources"]["ErasureQueue"]["Properties"]
    attributes = {"FifoQueue": str(asked["FifoQueue"]).lower(), "VisibilityTimeout": "0"}
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=f"{deployment.bucket}.fifo", Attributes=attributes)["QueueUrl"]
    monkeypatch.setenv("TIMBRAL_ERASURE_QUEUE_URL", url)
    monkeypatch.setenv("TIMBRAL_QUEUE_ENDPOINT", sqs.meta.endpoint_url)
    return url


def scrobble(listener, artist, part):
    row = {"listener_id": listener, "artist": artist, "track": f"Song {part}", "source": "x"}
    return pa.Table.from_pylist([row | {"scrobbled_at_uts": NOON_UTS + part, "observed_at_uts": 0}])


@pytest.fixture
def served(deployment, client, queue):
    """A versioned bucket with a release that knows both, and with traces of what was before."""
    from timbral.recommender.models.als import AlsSettings
    from timbral.recommender.run import RecommenderSettings, run

    del queue
    client("s3").put_bucket_versioning(
        Bucket=deployment.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    services = deployment.services()
    world = store_world(services.tables, listeners_count=40, tracks_count=80)
    run(
        services.tables,
        services.releases,
        world.pins,
        Silent(),
        settings=RecommenderSettings(als=AlsSettings(factors=8, iterations=3), encoder="none"),
        now_uts=NOON_UTS,
    )
    for part in range(3):
        services.tables.append(USER_SCROBBLES_RAW, scrobble(SOMEBODY, ALONE, part), f"a{part}")
        services.tables.append(USER_SCROBBLES_RAW, scrobble(OTHER, "Air", part), f"b{part}")
    services.tables.compact(USER_SCROBBLES_RAW)
    services.objects.put(f"raw/inbox/{SOMEBODY}/mine.csv", b"artist,track\nOnlymine Quartet,Song 1\n")
    services.objects.delete([f"raw/inbox/{SOMEBODY}/mine.csv"])
    services.serving.keeping.pick(SOMEBODY, ["0" * 32], ["dub"])
    return services


def versions(deployment, client):
    """Yield every version of every object, unpacked."""
    s3 = client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=deployment.bucket):
        for one in page.get("Versions", ()):
            got = s3.get_object(Bucket=deployment.bucket, Key=one["Key"], VersionId=one["VersionId"])
            data = got["Body"].read()
            if one["Key"].endswith(".parquet"):
                data = repr(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
            yield one["Key"].removeprefix(f"{PREFIX}/"), data


def mentions(deployment, client, *texts):
    found = versions(deployment, client)
    return [key for key, data in found for text in texts if text.encode() in data or text in key]


def ask(deployment, method, path, listener=SOMEBODY):
    answer = deployment.invoke("api", gateway_event(method, path, listener=listener))
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def hand_over(deployment, client, queue):
    """Hand the queue's message to the function as Lambda does; return what the queue keeps for failures."""
    got = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    records = [
        {
            "messageId": one["MessageId"],
            "body": one["Body"],
            "eventSource": "aws:sqs",
            "attributes": {"MessageGroupId": "all"},
        }
        for one in got
    ]
    assert len(records) == 1
    return deployment.invoke("api_erase_listeners", {"Records": records})["batchItemFailures"]


def test_whoever_asks_is_marked_at_once_and_then_erased_from_every_version(deployment, client, queue, served):
    del served
    assert ask(deployment, "GET", "/recs/home")[1]["basis"] == "history"
    assert len(mentions(deployment, client, SOMEBODY, ALONE)) > 10

    status, promised, headers = ask(deployment, "DELETE", "/listeners/me")
    assert (status, promised["status"]) == (202, "accepted")
    assert ask(deployment, "GET", "/recs/home")[1]["basis"] == "popular"
    assert ask(deployment, "GET", headers["location"])[1] == promised

    assert hand_over(deployment, client, queue) == []

    assert mentions(deployment, client, SOMEBODY, ALONE) == []
    receipt = ask(deployment, "GET", headers["location"])[1]
    assert receipt["status"] == "done"
    assert receipt["rows_count"]["user_scrobbles_raw"] == 3
    assert ask(deployment, "GET", "/recs/home")[1]["basis"] == "popular"
    assert ask(deployment, "GET", headers["location"], OTHER)[0] == 404
    assert ask(deployment, "GET", "/recs/home", OTHER)[1]["basis"] == "history"
    assert len(mentions(deployment, client, OTHER)) > 2


def test_a_message_that_comes_twice_changes_nothing(deployment, client, queue, served):
    del served
    _, _, headers = ask(deployment, "DELETE", "/listeners/me")
    hand_over(deployment, client, queue)

    assert hand_over(deployment, client, queue) == []

    assert mentions(deployment, client, SOMEBODY, ALONE) == []
    assert ask(deployment, "GET", headers["location"])[1]["status"] == "done"


def test_the_queue_is_seen_again_after_the_function_must_have_ended():
    found = resources("AWS::SQS::Queue")["ErasureQueue"]["Properties"]
    timeout_s = functions()["api_erase_listeners"].get(
        "Timeout", template()["Globals"]["Function"]["Timeout"]
    )

    assert found["VisibilityTimeout"] > timeout_s
