"""Answering from the first line to the last in one thread, without an event loop.

An answer is computed: nothing in it gains from taking turns with another one, and handing parts of it
to threads costs more than many a part itself. So the application's coroutines never wait. Lambda, which sends
one request at a time, drives them where it stands; a server with an event loop gives each a thread.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Answer = TypeVar("Answer")

THREADS_COUNT = 16
"""Requests at work at once in a process; they wait for the store or compute without the global lock."""


GARBAGE_AFTER = 50_000


def collect_rarely() -> None:
    """Have this process look for cycles among its objects once in many answers, not several times in each.

    An answer makes thousands of objects that all go with it, none of them in a cycle: to look for some took a
    tenth of similar tracks.
    """
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])


def finish(work: Awaitable[Answer]) -> Answer:
    """Drive a coroutine that never waits to its end.

    Raises:
        RuntimeError: It waits: something in it asks for an event loop.
    """
    try:
        next(work.__await__())
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    msg = "an answer must not wait for an event loop: endpoints and dependencies run straight through"
    raise RuntimeError(msg)


def drive(app: ASGIApp, scope: Scope, body: bytes, told: list[Message]) -> None:
    """Have an application answer a request that is whole.

    Args:
        app: The application, whose coroutines never wait.
        scope: The request's.
        body: The request's.
        told: What the application says is added here, also where it fails in the end.
    """

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    finish(app(scope, receive, send))


def in_a_loop() -> bool:
    """Return whether this thread runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Aside:
    """Gives each request a thread of its own where an event loop brings it.

    Args:
        app: The application, whose coroutines never wait.
        most_body_bytes: The largest body let in; of a larger one only so much is read that this can be told.
    """

    def __init__(self, app: ASGIApp, most_body_bytes: int) -> None:
        self.app = app
        self.most_body_bytes = most_body_bytes
        self.limiter = anyio.CapacityLimiter(THREADS_COUNT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not in_a_loop():
            await self.app(scope, receive, send)
            return
        body = await self._read(receive)
        answer = await anyio.to_thread.run_sync(self._answer, scope, body, limiter=self.limiter)
        for message in answer:
            await send(message)

    async def _read(self, receive: Receive) -> bytes:
        parts, length = [], 0
        while length <= self.most_body_bytes:
            message = await receive()
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if not message.get("more_body", False):
                break
        return b"".join(parts)

    def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        told: list[Message] = []
        drive(self.app, scope, body, told)
        return told
