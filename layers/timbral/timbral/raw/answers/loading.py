"""Kept answers into tables: at least once, in any order, the same bytes to the same place each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from timbral.digests import digest_text
from timbral.raw.answers.envelope import read_answer
from timbral.raw.answers.registry import reader_of
from timbral.raw.noting import Noting
from timbral.raw.ports import ImportTables

if TYPE_CHECKING:
    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.store.objects import Objects


class AnswerTables(ImportTables, Protocol):
    """Tables, and the objects that they lie among."""

    objects: Objects


@dataclass(frozen=True)
class Loaded:
    """What became of an answer.

    Attributes:
        rows_kept: Rows written, by table.
        quarantined: Rows set aside, by field and reason.
    """

    rows_kept: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)


def load_answer(tables: AnswerTables, key: str) -> Loaded:
    """Turn a kept answer into rows.

    A part's name is a function of the answer's key, and keys hold the digest of what they name.

    Args:
        tables: The store.
        key: The answer's.

    Raises:
        NotFound: There is no such answer.
        ContractBroken: It is none, or nobody reads its kind.
    """
    return load_read(tables, read_answer(tables.objects, key))


def load_read(tables: AnswerTables, answer: StoredAnswer) -> Loaded:
    """Turn an answer that was read already into rows; what it tells of a listener is noted besides.

    Raises:
        ContractBroken: Nobody reads its kind.
    """
    kept: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    noting, listener = Noting(tables), answer.asked.listener_id
    part = f"{answer.asked.provider}-{digest_text(answer.key)}"
    for landing in reader_of(answer.asked)(answer, lambda key: read_answer(tables.objects, key)):
        if not landing.rows.num_rows and not landing.rejects:
            continue
        appended = noting.append(landing.table, landing.rows, part, landing.rejects, answer.key)
        kept[landing.table.name] += appended.rows_count
        quarantined.update(appended.quarantined)
    if listener and (heard := noting.heard()):
        tables.note_heard(listener, heard)
    return Loaded(dict(kept), dict(quarantined))
