"""Answering from the first line to the last in one thread, without an event loop.

An answer is computed: nothing in it gains from taking turns with another one, and handing parts of it
to threads costs more than many a part itself. So the application's coroutines never wait. Lambda, which sends
one request at a time, drives them where it stands; a server with an event loop gives each a thread.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, TypeVar

from timbral.api.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Message, Receive, Scope

    Result = TypeVar("Result")

THREADS_COUNT = 16
"""Requests at work at once in a process; they wait for the store or compute without the global lock."""


GARBAGE_AFTER = 50_000


def collect_rarely() -> None:
    """Have this process look for cycles among its objects once in many answers, not several times in each.

    An answer makes thousands of objects that all go with it, none of them in a cycle: to look for some took a
    tenth of similar tracks.
    """
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])


def finish(work: Awaitable[Result]) -> Result:
    """Drive a coroutine that never waits to its end.

    Raises:
        RuntimeError: It waits: something in it asks for an event loop.
    """
    try:
        next(work.__await__())
    except StopIteration as done:
        result: Result = done.value
        return result
    msg = "an answer must not wait for an event loop: endpoints and dependencies run straight through"
    raise RuntimeError(msg)


def ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Have an application answer a request.

    Args:
        app: The application, whose coroutines never wait.
        scope: The request's.
        body: The request's.

    Raises:
        Exception: The application has failed before it said anything; what it fails of afterwards it has told
            both the log and who asks.
    """
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    try:
        finish(app(scope, receive, send))
    except Exception:
        if not told:
            raise
    start, *parts = told
    return Answer(start["status"], list(start["headers"]), b"".join(part.get("body", b"") for part in parts))


async def whole_body(receive: Receive, most_bytes: int) -> bytes:
    """Read a request's body; of a larger one only so much that this can be told."""
    parts, length = [], 0
    while length <= most_bytes:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if not message.get("more_body", False):
            break
    return b"".join(parts)
