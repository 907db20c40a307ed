"""Work that is asked for and done later, by somebody else."""

from __future__ import annotations

from typing import Any, Protocol


class Queue(Protocol):
    """Hands messages over, in their order and one at a time, until each has been dealt with."""

    def send(self, body: str, message_id: str) -> None:
        """Ask for something.

        Args:
            body: The message.
            message_id: Its name; sent again within five minutes, it is one message.
        """


class FifoQueue:
    """A first-in-first-out queue of SQS, all of whose messages wait for each other.

    Args:
        client: A client of SQS.
        queue_url: The queue.

    Source:
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, body: str, message_id: str) -> None:
        """Send a message; see `Queue.send`."""
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageGroupId="all",
            MessageDeduplicationId=message_id,
        )
