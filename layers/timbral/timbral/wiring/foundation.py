"""The store and what lies nearest to it; the other rooms stand on it."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

if TYPE_CHECKING:
    from timbral.dead_letters import DeadLetters
    from timbral.embeddings.cross_encoder import OnnxCrossEncoder
    from timbral.embeddings.encoder import Encoder
    from timbral.job_log import JobLog
    from timbral.settings import Settings
    from timbral.store.artifacts import Artifacts
    from timbral.store.checkpoints import Checkpoint
    from timbral.store.objects import Objects
    from timbral.store.releases import Releases
    from timbral.store.tables import Tables
    from timbral.store.versions import Versions

ENCODER_PREFIX = "embeddings/encoder"


class Foundation:
    """The store, its tables, releases and artifacts, for one set of settings.

    Imports stand inside the methods: a function pays only for what it uses.

    Args:
        settings: All that can be set from outside.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = Event()
        """Set when this process was told to stop; see `checkpoint`."""

    @cached_property
    def objects(self) -> Objects:
        """The object store, refused if another version of Timbral wrote it."""
        from timbral.store.format import check_format
        from timbral.store.obstore_objects import open_objects

        objects = open_objects(self.settings.store_root, self.settings.s3_options)
        check_format(objects, create=True)
        return objects

    @cached_property
    def scratch(self) -> Path:
        """A local folder for copies and spills."""
        if self.settings.scratch is not None:
            self.settings.scratch.mkdir(parents=True, exist_ok=True)
            return self.settings.scratch
        self._temporary = tempfile.TemporaryDirectory(prefix="timbral-")
        return Path(self._temporary.name)

    @cached_property
    def tables(self) -> Tables:
        """The store's tables."""
        from timbral.store.engine import EngineLimits
        from timbral.store.tables import Tables

        limits = EngineLimits(self.settings.engine_memory_mb, self.settings.threads_count)
        return Tables(self.objects, self.scratch, limits)

    @cached_property
    def dead_letters(self) -> DeadLetters | None:
        """Where messages go that can't ever be taken in; None if there is no such queue."""
        if self.settings.dead_letter_queue_url is None:
            return None
        from timbral.dead_letters import QueuedDeadLetters

        return QueuedDeadLetters(self.sqs, self.settings.dead_letter_queue_url)

    @cached_property
    def sqs(self) -> Any:
        """A client of SQS, or of what speaks its language."""
        import boto3

        region = self.settings.s3_region
        return boto3.client("sqs", endpoint_url=self.settings.queue_endpoint, region_name=region)

    @cached_property
    def versions(self) -> Versions:
        """What the store keeps of objects that were deleted or replaced."""
        from timbral.store.versions import BucketVersions, NoVersions

        address = urlparse(self.settings.store_root)
        if address.scheme != "s3":
            return NoVersions()
        import boto3

        own = self.settings
        client = boto3.client("s3", endpoint_url=own.s3_endpoint, region_name=own.s3_region)
        return BucketVersions(client, address.netloc, address.path.strip("/"))

    @cached_property
    def releases(self) -> Releases:
        """The store's releases."""
        from timbral.store.releases import Releases

        return Releases(self.objects)

    def job_log(self, run_id: str, attempt: int = 0, worker: str | None = None) -> JobLog:
        """Return the log of one run.

        Args:
            run_id: The run.
            attempt: How often its steps had been tried before.
            worker: Who does them; what Lambda or Batch calls this process if None.
        """
        from timbral.job_log import JobLog, Worker

        platform = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") or os.environ.get("AWS_BATCH_JOB_ID")
        return JobLog(
            self.tables,
            run_id,
            Worker(worker or platform or "timbral", os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")),
            clock_ms=lambda: time.time_ns() // 1_000_000,
            memory_mb=peak_memory_mb,
            attempt=attempt or int(os.environ.get("AWS_BATCH_JOB_ATTEMPT", "1")) - 1,
        )

    def artifacts(self, prefix: str) -> Artifacts:
        """Return the artifacts of one kind."""
        from timbral.store.artifacts import Artifacts

        return Artifacts(self.objects, prefix, self.scratch)

    def checkpoint(self, stage: str) -> Checkpoint:
        """Return where a stage's long works keep how far they have come."""
        from timbral.store.checkpoints import UNFINISHED, Pace, StoredCheckpoint

        pace = Pace(self.settings.checkpoint_every_s, time.monotonic, self.stopping)
        return StoredCheckpoint(self.objects, f"{stage}/{UNFINISHED}", pace)

    @cached_property
    def encoder_version(self) -> str:
        """The encoder artifact in use, made from the model's weights if the store has none."""
        artifacts = self.artifacts(ENCODER_PREFIX)
        version = artifacts.current()
        return version if version is not None else self._export_encoder(artifacts)

    def _export_encoder(self, artifacts: Artifacts) -> str:
        from timbral.embeddings.export import export_encoder, find_default_source

        source = self.settings.encoder or find_default_source()
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            export_encoder(source, Path(folder) / "encoder", precision=self.settings.encoder_precision)
            return artifacts.publish(Path(folder) / "encoder")

    @cached_property
    def encoder(self) -> Encoder:
        """The text encoder."""
        from timbral.embeddings.encoder import OnnxEncoder

        folder = self.artifacts(ENCODER_PREFIX).folder(self.encoder_version)
        return OnnxEncoder(folder, threads=self.settings.threads_count)

    @cached_property
    def cross_encoder_version(self) -> str:
        """The cross-encoder artifact in use, made from a model's weights if the store has none.

        Raises:
            NotFound: The store has none, and there are no weights to make it from.
        """
        from timbral.embeddings.cross_encoder import CROSS_ENCODER_PREFIX
        from timbral.errors import NotFound

        artifacts = self.artifacts(CROSS_ENCODER_PREFIX)
        version = artifacts.current()
        if version is not None:
            return version
        source, precision = self.settings.cross_encoder, self.settings.encoder_precision
        if source is None:
            msg = (
                f"the store has nothing under {CROSS_ENCODER_PREFIX!r}: TIMBRAL_CROSS_ENCODER must name the "
                "folder of a model to make it from, or TIMBRAL_SEARCH_CROSS_ENCODER be unset"
            )
            raise NotFound(msg)
        from timbral.embeddings.export import export_cross_encoder

        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            export_cross_encoder(source, Path(folder) / "cross-encoder", precision=precision)
            return artifacts.publish(Path(folder) / "cross-encoder")

    @cached_property
    def cross_encoder(self) -> OnnxCrossEncoder:
        """What reads query and text together."""
        from timbral.embeddings.cross_encoder import CROSS_ENCODER_PREFIX, OnnxCrossEncoder

        folder = self.artifacts(CROSS_ENCODER_PREFIX).folder(self.cross_encoder_version)
        return OnnxCrossEncoder(folder, threads=self.settings.threads_count)


def peak_memory_mb() -> float:
    """Return the highest resident memory of this process so far, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
