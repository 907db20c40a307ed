"""The way of every request through the API, from the first line to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from timbral.api.admission import admit
from timbral.api.answer import answer_of
from timbral.api.compression import compressed
from timbral.api.freshness import marked
from timbral.api.problems import refusal, unforeseen
from timbral.api.straight import ask
from timbral.errors import TimbralError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

    from timbral.api.answer import Answer
    from timbral.api.identity import Identity
    from timbral.api.routes.short_way import ShortWay


class Door:
    """Lets requests in, has them answered and sees their answers out.

    It stands before routing, so that a route added later is closed without anybody thinking of it.

    Args:
        identity: Tells who is asking.
        most_body_bytes: The largest body let in.
        short_way: Answers plain requests.
        framework: Answers all others.
    """

    def __init__(
        self, identity: Identity, most_body_bytes: int, short_way: ShortWay, framework: ASGIApp
    ) -> None:
        self._identity = identity
        self.most_body_bytes = most_body_bytes
        self._short_way = short_way
        self._framework = framework

    def answer(self, scope: Scope, body: bytes) -> Answer:
        """Answer a request; what fails is answered, too.

        Args:
            scope: The request's ASGI scope.
            body: Its body.
        """
        try:
            admit(scope, body, self._identity, self.most_body_bytes)
            answer = self._short_way.answer(scope) or ask(self._framework, scope, body)
        except (TimbralError, HTTPException) as error:
            answer = answer_of(refusal(error))
        except Exception as error:  # noqa: BLE001  it is in the log, and whoever asks must be told something
            answer = answer_of(unforeseen(error))
        return compressed(scope, marked(scope, answer))
