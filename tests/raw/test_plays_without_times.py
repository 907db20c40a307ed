"""Plays whose time is missing, impossible, or given as a count."""

from tests.raw.importing_bench import NOW_UTS, imported_text

COUNTED = ("artist", "track", "plays_count")


def test_plays_without_a_time_are_summed(tmp_path):
    text = (
        "uts,artist,track\n,Low,Plastic Cup\n,Low,Plastic Cup\n,Low,Holy Ghost\n1600000000,Low,Plastic Cup\n"
    )
    report, tables = imported_text(tmp_path, text)

    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Holy Ghost", 1), ("Low", "Plastic Cup", 2)]
    assert len(tables.rows("user_scrobbles_raw", "artist")) == 1
    assert (report.rows_read, report.untimed, report.duplicates) == (4, 3, 0)


def test_a_play_of_1970_counts_as_one_without_a_time(tmp_path):
    rows = '"01 Jan 1970, 00:00",Low,X,Holy Ghost\n"24 Jan 2023, 09:42",Low,X,Words\n'
    text = f"utc_time,artist,album,track\n{rows}"
    report, tables = imported_text(tmp_path, text)

    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Holy Ghost", 1)]
    assert (report.early, report.untimed) == (1, 0)


def test_a_mere_day_is_no_time(tmp_path):
    report, tables = imported_text(
        tmp_path, "date,artist,track\n2020-02-03,Low,Words\n2020-02-03,Low,Words\n"
    )

    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Words", 2)]
    assert report.untimed == 2


def test_a_play_of_tomorrow_is_set_aside(tmp_path):
    late, soon = NOW_UTS + 200_000, NOW_UTS + 3_600
    report, tables = imported_text(tmp_path, f"uts,artist,track\n{late},Low,Words\n{soon},Low,Words\n")

    assert report.quarantined == {"scrobbled_at_uts is in the future": 1}
    assert tables.rows("user_scrobbles_raw", "scrobbled_at_uts") == [(soon,)]


def test_counts_of_one_track_add_up_over_albums_and_equal_rows_count_once(tmp_path):
    text = "listener,artist,track,album,plays\nann,Low,Words,A,3\nann,Low,Words,B,4\nann,Low,Words,A,3\n"
    report, tables = imported_text(tmp_path, text)

    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Words", 7)]
    assert report.duplicates == 1


def test_a_row_that_stands_for_several_plays_has_no_single_time(tmp_path):
    text = "listener,artist,track,uts,plays\nann,Low,Words,1600000000,5\nann,Low,Sunflower,1600000000,1\n"
    _, tables = imported_text(tmp_path, text)

    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Words", 5)]
    assert tables.rows("user_scrobbles_raw", "track") == [("Sunflower",)]


def test_a_count_below_one_is_set_aside(tmp_path):
    text = "listener,artist,track,plays\nann,Low,Words,0\nann,Low,Words,two\nann,Low,Words,\n"
    report, tables = imported_text(tmp_path, text)

    assert report.quarantined == {"plays_count is below 1": 1, "plays_count is not a number": 1}
    assert tables.rows("user_tracks_raw", *COUNTED) == [("Low", "Words", 1)]
