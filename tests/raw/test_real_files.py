"""Real files of other people, with every row accounted for."""

from datetime import UTC, datetime

import pytest

from tests.raw.importing_bench import imported
from timbral.raw.interactions import read_plays

pytestmark = pytest.mark.realdata
NOW_UTS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def listens(realdata):
    report, tables = imported(realdata / "listens", listener=None, now_uts=NOW_UTS)
    return {file.file.rsplit("/", 1)[1]: file for file in report.files}, report, tables


def test_every_scrobble_of_listener_a_is_kept_but_two(listens):
    report = listens[0]["listener_a.csv.gz"]

    assert (report.rows_read, report.rows_kept) == (75_246, {"user_scrobbles_raw": 75_244})
    assert (report.duplicates, report.quarantined) == (1, {"artist is empty": 1})


def test_every_scrobble_of_listener_b_is_kept(listens):
    assert listens[0]["listener_b.csv"].rows_kept == {"user_scrobbles_raw": 26_944}


def test_the_head_of_lastfm_1k_is_kept_whole(listens):
    assert listens[0]["head.tsv"].rows_kept == {"user_scrobbles_raw": 5_000}


def test_taste_profile_is_kept_whole_and_most_songs_are_known(listens):
    report, tables = listens[0]["plays.tsv"], listens[2]

    assert report.rows_kept == {"user_tracks_raw": 34_556}
    assert report.listeners_count == 1_291
    facts = dict(tables.rows("user_tracks_raw", "source_track_id", "artist"))
    assert (len(facts), sum(artist is not None for artist in facts.values())) == (8_655, 4_705)


def test_hetrec_is_kept_but_for_tags_of_unknown_artists(listens):
    report = listens[0]["user_artists.dat"]

    assert report.rows_read == 92_834 + 186_479
    assert report.rows_kept == {"user_artists_raw": 92_834, "tag_votes_raw": 108_437}
    assert report.quarantined == {"artist has an id that the table of artists lacks": 1_538}
    assert report.duplicates == 0


def test_only_the_readme_is_not_recognised(listens):
    assert [name.rsplit("/", 1)[1] for name in listens[1].unrecognised] == ["readme.txt"]


def test_ratings_are_kept_but_for_repeats_and_one_album_without_a_title(realdata):
    report, _ = imported(realdata / "aoty", now_uts=NOW_UTS)

    ratings, rated = report.files
    assert (ratings.rows_read, ratings.duplicates, ratings.quarantined) == (32_358, 40, {"title is empty": 1})
    assert (rated.rows_read, rated.duplicates, rated.quarantined) == (5_000, 6, {})
    assert report.rows_kept == {"albums_aoty": 32_317 + 4_994}


def test_audio_features_are_kept_but_for_repeats(realdata):
    report, _ = imported(realdata / "audio", now_uts=NOW_UTS)

    assert report.rows_read == 41_106 + 5_000
    assert report.duplicates == 17 + 20 + 17 + 17 + 10 + 14
    assert report.rows_kept == {"tracks_spotify": 46_011, "audio_features_spotify": 46_011}
    assert [name.rsplit("/", 1)[1] for name in report.unrecognised] == ["artist_features.csv.gz"]


def test_hetrec_as_arrays_has_the_published_counts(realdata):
    data = read_plays(realdata / "listens" / "hetrec2011", item_key="{}{}".format, now_uts=NOW_UTS)

    assert (len(data.listener_ids), len(data.item_ids), len(data.plays)) == (1_892, 17_632, 92_834)
    assert len(data.tag_items) == 186_479 - 1_538
