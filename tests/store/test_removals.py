"""A row that takes its key back hides it, in whatever order parts arrive, and outlives compaction."""

import pyarrow as pa
import pytest

from timbral.core.latest import open_latest
from timbral.tables.raw import USER_SCROBBLES_RAW


def play(observed_at_uts, *, was_removed=None):
    row = {
        "listener_id": "ada",
        "scrobbled_at_uts": 1_600_000_000,
        "artist": "Burial",
        "track": "Archangel",
        "was_removed": was_removed,
        "source": "lastfm",
        "observed_at_uts": observed_at_uts,
    }
    return pa.Table.from_pylist([row])


PARTS = {"said": play(1), "gone": play(2, was_removed=True)}


@pytest.mark.parametrize("order", [("said", "gone"), ("gone", "said")])
@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_play_that_is_taken_back_is_not_shown(folder_tables, order, is_compacted):
    for name in order:
        folder_tables.append(USER_SCROBBLES_RAW, PARTS[name], name)
        if is_compacted:
            folder_tables.compact(USER_SCROBBLES_RAW)
    pinned = folder_tables.pin(USER_SCROBBLES_RAW)
    reads = {"scrobbles": USER_SCROBBLES_RAW}

    assert folder_tables.read(USER_SCROBBLES_RAW, pinned).num_rows == 0
    with open_latest(folder_tables, {"user_scrobbles_raw": pinned}, reads) as engine:
        assert engine.sql("SELECT * FROM scrobbles").fetchall() == []


def test_a_play_that_comes_back_is_shown(folder_tables):
    for name, rows in {**PARTS, "again": play(3)}.items():
        folder_tables.append(USER_SCROBBLES_RAW, rows, name)

    found = folder_tables.read(USER_SCROBBLES_RAW, folder_tables.current(USER_SCROBBLES_RAW))

    assert found.num_rows == 1
