"""Queues: the same for SQS and for one process."""

import threading
import uuid

import pytest

from timbral.errors import StoreError
from timbral.queues import LONGEST_DELAY_S, MOST_WAITING, LocalQueue, SqsQueue


class Sqs:
    """A queue of the emulator, and what a function would be handed."""

    def __init__(self, options):
        import boto3

        self.client = boto3.client(
            "sqs",
            endpoint_url=options["endpoint"],
            region_name=options["region"],
            aws_access_key_id="invented",
            aws_secret_access_key="invented",
        )
        self.url = self.client.create_queue(QueueName=f"pulls-{uuid.uuid4().hex}")["QueueUrl"]
        self.queue = SqsQueue(self.client, self.url)

    def take_all(self):
        bodies = []
        while found := self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in found]
        return bodies


class Local:
    """A queue of this process."""

    def __init__(self):
        self.queue = LocalQueue(lambda: 0.0)

    def take_all(self):
        return list(iter(lambda: self.queue.take(0), None))


@pytest.fixture(params=["sqs", "local"])
def carrier(request):
    return Sqs(request.getfixturevalue("s3_options")) if request.param == "sqs" else Local()


def test_every_message_arrives(carrier):
    bodies = [f"message {number}" for number in range(23)]

    carrier.queue.send(bodies)

    assert sorted(carrier.take_all()) == sorted(bodies)


def test_what_is_held_back_is_not_there_yet(carrier):
    carrier.queue.send(["later"], delay_s=LONGEST_DELAY_S * 2)
    carrier.queue.send(["now"])

    assert carrier.take_all() == ["now"]


def test_a_local_queue_hands_over_what_is_due_in_order_of_time():
    now_s = [0.0]
    queue = LocalQueue(lambda: now_s[0])
    queue.send(["second"], delay_s=20)
    queue.send(["first"], delay_s=10)
    now_s[0] = 30

    assert [queue.take(0), queue.take(0), queue.take(0)] == ["first", "second", None]


def test_a_waiting_worker_is_woken():
    import time

    queue, got = LocalQueue(time.monotonic), []
    worker = threading.Thread(target=lambda: got.append(queue.take(30)))
    worker.start()

    queue.send(["message"])
    worker.join(10)

    assert got == ["message"]


def test_a_local_queue_is_bounded():
    queue = LocalQueue(lambda: 0.0)
    queue.send(["message"] * MOST_WAITING)

    with pytest.raises(StoreError, match="waiting already"):
        queue.send(["one more"])
