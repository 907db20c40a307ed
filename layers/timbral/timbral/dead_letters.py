"""Where messages go that can't ever be taken in, each with its reason."""

from __future__ import annotations

from typing import Any, Protocol

LONGEST_REASON = 1_000
LONGEST_BODY_BYTES = 200_000  # a queue takes 256 KiB, attributes among them


class DeadLetters(Protocol):
    """Keeps messages for a person to look at."""

    def send(self, body: str, reason: str) -> None:
        """Keep a message.

        Args:
            body: The message as it came.
            reason: Why it can't be taken in.
        """


class QueuedDeadLetters:
    """Dead letters in a queue; the reason is the attribute ``reason``, so that the body can be sent again.

    Args:
        client: A client of SQS.
        queue_url: The queue.
    """

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, body: str, reason: str) -> None:
        """Send a message to the queue."""
        cut = body.encode()[:LONGEST_BODY_BYTES].decode("utf-8", "ignore")
        shown = reason[:LONGEST_REASON] or "unknown"
        attributes = {"reason": {"DataType": "String", "StringValue": shown}}
        self._client.send_message(
            QueueUrl=self._queue_url, MessageBody=cut or " ", MessageAttributes=attributes
        )
