"""The release that is served now, reopened when the pointer moves."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Any

from timbral.errors import NotFound, TimbralError
from timbral.recommender.release.copies import LocalCopies
from timbral.recommender.release.lance import open_table
from timbral.recommender.release.layout import LANCE_FOLDER
from timbral.recommender.release.opened import OpenRelease
from timbral.recommender.release.view import ReleaseGone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from timbral.recommender.release.ports import TextEncoder
    from timbral.recommender.release.view import ReleaseView
    from timbral.store.releases import Manifest, Pointer, Releases

LOGGER = logging.getLogger("timbral.recommender")
LOOK_EVERY_S = 10.0
"""How long a moved pointer may go unseen."""
TRIED_BEFORE = 3
"""Of those served before the current release, how many a fresh process tries if that one can't be opened."""


class StoredFiles:
    """A release's files in the store, copied once where the store is remote.

    Args:
        releases: The store's releases.
        manifest: The release.
        cache: A local folder for copies.
    """

    def __init__(self, releases: Releases, manifest: Manifest, cache: Path) -> None:
        self.release = manifest.release
        self._releases = releases
        self._manifest = manifest
        self._cache = cache
        self._paths: dict[str, Path] = {}

    def path(self, name: str) -> Path:
        """Return a local file, fetched and checked the first time, and if its copy has been deleted.

        Raises:
            ReleaseGone: It isn't there any more.
        """
        if name not in self._paths or not self._paths[name].exists():
            try:
                self._paths[name] = self._releases.fetch(self._manifest, name, self._cache)
            except (NotFound, FileNotFoundError) as error:
                msg = f"release {self.release!r} is gone: it has no {name!r} any more"
                raise ReleaseGone(msg) from error
        return self._paths[name]

    def lance(self) -> Any:
        """Open the Lance table where it lies, or a copy of it where Lance can't reach the store."""
        location = self._releases.objects.lance_location(self._manifest.prefix)
        if location is not None:
            return open_table(location.uri, location.storage_options)
        for name in self._manifest.files:
            if name.startswith(f"{LANCE_FOLDER}/"):
                self.path(name)
        return open_table(str(self._cache / self._manifest.prefix))


class CurrentRelease:
    """Gives the view of the release that the pointer names, and keeps it while it stays.

    Args:
        releases: The store's releases.
        cache: A local folder for copies.
        encoder: Returns the encoder of a version.
        clock_s: A monotonic clock.
    """

    def __init__(
        self,
        releases: Releases,
        cache: Path,
        encoder: Callable[[], TextEncoder],
        clock_s: Callable[[], float],
    ) -> None:
        self._releases = releases
        self._copies = LocalCopies(cache)
        self._encoder = encoder
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._view: ReleaseView | None = None
        self._looked_at_s = float("-inf")

    def current(self) -> ReleaseView:
        """Return the served release; a request asks once and keeps what it got.

        Raises:
            NotFound: No release is served yet.
        """
        view = self._view
        if view is not None:
            # One request looks; the others are answered meanwhile from what there is.
            if self._lock.acquire(blocking=False):
                try:
                    self._look_again()
                finally:
                    self._lock.release()
                return self._view or view
            return view
        with self._lock:
            if self._view is None:
                self._look()
            if self._view is None:
                msg = "no release is served yet; `timbral run` builds one"
                raise NotFound(msg)
            return self._view

    def _look_again(self) -> None:
        """Look whether the pointer has moved, if it is time; what can't be opened is not served."""
        if self._clock_s() - self._looked_at_s < LOOK_EVERY_S:
            return
        try:
            self._look()
        except TimbralError as error:
            LOGGER.error("the served release stays, since the current one can't be opened: %s", error)  # noqa: TRY400  the sentence says it all

    def look_again(self) -> None:
        """See at the next request whether the pointer has moved, however short ago it was looked at."""
        with self._lock:
            self._looked_at_s = float("-inf")

    def moved_from(self, release: str) -> bool:
        """Return whether another release is served than one that failed, looking at the pointer at once.

        An erasure, for one, withdraws a release from under those who have it open.

        Args:
            release: The release that failed.
        """
        with self._lock:
            view = self._view
            if view is None or view.release == release:
                try:
                    self._look()
                except TimbralError as error:
                    LOGGER.error("release %r failed, and the current one can't be opened: %s", release, error)  # noqa: TRY400  the sentence says it all
            return self._view is not None and self._view.release != release

    def _look(self) -> None:
        """Open what the pointer names; if that fails because the pointer has moved on, what it names then."""
        self._looked_at_s = self._clock_s()
        pointer = self._releases.current()
        while pointer is not None and not (self._view and self._view.release == pointer.release):
            try:
                self._open(pointer.release)
            except TimbralError as error:
                moved = self._releases.current()
                if moved is None or moved.release == pointer.release:
                    if self._view is not None:
                        raise
                    self._open_one_before(pointer, error)
                    break
                pointer = moved
        if gone := self._copies.tidy():
            LOGGER.info("copies were deleted that nothing is answered from any more: %s", ", ".join(gone))

    def _open(self, release: str) -> None:
        manifest = self._releases.manifest(release)
        files = StoredFiles(self._releases, manifest, self._copies.folder)
        self._view = OpenRelease(files, self._encoder)
        self._copies.used_by(self._view, manifest.prefix)

    def _open_one_before(self, pointer: Pointer, error: TimbralError) -> None:
        """Open the latest release before the current one that can be; raise the error if none can."""
        for release in pointer.before[:TRIED_BEFORE]:
            with contextlib.suppress(TimbralError):
                self._open(release)
                LOGGER.error(
                    "release %r is served, since the current one can't be opened: %s", release, error
                )
                return
        raise error
