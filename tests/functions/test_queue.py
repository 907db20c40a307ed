"""From the bucket by a rule and a queue to the function, wired as the template says; poison is set aside."""

import json

import boto3
import pytest

from tests.deployment import functions, template
from tests.functions.conftest import PREFIX

PLAYS = b"artist,track,album,uts\nNina Simone,Sinnerman,Pastel Blues,1700000000\n"
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


def properties(name):
    return template()["Resources"][name]["Properties"]


@pytest.fixture
def client(s3_options):
    """Make a client of a service."""

    def make(service):
        return boto3.client(
            service,
            endpoint_url=s3_options["endpoint"],
            region_name=s3_options["region"],
            aws_access_key_id=s3_options["access_key_id"],
            aws_secret_access_key=s3_options["secret_access_key"],
        )

    return make


class Inbox:
    """The inbox's rule and queues, and what Lambda does between a queue and its function."""

    def __init__(self, deployment, client):
        self.deployment, self.sqs, self.s3 = deployment, client("sqs"), client("s3")
        self.dead, dead_arn = self.make_queue(f"{deployment.bucket}-failures", {})
        redrive = properties("InboxQueue")["RedrivePolicy"] | {"deadLetterTargetArn": dead_arn}
        self.queue, arn = self.make_queue(deployment.bucket, {"RedrivePolicy": json.dumps(redrive)})
        pattern = json.dumps(filled_in(properties("InboxRule")["EventPattern"], deployment.bucket))
        events = client("events")
        events.put_rule(Name=deployment.bucket, EventPattern=pattern)
        events.put_targets(Rule=deployment.bucket, Targets=[{"Id": "queue", "Arn": arn}])
        self.s3.put_bucket_notification_configuration(
            Bucket=deployment.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )

    def make_queue(self, name, attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def land(self, key, data):
        self.s3.put_object(Bucket=self.deployment.bucket, Key=f"{PREFIX}/{key}", Body=data)

    def messages(self, queue):
        """Return the messages of a queue; they can be seen again at once."""
        got = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return got.get("Messages", [])

    def hand_over(self):
        """Hand the queue's messages to the function, and take out those that it didn't fail."""
        if not (messages := self.messages(self.queue)):
            return
        records = [
            {"messageId": one["MessageId"], "body": one["Body"], "eventSource": "aws:sqs"} for one in messages
        ]
        try:
            answer = self.deployment.invoke("raw_load_objects", {"Records": records})
        except Exception:  # noqa: BLE001  when all fail the function raises, and all messages stay
            return
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for one in messages:
            if one["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=one["ReceiptHandle"])


def filled_in(value, bucket):
    """Put the bucket and the prefix into a part of the template."""
    if isinstance(value, list):
        return [filled_in(item, bucket) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return bucket
    if "Fn::Sub" in value:
        return value["Fn::Sub"].replace("${StorePrefix}", PREFIX)
    return {key: filled_in(item, bucket) for key, item in value.items()}


def scrobbles(deployment):
    from timbral.tables.raw import USER_SCROBBLES_RAW

    tables = deployment.services().tables
    return tables.read(USER_SCROBBLES_RAW, tables.pin(USER_SCROBBLES_RAW)).num_rows


def test_a_poison_message_is_set_aside_and_the_others_come_in(deployment, client):
    inbox = Inbox(deployment, client)
    inbox.land("raw/inbox/ada/plays.csv", PLAYS)
    inbox.land("raw/inbox/ada/noise.bin", bytes(range(256)))
    inbox.land("releases/unrelated.csv", PLAYS)

    for _ in range(5):
        inbox.hand_over()

    (poison,) = inbox.messages(inbox.dead)
    assert json.loads(poison["Body"])["detail"]["object"]["key"] == "main/raw/inbox/ada/noise.bin"
    assert inbox.messages(inbox.queue) == []
    assert scrobbles(deployment) == 1


def test_the_queue_waits_longer_than_the_function_may_take():
    timeout_s = functions()["raw_load_objects"].get("Timeout", template()["Globals"]["Function"]["Timeout"])

    assert properties("InboxQueue")["VisibilityTimeout"] >= 6 * timeout_s
