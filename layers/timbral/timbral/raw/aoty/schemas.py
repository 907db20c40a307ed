"""What a dump's albums and reviews must be, as JSON Schema; the schemas ship with the package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import orjson
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.exceptions import ValidationError

Kind = Literal["album", "review"]

_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
}


_REASONS = {
    "minimum": "is below {limit:g}",
    "maximum": "is above {limit:g}",
    "minLength": "is empty",
    "maxLength": "is longer than {limit} characters",
    "pattern": "is no ISO 8601 date: 2009, 2009-03 or 2009-03-15",
    "oneOf": "is neither a name nor an object with a name and a weight of 1 to 100",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a document.

    Attributes:
        field: The field at fault, the first part of the path to it.
        reason: What is wrong, and what is allowed; values are not in it, so that reasons can be counted.
    """

    field: str
    reason: str


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """Return the schema of albums or of reviews, in JSON Schema 2020-12."""
    loaded: dict[str, Any] = orjson.loads(files(__package__).joinpath(f"{kind}.schema.json").read_bytes())
    return loaded


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))


def kind_of(document: Mapping[str, Any]) -> Kind:
    """Tell a review from an album: a review is what has a text, or says which review it is."""
    return "review" if "text" in document or "review_id" in document else "album"


def flaw_of(kind: Kind, document: Mapping[str, Any]) -> Flaw | None:
    """Hold a document against its schema.

    Returns:
        The first thing that is wrong, in the order of the schema's fields; None if nothing is.
    """
    if _validator(kind).is_valid(document):
        return None
    order = {name: place for place, name in enumerate(schema(kind)["properties"])}
    flaws = [_flaw(error) for error in _validator(kind).iter_errors(document)]
    return min(flaws, key=lambda flaw: (order.get(flaw.field, len(order)), flaw.reason))


def _flaw(error: ValidationError) -> Flaw:
    path = list(error.absolute_path)
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return Flaw(str(path[0]), f"has an item without {missing!r}") if path else Flaw(missing, "is missing")
    return Flaw(str(path[0]) if path else "", _place(path[1:]) + _reason(error))


def _place(path: list[str | int]) -> str:
    """Say where within a field it is wrong, without the item's number, so that reasons can be counted."""
    if not path:
        return ""
    return f"has an item whose {path[-1]!r} " if isinstance(path[-1], str) else "has an item that "


def _reason(error: ValidationError) -> str:
    limit = error.validator_value
    if error.validator == "type":
        names = [limit] if isinstance(limit, str) else limit
        return f"is no {' or '.join(_TYPES[name] for name in names if name in _TYPES)}"
    return _REASONS.get(str(error.validator), "breaks the schema's rule {rule!r}").format(
        limit=limit, rule=error.validator
    )
