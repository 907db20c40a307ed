"""The inbox as the template wires it: from the bucket by a rule and a queue to the function."""

import json

from tests.deployment import template
from tests.functions.conftest import PREFIX


def properties(name):
    return template()["Resources"][name]["Properties"]


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
