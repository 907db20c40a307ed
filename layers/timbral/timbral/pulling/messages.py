"""What the queues of pulls carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from timbral.errors import InvalidInput


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListenerMessage(_Message):
    """Pull one listener's account.

    Attributes:
        kind: Always ``listener``.
        listener_id: Whose.
        job_id: The job that it belongs to.
    """

    kind: Literal["listener"] = "listener"
    listener_id: str = Field(min_length=1, max_length=400)
    job_id: str = Field(pattern=r"^[0-9a-f]{32}$")


class EverybodyMessage(_Message):
    """Have every connected account pulled.

    Attributes:
        kind: Always ``everybody``.
        after: Where to go on: the key of the last account that was dealt with; empty to begin.
    """

    kind: Literal["everybody"] = "everybody"
    after: str = Field("", max_length=400)


class CatalogueMessage(_Message):
    """Ask for what the catalogue lacks.

    Attributes:
        kind: Always ``catalogue``.
        count: Questions at most.
    """

    kind: Literal["catalogue"] = "catalogue"
    count: int = Field(2_000, ge=1, le=1_000_000)


Message = ListenerMessage | EverybodyMessage | CatalogueMessage
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def read_message(body: str) -> Message:
    """Read a message of a queue.

    Raises:
        InvalidInput: It is none; the message names the field.
    """
    try:
        return _MESSAGE.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InvalidInput(f"the message's field {name!r}: {first['msg']}", name) from None
