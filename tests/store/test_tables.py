"""Tables: parts with deterministic keys, latest-wins reads, compaction, quarantine, snapshots."""

import dataclasses
import datetime as dt
import itertools
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timbral.errors import Conflict, ContractBroken, NotFound
from timbral.store.compaction import current_parts, put_in_place
from timbral.store.obstore_objects import open_objects
from timbral.store.quarantine import Reject, read_quarantine
from timbral.store.tables import Tables
from timbral.store.vacuum import vacuum
from timbral.tables.raw import USER_SCROBBLES_RAW as SCROBBLES
from timbral.tables.tags import TRACK_TAGS

WHEN = 1_500_000_000


def scrobbles(*rows):
    """Rows of (listener, seconds after WHEN, track[, album[, observed_at_uts]])."""
    return pa.table(
        {
            "listener_id": [row[0] for row in rows],
            "scrobbled_at_uts": [WHEN + row[1] for row in rows],
            "artist": ["Low"] * len(rows),
            "track": [row[2] for row in rows],
            "album": pa.array([row[3] if len(row) > 3 else None for row in rows], pa.string()),
            "source": ["test"] * len(rows),
            "observed_at_uts": [row[4] if len(row) > 4 else 0 for row in rows],
        }
    )


def tags(*rows):
    return pa.table(
        {
            "track_id": [row[0] for row in rows],
            "tag": [row[1] for row in rows],
            "share": [row[2] for row in rows],
            "level": ["track"] * len(rows),
            "sources": [["test"]] * len(rows),
        }
    )


def read(tables, table=SCROBBLES, columns=("listener_id", "scrobbled_at_uts", "track", "album")):
    return tables.read(table, tables.pin(table), list(columns)).to_pylist()


def test_the_latest_row_of_a_key_wins_whatever_the_order_of_arrival(tables):
    tables.append(SCROBBLES, scrobbles(("ada", 0, "Lullaby", "new", 20)), "b")
    tables.append(SCROBBLES, scrobbles(("ada", 0, "Lullaby", "old", 10), ("ada", 5, "Words")), "a")

    assert [row["album"] for row in read(tables)] == ["new", None]


def test_the_same_part_written_twice_is_there_once(tables):
    for _ in range(2):
        tables.append(SCROBBLES, scrobbles(("ada", 0, "Lullaby")), "file-0")

    assert len(tables.pin(SCROBBLES).parts) == 1
    assert len(read(tables)) == 1


def test_a_bad_row_is_set_aside_with_its_reason_and_the_rest_goes_on(tables):
    done = tables.append(
        SCROBBLES,
        scrobbles(("ada", 0, "Lullaby"), ("", 1, "Words"), ("ada", -WHEN, "Fear")),
        "file-0",
        [Reject("file.csv:7", "uts", "is no number", "noon", "noon,Low,Cut")],
        where="file.csv",
    )

    assert done.rows_count == 1
    assert done.quarantined == {
        "uts is no number": 1,
        "listener_id is empty": 1,
        "scrobbled_at_uts is below 1.00984e+09": 1,
    }
    kept = [reject for name, reject in read_quarantine(tables.objects) if name == SCROBBLES.name]
    assert [reject.where for reject in kept] == ["file.csv:7", "file.csv row 1", "file.csv row 2"]
    assert "Words" in kept[1].row


def test_an_undeclared_or_absent_column_is_refused_by_name(folder_tables):
    with pytest.raises(ContractBroken, match="doesn't declare: colour"):
        folder_tables.append(SCROBBLES, scrobbles(("ada", 0, "x")).append_column("colour", [["red"]]), "p")
    with pytest.raises(ContractBroken, match="lack the required column 'artist'"):
        folder_tables.append(SCROBBLES, scrobbles(("ada", 0, "x")).drop_columns(["artist"]), "p")


def test_a_published_table_is_not_appended_to(folder_tables):
    with pytest.raises(ContractBroken, match="published whole"):
        folder_tables.append(TRACK_TAGS, tags(("1", "dub", 1.0)), "p")


def test_compaction_changes_no_row_and_leaves_one_part(tables):
    for number in range(5):
        tables.append(
            SCROBBLES, scrobbles(("ada", number, "a"), ("ada", 0, "b", str(number), number)), f"p{number}"
        )
    before = read(tables)

    tables.compact(SCROBBLES)

    assert read(tables) == before
    assert len(tables.pin(SCROBBLES).parts) == 1


def test_rows_that_land_during_and_after_a_compaction_are_kept(tables):
    tables.append(SCROBBLES, scrobbles(("ada", 0, "a")), "p0")
    seen = current_parts(tables.objects, SCROBBLES)
    tables.append(SCROBBLES, scrobbles(("ada", 1, "b")), "p1")
    put_in_place(tables.objects, SCROBBLES, seen, list(seen.keys))
    tables.append(SCROBBLES, scrobbles(("ada", 2, "c")), "p2")

    assert [row["track"] for row in read(tables)] == ["a", "b", "c"]


