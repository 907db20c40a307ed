"""Dumps in files: JSON lists of albums and reviews, or one a line, compressed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import InvalidInput
from timbral.raw.aoty.documents import SOURCE, chunks_of
from timbral.raw.files.objects import read_objects
from timbral.raw.formats.format import Alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.head import Head
    from timbral.raw.formats.format import Reading


class AotyDump(Alone):
    """The layout of a dump, which is said to be one by the place where it lies, not by its content.

    ``album.schema.json`` and ``review.schema.json`` beside this module say what its documents must be.
    """

    name = "dump of albums and reviews"
    source = SOURCE

    def sniff(self, head: Head) -> None:
        """Know no file by its content: other catalogues in JSON look alike."""
        del head

    def lacks(self, head: Head) -> Sequence[str]:
        """Name what an album or a review must have."""
        return [name for name in ("artist", "title") if name not in head.object_fields]

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read a file.

        Raises:
            InvalidInput: It is no JSON.
        """
        if head.kind != "json":
            msg = f"{head.source.name} is no JSON: a dump is a list of albums and reviews, or one a line"
            raise InvalidInput(msg, "path")
        for found in read_objects(reading.open(head), is_lines=head.is_lines):
            yield from chunks_of(found)


AOTY_DUMP = AotyDump()
