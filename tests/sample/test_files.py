"""The sample world's files are what their dialects promise, byte for byte the same each time."""

import csv
import json
import re

import pytest

from timbral.sample.catalogue import load_catalogue
from timbral.sample.catalogue_files import weighted_tags
from timbral.sample.files import respell, write_sample_files
from timbral.sample.listeners import simulate_histories
from timbral.sample.spellings import KEPT_APART, spellings
from timbral.tables.columns import MOODS

NOW_UTS = 1_760_000_000


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "world"
    write_sample_files(folder, now_uts=NOW_UTS)
    return folder


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_are_named_after_what_is_in_them(tmp_path):
    paths = write_sample_files(tmp_path / "world", now_uts=NOW_UTS, listeners_count=6)

    assert [path.name for path in paths] == [
        "ada.csv",
        "bela.csv",
        "chiara.json",
        "dmitri.jsonl",
        "everybody.csv",
        "catalogue_tags.csv",
        "catalogue_albums.json",
        "catalogue_moods.csv",
    ]


def test_the_same_seed_and_time_give_the_same_bytes(folder, tmp_path):
    again = write_sample_files(tmp_path, now_uts=NOW_UTS)

    assert all(path.read_bytes() == (folder / path.name).read_bytes() for path in again)


def test_every_play_is_in_one_file(folder, catalogue):
    plays = list(simulate_histories(catalogue, now_uts=NOW_UTS))
    streams = json.loads((folder / "chiara.json").read_text(encoding="utf-8"))
    listens = (folder / "dmitri.jsonl").read_text(encoding="utf-8").splitlines()

    tables = sum(len(rows(folder / name)) for name in ("ada.csv", "bela.csv", "everybody.csv"))
    assert tables + len(streams) + len(listens) == len(plays)


def test_lastfm_exports_have_their_headers_times_and_order(folder):
    full, short = rows(folder / "ada.csv"), rows(folder / "bela.csv")

    header = "uts utc_time artist artist_mbid album album_mbid track track_mbid"
    assert list(full[0]) == header.split()
    assert list(short[0]) == ["utc_time", "artist", "album", "track"]
    assert all(re.fullmatch(r"\d\d [A-Z][a-z]{2} 20\d\d, \d\d:\d\d", row["utc_time"]) for row in full + short)
    assert int(full[0]["uts"]) > int(full[-1]["uts"])


def test_spotify_streams_have_their_four_fields(folder):
    streams = json.loads((folder / "chiara.json").read_text(encoding="utf-8"))

    assert all(list(row) == ["endTime", "artistName", "trackName", "msPlayed"] for row in streams)
    assert all(row["msPlayed"] >= 30_000 for row in streams)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", row["endTime"]) for row in streams)


def test_listenbrainz_lines_are_objects_with_a_time_and_a_track(folder):
    lines = (folder / "dmitri.jsonl").read_text(encoding="utf-8").splitlines()

    first = json.loads(lines[0])
    assert first["listened_at"] < NOW_UTS
    assert first["user_name"] == "dmitri"
    assert {"artist_name", "track_name", "release_name"} <= set(first["track_metadata"])


def test_some_plays_are_respelled_and_each_spelling_is_a_known_one(catalogue):
    plays = list(simulate_histories(catalogue, 20, now_uts=NOW_UTS))

    respelled = list(respell(plays, catalogue))
    allowed = {track.key: {track.key, *spellings(track)} for track in catalogue}
    changed = [play for play, before in zip(respelled, plays, strict=True) if play != before]
    assert 0.03 * len(plays) < len(changed) < 0.09 * len(plays)
    assert all(
        (play.artist, play.track) in allowed[before.artist, before.track]
        for play, before in zip(respelled, plays, strict=True)
    )


def test_no_spelling_is_shared_by_two_tracks(catalogue):
    every = [pair for track in catalogue for pair in {track.key, *spellings(track)}]

    assert len(every) == len(set(every))


def test_most_recordings_to_keep_apart_are_both_played(catalogue):
    played = {(play.artist, play.track) for play in simulate_histories(catalogue, now_uts=NOW_UTS)}

    both = [pair for pair in KEPT_APART if {(pair[0], pair[1]), (pair[0], pair[2])} <= played]
    assert len(both) >= 8
    assert ("Portishead", "Roads", "Roads - Live") in both


def test_tags_name_every_track_and_weigh_its_main_genre_most(folder, catalogue):
    tags = rows(folder / "catalogue_tags.csv")

    assert list(tags[0]) == ["artist", "track", "tag", "count"]
    assert {(row["artist"], row["track"]) for row in tags} == {track.key for track in catalogue}
    assert all(next(weighted_tags(track)) == (track.genres[0], 100) for track in catalogue)
    assert len({(row["artist"], row["track"], row["tag"]) for row in tags}) == len(tags)


def test_albums_cover_every_track(folder, catalogue):
    albums = json.loads((folder / "catalogue_albums.json").read_text(encoding="utf-8"))

    covered = {(album["artist"], title) for album in albums for title in album["tracks"]}
    assert covered == {track.key for track in catalogue}
    assert all(album["description"] and album["release_date"].isdigit() for album in albums)


def test_moods_are_the_catalogues_own_judgement(folder, catalogue):
    moods = rows(folder / "catalogue_moods.csv")

    assert list(moods[0]) == ["artist", "track", "energy", "valence", *MOODS]
    assert [tuple(m for m in MOODS if row[m] == "1") for row in moods] == [track.moods for track in catalogue]
    assert [float(row["energy"]) for row in moods] == [track.energy for track in catalogue]