def test_of_two_compactions_at_once_the_second_changes_nothing(tables):
    tables.append(SCROBBLES, scrobbles(("ada", 0, "a")), "p0")
    seen = current_parts(tables.objects, SCROBBLES)
    tables.compact(SCROBBLES)

    with pytest.raises(Conflict):
        put_in_place(tables.objects, SCROBBLES, seen, ["raw/user_scrobbles_raw/compacted/other.0.parquet"])
    assert len(read(tables)) == 1


def test_a_pinned_snapshot_stays_as_it_was(tables):
    tables.append(SCROBBLES, scrobbles(("ada", 0, "a")), "p0")
    pinned = tables.pin(SCROBBLES)
    tables.append(SCROBBLES, scrobbles(("ada", 1, "b")), "p1")
    tables.compact(SCROBBLES)

    assert tables.read(SCROBBLES, pinned, ["track"]).to_pylist() == [{"track": "a"}]
    assert tables.pinned(SCROBBLES, pinned.id) == pinned


def test_a_table_that_was_never_published_is_not_found(tables):
    with pytest.raises(NotFound, match="'track_tags' was never published"):
        tables.pin(TRACK_TAGS)


def test_publishing_the_same_rows_writes_the_same_bytes(tables):
    rows = tags(*((f"{number:06}", "dub", 1.0) for number in range(60_000)))
    first, _ = tables.publish(TRACK_TAGS, [rows], "inputs")
    listed = [(info.key, info.size_bytes) for info in tables.objects.list("")]
    second, _ = tables.publish(TRACK_TAGS, [rows.slice(0, 7), rows.slice(7)], "inputs")

    assert first == second
    assert len(first.parts) == 2
    assert [(info.key, info.size_bytes) for info in tables.objects.list("")] == listed
    assert tables.read(TRACK_TAGS, second).num_rows == 60_000


def test_what_was_published_is_known_by_its_inputs(tables):
    snapshot, quarantined = tables.publish(TRACK_TAGS, [tags(("1", "dub", 1.0), ("1", "loud", 1.5))], "a")

    assert quarantined == {"share is above 1": 1}
    assert tables.published(TRACK_TAGS, "a") == snapshot
    assert tables.published(TRACK_TAGS, "b") is None


def test_publishing_nothing_is_an_empty_table(tables):
    snapshot, _ = tables.publish(TRACK_TAGS, [], "a")

    assert tables.read(TRACK_TAGS, snapshot).num_rows == 0
    with tables.engine({"tags": (TRACK_TAGS, snapshot)}) as engine:
        assert engine.sql("SELECT count(*) FROM tags").fetchall() == [(0,)]


def test_vacuum_spares_what_is_current_and_what_is_young(tables):
    for number in range(3):
        tables.append(SCROBBLES, scrobbles(("ada", number, "a")), f"p{number}")
    tables.compact(SCROBBLES)
    before = read(tables)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)

    assert vacuum(tables.objects, SCROBBLES, dt.datetime.now(dt.UTC), dt.timedelta(days=1)) == 0
    assert vacuum(tables.objects, SCROBBLES, later, dt.timedelta(days=1)) >= 3
    assert read(tables) == before


def test_receipts_are_kept(tables):
    assert tables.receipt("file") is None

    tables.put_receipt("file", {"rows": 7})

    assert tables.receipt("file") == {"rows": 7}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(0, 3),
            st.sampled_from("xy"),
            st.sampled_from("pqr"),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=12,
    ),
    cuts=st.lists(st.integers(0, 12), max_size=3),
    seed=st.randoms(use_true_random=False),
)
def test_how_rows_are_cut_and_ordered_never_shows(rows, cuts, seed, tmp_path_factory):
    def stored(rows, cuts):
        store = Tables(open_objects("memory://"), Path(tmp_path_factory.mktemp("scratch")))
        edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
        for start, end in itertools.pairwise(edges):
            store.append(SCROBBLES, scrobbles(*rows[start:end]), f"p{start}")
        return store

    whole = read(stored(rows, []))
    mixed = list(rows)
    seed.shuffle(mixed)
    cut = stored(mixed, cuts)
    assert read(cut) == whole

    cut.compact(SCROBBLES)
    assert read(cut) == whole


def test_a_column_that_was_declared_later_is_null_in_older_parts(tables):
    older = dataclasses.replace(SCROBBLES, columns=tuple(c for c in SCROBBLES.columns if c.name != "album"))
    tables.append(older, scrobbles(("ada", 0, "a")).drop_columns(["album"]), "p0")
    assert [row["album"] for row in read(tables)] == [None]

    tables.append(SCROBBLES, scrobbles(("ada", 1, "b", "Trust")), "p1")
    assert [row["album"] for row in read(tables)] == [None, "Trust"]


def test_what_was_published_in_another_shape_is_published_again(tables):
    older = dataclasses.replace(TRACK_TAGS, columns=TRACK_TAGS.columns[:-1])
    tables.publish(older, [tags(("1", "dub", 1.0)).drop_columns(["sources"])], "a")

    assert tables.published(TRACK_TAGS, "a") is None
    assert tables.published(older, "a") is not None
