"""Listening history that isn't a Last.fm export."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.raw.importing_bench import imported, imported_text
from timbral.errors import InvalidInput

MBID = "f1b1cf71-bd35-4e99-8624-24a6e15f133a"


def written(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def test_lastfm_1k_is_read_with_quotes_as_letters(tmp_path):
    text = (
        f'user_000001\t2009-05-04T23:08:57Z\t{MBID}\tDavid Bowie\t\t"Heroes"\n'
        f"user_000002\t2009-05-04T13:54:10Z\t\t坂本龍一\t{MBID}\tHibari\n"
    )
    report, tables = imported_text(tmp_path, text, name="lastfm.tsv")

    wanted = ("listener_id", "scrobbled_at_uts", "artist", "track", "artist_mbid", "track_mbid")
    assert report.format == "Last.fm-1K"
    assert tables.rows("user_scrobbles_raw", *wanted) == [
        ("user_000001", 1_241_478_537, "David Bowie", '"Heroes"', MBID, None),
        ("user_000002", 1_241_445_250, "坂本龍一", "Hibari", None, MBID),
    ]


HETREC = {
    "user_artists__dat": "userID\tartistID\tweight\r\n2\t1\t100\r\n2\t9\t5\r\n3\t1\t7\r\n",
    "artists__dat": 'id\tname\turl\tpictureURL\n1\t"Weird Al" Yankovic\thttp://a\t\n4\tLow\thttp://b\thttp://c\n',
    "tags__dat": "tagID\ttagValue\r\n1\tcomedy\r\n2\tslowcore\r\n",
    "user_taggedartists__dat": (
        "userID\tartistID\ttagID\tday\tmonth\tyear\r\n2\t1\t1\t1\t4\t2009\r\n3\t1\t1\t1\t1\t1956\r\n"
        "3\t4\t2\t1\t1\t2010\r\n3\t4\t2\t1\t1\t2010\r\n"
    ),
}


def test_hetrec_gives_plays_of_artists_and_counted_tags(tmp_path):
    report, tables = imported(written(tmp_path, **HETREC))

    file = report.files[0]
    assert tables.rows("user_artists_raw", "listener_id", "source_artist_id", "artist", "plays_count") == [
        ("2", "1", '"Weird Al" Yankovic', 100),
        ("3", "1", '"Weird Al" Yankovic', 7),
    ]
    assert tables.rows("tag_votes_raw", "artist", "track", "tag", "votes_count") == [
        ('"Weird Al" Yankovic', None, "comedy", 2),
        ("Low", None, "slowcore", 1),
    ]
    assert file.quarantined == {"artist has an id that the table of artists lacks": 1}
    assert (file.rows_read, file.duplicates, report.unrecognised) == (7, 1, {})


def test_hetrec_plays_without_the_artists_table_say_what_is_missing(tmp_path):
    path = tmp_path / "plays.dat"
    path.write_text(HETREC["user_artists__dat"])

    with pytest.raises(InvalidInput, match=r"artists' table .* must lie beside it"):
        imported(path)


def test_one_file_of_hetrec_finds_the_others_beside_it(tmp_path):
    written(tmp_path, **HETREC)

    report, _ = imported(tmp_path / "user_artists.dat")

    assert report.files[0].rows_kept == {"user_artists_raw": 2, "tag_votes_raw": 2}


LISTENER = "b80344d063b5ccb3212f76538f3d9e43d87dca9e"
TRIPLETS = f"{LISTENER}\tSOAKIMP12A8C130995\t1\n{LISTENER}\tSOBBMDR12A8C13253B\t2\n"
SONGS = (
    "song_id,title,release,artist_name,year\nSOAKIMP12A8C130995,The Cove,Thicker Than Water,Jack Johnson,0\n"
)


@pytest.mark.parametrize("asked", ["", "plays.tsv"])
def test_taste_profile_songs_have_facts_where_a_table_beside_them_has(tmp_path, asked):
    written(tmp_path, plays__tsv=TRIPLETS, songs__csv=SONGS)

    report, tables = imported(tmp_path / asked)

    assert tables.rows(
        "user_tracks_raw", "listener_id", "source_track_id", "artist", "track", "plays_count"
    ) == [
        (LISTENER, "SOAKIMP12A8C130995", "Jack Johnson", "The Cove", 1),
        (LISTENER, "SOBBMDR12A8C13253B", None, None, 2),
    ]
    assert report.unrecognised == {}


def test_the_song_table_may_be_the_million_song_datasets_own(tmp_path):
    table = "TRMMMYQ128F932D901<SEP>SOAKIMP12A8C130995<SEP>Jack, Johnson<SEP>The Cove\n"
    written(tmp_path, plays__tsv=TRIPLETS, unique_tracks__txt=table)

    _, tables = imported(tmp_path)

    assert tables.rows("user_tracks_raw", "artist", "track") == [("Jack, Johnson", "The Cove"), (None, None)]


def test_taste_profile_with_other_names_in_a_header(tmp_path):
    text = "track_id,user_id,playcount\nTRIRLYL128F42539D1,abc,3\n"
    _, tables = imported_text(tmp_path, text)

    assert tables.rows("user_tracks_raw", "listener_id", "source_track_id", "plays_count") == [
        ("abc", "TRIRLYL128F42539D1", 3)
    ]


def test_spotify_account_data_begins_a_play_where_it_ended_less_its_length(tmp_path):
    plays = [
        {"endTime": "2021-03-01 12:34", "artistName": "Low", "trackName": "Words", "msPlayed": 180_000},
        {"endTime": "2021-03-01 13:00", "podcastName": "News", "episodeName": "One", "msPlayed": 1},
    ]
    report, tables = imported_text(tmp_path, json.dumps(plays, indent=2), name="StreamingHistory0.json")

    assert tables.rows("user_scrobbles_raw", "scrobbled_at_uts", "artist", "track", "played_ms") == [
        (1_614_602_040 - 180, "Low", "Words", 180_000)
    ]
    assert report.left_out == {"podcasts and episodes": 1}


def extended(**changes):
    return {
        "ts": "2022-05-01T10:00:00Z",
        "username": "cara",
        "ip_addr": "203.0.113.7",
        "ms_played": 60_000,
        "master_metadata_track_name": "Words",
        "master_metadata_album_artist_name": "Low",
        "master_metadata_album_album_name": "I Could Live in Hope",
        "spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "episode_name": None,
        "skipped": True,
    } | changes


def test_spotify_extended_history_is_read_whoever_it_names(tmp_path):
    episode = extended(
        master_metadata_track_name=None, master_metadata_album_artist_name=None, episode_name="One"
    )
    text = json.dumps([extended(), episode, extended(ts="2022-05-01T11:00:00Z", username=None, skipped=None)])
    report, tables = imported_text(tmp_path, text, name="endsong_0.json")

    wanted = ("listener_id", "scrobbled_at_uts", "album", "source_track_id", "was_skipped")
    assert tables.rows("user_scrobbles_raw", *wanted) == [
        ("cara", 1_651_399_140, "I Could Live in Hope", "4uLU6hMCjMI75M1A2tKUQC", True),
        ("ann", 1_651_402_740, "I Could Live in Hope", "4uLU6hMCjMI75M1A2tKUQC", None),
    ]
    assert report.left_out == {"podcasts and episodes": 1}


def test_what_is_set_aside_of_spotify_holds_no_address(tmp_path):
    _, tables = imported_text(tmp_path, json.dumps([extended(ts="soon")]), name="endsong_0.json")

    [reject] = tables.all_rejects()
    assert reject.value == "soon"
    assert "203.0.113.7" not in reject.row


def test_an_export_that_names_nobody_asks_who_listened(tmp_path):
    text = json.dumps([{"endTime": "2021-03-01 12:34", "artistName": "A", "trackName": "B", "msPlayed": 1}])

    with pytest.raises(InvalidInput, match="doesn't say who listened"):
        imported_text(tmp_path, text, name="StreamingHistory0.json", listener=None)


def test_listenbrainz_lines_are_read_and_a_bad_line_is_set_aside(tmp_path):
    listen = {
        "listened_at": 1_650_000_000,
        "user_name": "dora",
        "track_metadata": {
            "artist_name": "Röyksopp",
            "track_name": "Eple",
            "release_name": "Melody A.M.",
            "additional_info": {"recording_mbid": MBID, "artist_mbids": [MBID]},
        },
    }
    report, tables = imported_text(tmp_path, json.dumps(listen) + "\n{broken\n" + json.dumps(listen) + "\n")

    wanted = ("listener_id", "scrobbled_at_uts", "artist", "track", "album", "artist_mbid", "track_mbid")
    assert tables.rows("user_scrobbles_raw", *wanted) == [
        ("dora", 1_650_000_000, "Röyksopp", "Eple", "Melody A.M.", MBID, MBID)
    ]
    assert report.quarantined == {"is no JSON object": 1}
    assert tables.all_rejects()[0].where.endswith("export.csv:2")
    assert report.duplicates == 1


def test_a_broken_object_in_a_list_takes_no_other_with_it(tmp_path):
    play = {"endTime": "2021-03-01 12:34", "artistName": "Low", "trackName": "Words", "msPlayed": 1}
    good = [json.dumps(play | {"trackName": f"Track {n}"}) for n in range(4)]
    text = "[\n" + ",\n".join([*good[:2], '{"endTime": oops', *good[2:]]) + "\n]"
    report, tables = imported_text(tmp_path, text, name="StreamingHistory0.json")

    assert len(tables.rows("user_scrobbles_raw", "track")) == 4
    assert sum(report.quarantined.values()) == 1


def test_half_a_surrogate_pair_costs_no_row(tmp_path):
    line = '{"listened_at": 1650000000, "track_metadata": {"artist_name": "A\\ud800", "track_name": "B"}}\n'
    _, tables = imported_text(tmp_path, line + line.replace("B", "C"))

    assert tables.rows("user_scrobbles_raw", "artist") == [("A?",), ("A?",)]


def test_parquet_is_read_by_its_column_names(tmp_path):
    path = tmp_path / "plays.parquet"
    rows = {
        "user": ["x", "y"],
        "artist": pa.array(["Low", "Low"]).dictionary_encode(),
        "track": ["Words", "Lullaby"],
        "played_at": pa.array([1_600_000_000, 1_600_000_060], pa.timestamp("s")),
    }
    pq.write_table(pa.table(rows), path)

    _, tables = imported(path)

    assert tables.rows("user_scrobbles_raw", "listener_id", "scrobbled_at_uts", "track") == [
        ("x", 1_600_000_000, "Words"),
        ("y", 1_600_000_060, "Lullaby"),
    ]
