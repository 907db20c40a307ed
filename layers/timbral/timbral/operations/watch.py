"""A look at the whole once a day: is the release old, have tags drifted, did steps fail?

What is seen becomes metrics that alarms watch, and says whether moods must be learned anew. The look also
keeps the job log in few parts, and lists each table's files for engines that know no snapshots.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from timbral.errors import Conflict, NotFound
from timbral.mood.artifact import MANIFEST_FILE, PREFIX, MoodManifest
from timbral.mood.drift import MOST_DRIFT, read_tag_shares, total_variation
from timbral.stage import STAGES
from timbral.store.checkpoints import UNFINISHED
from timbral.store.vacuum import vacuum, vacuum_releases, vacuum_unfinished
from timbral.tables.catalogue import ALL_TABLES
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.runs import JOB_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.store.snapshots import Snapshot
    from timbral.tables.declaration import Table
    from timbral.wiring import Services

LISTINGS = "runs/listings"
"""``<table>/files.txt`` below it names the objects that make up a table, one address a line."""
MOST_LOG_PARTS = 64
LONGEST_STEP_S = 24 * 3_600
"""A step that began longer ago and never ended was cut off: no function or job may take so long."""
LOG_DAYS = 90
"""How long the job log's own small parts stay, which Athena reads."""
KEPT_RELEASES = 3
"""How many of the releases served before stay, for going back."""
_DAY_S = 24 * 3_600


@dataclass(frozen=True)
class Sight:
    """What a look sees.

    Attributes:
        release_age_hours: Hours since the served release was built; None if none is served.
        tag_drift: Share of tags' weight that moved since the mood model learned, 0..1; None without a model.
        failed_count: Attempts that failed within a day.
        cut_off_count: Attempts at steps never done that began a day to two days ago and never ended.
    """

    release_age_hours: float | None
    tag_drift: float | None
    failed_count: int
    cut_off_count: int

    @property
    def retrain_mood(self) -> bool:
        """Whether the drift asks for a new mood model."""
        return self.tag_drift is not None and self.tag_drift > MOST_DRIFT

    @property
    def gauges(self) -> dict[str, float]:
        """What is known of it, as metrics."""
        return {name: float(value) for name, value in asdict(self).items() if value is not None}


def count_failures(rows: Sequence[Mapping[str, Any]], now_uts: int) -> tuple[int, int]:
    """Count what went wrong.

    Args:
        rows: Of ``job_log``, one an attempt.
        now_uts: The present.

    Returns:
        Attempts that failed within a day, and those that were cut off a day to two days ago; not those of
        steps that were done in the end, as of jobs whose capacity was taken back.
    """
    done = {(row["run_id"], row["step"]) for row in rows if row["status"] == "done"}
    failed_count = cut_off_count = 0
    for row in rows:
        age_s = now_uts - row["at_ms"] / 1_000
        failed_count += row["status"] == "failed" and age_s < _DAY_S
        was_cut_off = row["status"] == "started" and (row["run_id"], row["step"]) not in done
        cut_off_count += was_cut_off and 0 <= age_s - LONGEST_STEP_S < _DAY_S
    return failed_count, cut_off_count


def look(services: Services, now_uts: int) -> Sight:
    """Look at the store.

    Args:
        services: Settings and adapters.
        now_uts: The present.
    """
    tables = services.tables
    log = tables.current(JOB_LOG)
    rows = tables.read(JOB_LOG, log, ["run_id", "step", "attempt", "status", "at_ms"]).to_pylist()
    pointer = services.releases.current()
    built_at_uts = services.releases.manifest(pointer.release).built_at_uts if pointer else None
    age_hours = None if built_at_uts is None else max(0, now_uts - built_at_uts) / 3_600
    return Sight(age_hours, _tag_drift(services), *count_failures(rows, now_uts))


def tidy_up(services: Services) -> dict[str, int]:
    """Compact the job log if it has come to many parts, and list every table's files.

    Returns:
        How many files each table has.
    """
    tables = services.tables
    if len(tables.current(JOB_LOG).parts) > MOST_LOG_PARTS:
        with contextlib.suppress(Conflict):  # another look did it
            tables.compact(JOB_LOG)
    counts = {}
    for table in ALL_TABLES:
        snapshot = _known(services, table)
        if snapshot is not None:
            lines = [f"{services.objects.root}/{part.key}\n" for part in snapshot.parts]
            services.objects.put(f"{LISTINGS}/{table.name}/files.txt", "".join(lines).encode())
            counts[table.name] = len(lines)
    return counts


def vacuum_store(services: Services, now: dt.datetime, grace: dt.timedelta) -> dict[str, int]:
    """Delete what nothing refers to any more: parts, snapshots and old releases.

    Args:
        services: Settings and adapters.
        now: The present.
        grace: How long a reader may take; what is younger is kept.

    Returns:
        How many objects were deleted, by table, ``unfinished`` or ``releases``; nothing where there were
        none.
    """
    counts = {}
    for table in ALL_TABLES:
        own = max(grace, dt.timedelta(days=LOG_DAYS)) if table.name == JOB_LOG.name else grace
        counts[table.name] = vacuum(services.objects, table, now, own)
    counts[UNFINISHED] = sum(vacuum_unfinished(services.objects, stage, now, grace) for stage in STAGES)
    counts["releases"] = vacuum_releases(services.objects, now, grace, KEPT_RELEASES)
    return {name: count for name, count in counts.items() if count}


def _known(services: Services, table: Table) -> Snapshot | None:
    try:
        return services.tables.current(table)
    except NotFound:
        return None


def _tag_drift(services: Services) -> float | None:
    version = services.artifacts(PREFIX).current()
    view = services.tables.head(TRACK_FEATURE_VIEW)
    if version is None or view is None:
        return None
    data = services.objects.get(f"{PREFIX}/{version}/{MANIFEST_FILE}")
    learned = MoodManifest.model_validate_json(data).tag_shares
    now = read_tag_shares(services.tables, {TRACK_FEATURE_VIEW.name: view})
    return total_variation(learned, now)
