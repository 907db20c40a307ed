"""Local copies of releases' files: kept while they are answered from, deleted when they no longer are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from timbral.store.releases import RELEASES

if TYPE_CHECKING:
    from pathlib import Path


class LocalCopies:
    """The copies below one folder, each build's under its prefix.

    Processes may share the folder: one that still answers from a release whose copies another has deleted
    has them open, and fetches again what it hasn't.

    Args:
        folder: Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._users: WeakKeyDictionary[object, str] = WeakKeyDictionary()

    def used_by(self, user: object, prefix: str) -> None:
        """Keep a release's copies for as long as something that answers from them is alive.

        Args:
            user: What answers from them.
            prefix: The release's, in the store and below the folder.
        """
        self._users[user] = prefix

    def tidy(self) -> list[str]:
        """Delete the copies that nothing in this process answers from.

        Returns:
            The prefixes of those that went, ascending.
        """
        in_use = set(self._users.values())
        found = {str(copy.relative_to(self.folder)): copy for copy in self.folder.glob(f"{RELEASES}/*/*")}
        gone = sorted(found.keys() - in_use)
        for prefix in gone:
            shutil.rmtree(found[prefix], ignore_errors=True)
        return gone
