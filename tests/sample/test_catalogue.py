"""The catalogue is what its readers rely on: valid, varied and consistently judged."""

from collections import Counter, defaultdict

import pytest

from timbral.errors import ContractBroken
from timbral.sample.catalogue import COLUMNS, load_catalogue, parse_catalogue
from timbral.sample.spellings import KEPT_APART
from timbral.tables.columns import MOODS

HEADER = ",".join(COLUMNS)
ROW = "Can,Vitamin C,Ege Bamyasi,1972,rock,rock;krautrock,70s;drums;tense,dark,0.70,0.45,One sentence."


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def test_the_catalogue_is_large_and_varied(catalogue):
    per_artist = Counter(track.artist for track in catalogue)
    families = Counter(track.family for track in catalogue)

    assert len(catalogue) >= 400
    assert len(per_artist) >= 150
    assert sum(count > 1 for count in per_artist.values()) >= 60
    assert len(families) >= 16
    assert min(families.values()) >= 8


def test_every_decade_since_the_fifties_is_there(catalogue):
    decades = Counter(track.year // 10 * 10 for track in catalogue)

    assert all(decades[decade] >= 10 for decade in range(1950, 2030, 10))


@pytest.mark.parametrize("mood", MOODS)
def test_each_mood_has_tracks_to_learn_from(catalogue, mood):
    count = sum(mood in track.moods for track in catalogue)

    assert 60 <= count <= 0.6 * len(catalogue)


@pytest.mark.parametrize("name", ["energy", "valence"])
def test_energy_and_valence_spread_over_the_whole_range(catalogue, name):
    fifths = Counter(min(int(getattr(track, name) * 5), 4) for track in catalogue)

    assert all(fifths[fifth] >= 30 for fifth in range(5))


def test_moods_agree_with_energy_and_valence(catalogue):
    def wrong(track):
        return (
            ("happy" in track.moods and track.valence < 0.6)
            or ("sad" in track.moods and track.valence > 0.5)
            or ("dark" in track.moods and track.valence > 0.55)
            or ("upbeat" in track.moods and track.energy < 0.55)
            or ("chill" in track.moods and track.energy > 0.56)
        )

    assert [track.key for track in catalogue if wrong(track)] == []


def test_no_track_is_both_happy_and_sad_or_both_upbeat_and_chill(catalogue):
    torn = [
        track.key
        for track in catalogue
        if {"happy", "sad"} <= set(track.moods) or {"upbeat", "chill"} <= set(track.moods)
    ]

    assert torn == []


def test_an_album_has_one_year_and_one_description(catalogue):
    facts = defaultdict(set)
    for track in catalogue:
        facts[track.artist, track.album].add((track.year, track.album_description, track.genres))

    assert {album: found for album, found in facts.items() if len(found) > 1} == {}


def test_other_scripts_and_tricky_titles_are_there(catalogue):
    keys = {track.key for track in catalogue}

    assert {
        ("Кино", "Группа крови"),
        ("مشروع ليلى", "فساتين"),
        ("BTS", "봄날"),
        ("YOASOBI", "アイドル"),
        ("†††", "†"),
        ("!!!", "Me and Giuliani Down by the School Yard (A True Story)"),
        ("Otis Redding", "Respect"),
        ("Aretha Franklin", "Respect"),
    } <= keys


def test_recordings_to_keep_apart_are_all_in_the_catalogue(catalogue):
    keys = {track.key for track in catalogue}

    assert [pair for pair in KEPT_APART if not {(pair[0], pair[1]), (pair[0], pair[2])} <= keys] == []


def test_a_good_row_is_read_whole():
    (track,) = parse_catalogue([HEADER, ROW])

    assert track.key == ("Can", "Vitamin C")
    assert track.genres == ("rock", "krautrock")
    assert (track.year, track.energy, track.valence, track.moods) == (1972, 0.7, 0.45, ("dark",))


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["artist,title", "Can,Vitamin C"], "columns"),
        ([HEADER, ROW, ROW], "twice"),
        ([HEADER, ROW.replace("1972", "72")], "year '72'"),
        ([HEADER, ROW.replace("0.70", "1.7")], "energy '1.7'"),
        ([HEADER, ROW.replace("0.45", "nan")], "valence 'nan'"),
        ([HEADER, ROW.replace("0.45", "low")], "valence 'low'"),
        ([HEADER, ROW.replace(",dark,", ",gloomy,")], "gloomy"),
        ([HEADER, ROW.replace(";tense", "")], "tags"),
        ([HEADER, ROW.replace("Can,", ",")], "artist"),
        ([HEADER, ROW + ",more"], "columns"),
    ],
)
def test_a_broken_row_is_refused_with_its_reason(lines, complaint):
    with pytest.raises(ContractBroken, match=complaint):
        parse_catalogue(lines)
