"""Albums that were read from their pages: documents as in dumps, into the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.raw.answers.reading import Landing
from timbral.raw.aoty.documents import chunks_of
from timbral.raw.chunk import sift
from timbral.raw.files.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.raw.answers.reading import Fetch


def read_album(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read an album's document, with the reviews that stand in it."""
    found = Objects()
    found.add(answer.value, 1, "")
    landings = []
    for chunk in chunks_of(found, answer.asked.observed_at_uts):
        good, rejects = sift(chunk, answer.key)
        landings += [Landing(table, rows, rejects) for table, rows in good.outputs]
    return landings
