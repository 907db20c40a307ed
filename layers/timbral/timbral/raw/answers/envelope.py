"""An answer as the store keeps it: what was asked, and the JSON that came back, byte for byte."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.digests import digest_bytes, digest_json
from timbral.errors import ContractBroken
from timbral.store.listeners import listener_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.store.objects import Objects

ANSWERS = "answers"
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Asked:
    """What was asked, without any secret.

    Attributes:
        provider: The service.
        kind: What of it, mostly the endpoint's own name: `timbral.raw.answers.registry` knows who reads it.
        observed_at_uts: When it answered, in Unix seconds.
        listener_id: Whose answer it is; None for what is nobody's, such as tags and albums.
        params: What the question said and a reader needs.
    """

    provider: str
    kind: str
    observed_at_uts: int
    listener_id: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """Where answers of this kind lie."""
        root = "raw" if self.listener_id is None else listener_prefix("raw", self.listener_id)
        return f"{root}/{ANSWERS}/{self.provider}/{self.kind}"


@dataclass(frozen=True)
class StoredAnswer:
    """An answer read back.

    Attributes:
        key: Where it lies.
        asked: What was asked.
        value: The JSON value that came back.
    """

    key: str
    asked: Asked
    value: Any


def keep_answer(objects: Objects, asked: Asked, body: bytes) -> str:
    """Keep an answer as it came; the same answer to the same question lies in the same place.

    Args:
        objects: The store.
        asked: The question.
        body: The JSON that came back; it has been parsed once, so it is JSON.

    Returns:
        Its key.
    """
    asked_json = orjson.dumps(asdict(asked), option=orjson.OPT_SORT_KEYS)
    data = b'{"asked":' + asked_json + b',"answer":' + body.removeprefix(_MARK) + b"}"
    question = digest_json([asked.params])[:8]
    key = f"{asked.prefix}/{asked.observed_at_uts:010d}-{question}-{digest_bytes(data)}.json"
    objects.put(key, data)
    return key


def read_answer(objects: Objects, key: str) -> StoredAnswer:
    """Read a kept answer.

    Raises:
        NotFound: There is none under that key.
        ContractBroken: What lies there was not written by `keep_answer`.
    """
    return open_answer(key, objects.get(key))


def open_answer(key: str, data: bytes) -> StoredAnswer:
    """Read a kept answer from its bytes.

    Raises:
        ContractBroken: They were not written by `keep_answer`.
    """
    try:
        document = orjson.loads(data)
        return StoredAnswer(key, Asked(**document["asked"]), document["answer"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"object {key!r} is no answer as they are kept: {error}"
        raise ContractBroken(msg) from error
