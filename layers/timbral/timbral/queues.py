"""Messages to whoever does long work: a queue of AWS, or one in this process."""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import TYPE_CHECKING, Any, Protocol

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST_DELAY_S = 900
"""Longest that SQS holds a message back; whoever must wait longer is told again by the next message."""
MOST_WAITING = 10_000
BATCH_COUNT = 10  # messages that SQS takes at once


class MessageQueue(Protocol):
    """Carries messages, each at least once and in no order."""

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Send messages.

        Args:
            bodies: The messages.
            delay_s: How long they are held back, at most `LONGEST_DELAY_S`; longer is cut.

        Raises:
            StoreError: The queue took not all of them.
        """


class OrderedQueue(Protocol):
    """Hands messages over, in their order and one at a time, until each has been dealt with."""

    def send(self, body: str, message_id: str) -> None:
        """Ask for something.

        Args:
            body: The message.
            message_id: Its name; sent again within five minutes, it is one message.
        """


class SqsQueue:
    """A queue of SQS, or of a service that speaks it.

    Args:
        client: A client of SQS.
        queue_url: The queue.
    """

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Send messages; see `MessageQueue.send`."""
        seconds = min(LONGEST_DELAY_S, max(0, round(delay_s)))
        for begin in range(0, len(bodies), BATCH_COUNT):
            entries = [
                {"Id": str(number), "MessageBody": body, "DelaySeconds": seconds}
                for number, body in enumerate(bodies[begin : begin + BATCH_COUNT])
            ]
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            if failed := answer.get("Failed"):
                raise StoreError(f"the queue took {len(failed)} of {len(entries)} messages not")


class LocalQueue:
    """A queue within this process, for one machine that has no other.

    Args:
        monotonic_s: Seconds from any beginning.
    """

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._waiting: list[tuple[float, int, str]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Send messages; see `MessageQueue.send`."""
        due_s = self._monotonic_s() + min(LONGEST_DELAY_S, max(0.0, delay_s))
        with self._changed:
            if len(self._waiting) + len(bodies) > MOST_WAITING:
                raise StoreError(f"more than {MOST_WAITING} messages are waiting already")
            for body in bodies:
                heapq.heappush(self._waiting, (due_s, next(self._numbers), body))
            self._changed.notify()

    def take(self, timeout_s: float) -> str | None:
        """Return the next message that is due, or None if none is within the time."""
        until_s = self._monotonic_s() + timeout_s
        with self._changed:
            while (now_s := self._monotonic_s()) < until_s or timeout_s == 0:
                due_s = self._waiting[0][0] if self._waiting else until_s
                if self._waiting and due_s <= now_s:
                    return heapq.heappop(self._waiting)[2]
                if timeout_s == 0:
                    return None
                self._changed.wait(min(due_s, until_s) - now_s)
        return None


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
        """Send a message; see `OrderedQueue.send`."""
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageGroupId="all",
            MessageDeduplicationId=message_id,
        )
