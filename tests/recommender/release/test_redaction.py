"""A release without somebody answers for everybody else as before."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recommender.stored_world import store_world
from timbral.errors import Conflict
from timbral.progress import Silent
from timbral.recommender import run as recommender
from timbral.recommender.models.als import AlsSettings
from timbral.recommender.redaction import redact, renumbered
from timbral.recommender.release import layout
from timbral.recommender.release.opened import OpenRelease
from timbral.recommender.release.source import StoredFiles
from timbral.recommender.release.view import TrackFilter
from timbral.recommender.run import RecommenderSettings, run
from timbral.store.releases import Releases

NOW_UTS = 1_800_000_000
SETTINGS = RecommenderSettings(als=AlsSettings(factors=8, iterations=3))


@pytest.fixture
def released(folder_tables):
    world = store_world(folder_tables, listeners_count=30, tracks_count=120)
    releases = Releases(folder_tables.objects)
    run(folder_tables, releases, world.pins, Silent(), settings=SETTINGS, now_uts=NOW_UTS)
    pointer = releases.current()
    if pointer is None:
        release = releases.list()[0].release
        pytest.fail(f"the gate refused {release}: {releases.list()[0].decision}")
    return releases, world, folder_tables.scratch


def opened(releases, scratch):
    manifest = releases.manifest(releases.current().release)
    return OpenRelease(StoredFiles(releases, manifest, scratch / "opened"), lambda: None)


def test_a_listener_and_the_tracks_that_only_they_knew_are_gone_and_the_rest_stays(released):
    releases, world, scratch = released
    gone, other = str(world.world.listeners[0]), str(world.world.listeners[1])
    tracks = world.track_ids[3:6]
    before = opened(releases, scratch)
    was, kept_ids = before.listener(other), [track for track in world.track_ids if track not in tracks]
    kept = [track for track in _ids(before, was.rows) if track not in tracks]
    vectors = before.vectors(before.rows(kept_ids)).copy()

    deleted_count = redact(releases, scratch, gone, tracks, NOW_UTS + 1)
    after = opened(releases, scratch)

    assert deleted_count > 10
    assert [manifest.release for manifest in releases.list()] == [after.release]
    assert after.listener(gone) is None
    assert after.rows(tracks).tolist() == [-1, -1, -1]
    assert after.tracks_count == before.tracks_count - 3
    now = after.listener(other)
    assert _ids(after, now.rows) == kept
    assert np.array_equal(was.factors, now.factors)
    assert np.array_equal(vectors, after.vectors(after.rows(kept_ids)))
    assert releases.current().before == ()


def test_where_no_track_goes_only_the_file_with_their_row_is_written_anew(released, monkeypatch):
    releases, world, scratch = released
    gone, other = str(world.world.listeners[0]), str(world.world.listeners[1])
    before, was = releases.manifest(releases.current().release), opened(releases, scratch).listener(other)
    written = []
    monkeypatch.setattr(type(releases.objects), "put_file", _noting(written, releases.objects.put_file))

    redact(releases, scratch, gone, ["a track that nobody has"], NOW_UTS + 1)
    after, view = releases.manifest(releases.current().release), opened(releases, scratch)

    changed = {name for name in after.files if after.files[name] != before.files[name]}
    assert after.files.keys() == before.files.keys()
    assert changed == {layout.MODEL_FILE, layout.shard_file(layout.shard_of(gone, view._card.shards_count))}
    assert {key.removeprefix(f"{after.prefix}/") for key in written} == changed
    assert after.counts == before.counts | {"listeners": before.counts["listeners"] - 1}
    assert (view.listener(gone), view._card.listeners_count) == (None, before.counts["listeners"] - 1)
    assert np.array_equal(view.listener(other).factors, was.factors)
    assert view._search_index.by_words("words", "genre", 5, TrackFilter()).shape
    assert [manifest.release for manifest in releases.list()] == [after.release]


def _noting(written, put_file):
    def noted(_objects, key, path):
        written.append(key)
        put_file(key, path)

    return noted


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_numbering_anew_leaves_each_listener_what_stays(seed, is_of_before):
    rng = np.random.default_rng(seed)
    row_of = np.where(kept := rng.random(50) < 0.7, np.cumsum(kept) - 1, -1)
    told = [np.sort(rng.choice(50, count, replace=False)).tolist() for count in rng.integers(0, 9, 6)]
    listeners = [_row(f"listener{number}", own, is_of_before) for number, own in enumerate(told)]

    found = renumbered(pa.Table.from_pylist(listeners, schema=layout.LISTENERS_SCHEMA), row_of).to_pylist()

    for had, row in zip(listeners, found, strict=True):
        places = [place for place, own in enumerate(had["rows"]) if kept[own]]
        assert row["rows"] == [row_of[had["rows"][place]] for place in places]
        assert row["plays"] == [had["plays"][place] for place in places]
        assert row["verdicts"] == (had["verdicts"] and [had["verdicts"][place] for place in places])
        assert row["factors"] == had["factors"]


def _row(name, rows, is_of_before):
    counts = [100 + row for row in rows]
    numbers = dict.fromkeys(["plays", "recent_plays", "last_at_uts", "month_plays", "week_plays"], counts)
    verdicts = None if is_of_before else counts
    lists = {"factors": [1.0, 2.0], "taste_vector": [0.5], "hour_counts": [1] * 24, "verdicts": verdicts}
    return {"listener_id": name, "rows": rows, "scrobbles_count": 1, "newest_at_uts": 2} | numbers | lists


def test_a_release_that_does_not_know_them_stays_as_it_is(released):
    releases, _, scratch = released
    served = releases.current()

    assert redact(releases, scratch, "nobody", [], NOW_UTS) == 0
    assert releases.current() == served


def _ids(view, rows):
    return [card.track_id for card in view.cards(rows.tolist())]


@pytest.mark.parametrize("when", ["read", "uploaded"])
def test_a_run_during_which_somebody_was_erased_makes_no_release(folder_tables, monkeypatch, when):
    world = store_world(folder_tables, listeners_count=30, tracks_count=120)
    releases = Releases(folder_tables.objects)
    name = {"read": "assemble", "uploaded": "build_release"}[when]
    work = getattr(recommender, name)

    def erase_meanwhile(*given):
        snapshot = world.pins["listener_plays"]
        folder_tables.objects.delete([f"features/listener_plays/snapshots/{snapshot.id}.json"])
        return work(*given)

    monkeypatch.setattr(recommender, name, erase_meanwhile)

    with pytest.raises(Conflict, match="erased"):
        run(folder_tables, releases, world.pins, Silent(), settings=SETTINGS, now_uts=NOW_UTS)
    assert releases.list() == []
