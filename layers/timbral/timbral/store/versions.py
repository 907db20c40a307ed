"""What a bucket keeps of objects that were deleted or replaced, and how it is made to forget.

A versioned bucket keeps them for a while, as a way back from a mistake. Whoever is erased must not be in
them either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Versions(Protocol):
    """Versions of objects that nobody can read by their key any more."""

    def forget(self, prefix: str) -> int:
        """Delete, for good, all that was deleted or replaced below a prefix.

        Returns:
            How many versions there were.

        Raises:
            StoreError: The store refused or failed.
        """


class NoVersions:
    """Of a folder, which keeps nothing that was deleted or replaced."""

    def forget(self, prefix: str) -> int:
        """Do nothing; see `Versions.forget`."""
        del prefix
        return 0


class BucketVersions:
    """Versions in a bucket.

    Args:
        client: A client of S3.
        bucket: The bucket.
        prefix: The store's place in it; may be empty.

    Source:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
    """

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""

    def forget(self, prefix: str) -> int:
        """Delete what is not current; see `Versions.forget`.

        The marks that say that something was deleted go last: without its mark an object would be back.
        """
        count = 0
        for are_marks in (False, True):
            for page in self._pages(self._root + prefix):
                found = page.get("DeleteMarkers" if are_marks else "Versions", ())
                old = [one for one in found if are_marks or not one["IsLatest"]]
                self._delete([{"Key": one["Key"], "VersionId": one["VersionId"]} for one in old])
                count += len(old)
        return count

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("list_object_versions")
        found: Iterator[dict[str, Any]] = iter(pages.paginate(Bucket=self._bucket, Prefix=prefix))
        return found

    def _delete(self, versions: list[dict[str, str]]) -> None:
        if not versions:
            return
        asked = {"Objects": versions, "Quiet": True}
        failed = self._client.delete_objects(Bucket=self._bucket, Delete=asked).get("Errors", [])
        if failed:
            first = failed[0]
            msg = f"{len(failed)} versions can't be deleted, the first for {first.get('Code')!r}"
            raise StoreError(msg)
