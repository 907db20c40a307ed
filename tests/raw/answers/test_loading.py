"""Kept answers become rows: at least once, in any order, and what is no answer says so."""

import orjson
import pytest

from timbral.errors import ContractBroken
from timbral.raw.answers.envelope import Asked, keep_answer, read_answer
from timbral.raw.answers.loading import load_answer
from timbral.tables.raw import TAG_VOTES_RAW

TAGS = {"toptags": {"tag": [{"count": 100, "name": "dub"}, {"count": "7", "name": "bass"}], "@attr": {}}}


def track_tags(objects, value=None, observed_at_uts=1_700_000_000):
    asked = Asked(
        "lastfm", "track.getTopTags", observed_at_uts, params={"artist": "Burial", "track": "Archangel"}
    )
    return keep_answer(objects, asked, orjson.dumps(TAGS if value is None else value))


def rows(tables):
    found = tables.read(TAG_VOTES_RAW, tables.current(TAG_VOTES_RAW)).to_pylist()
    return [(row["artist"], row["track"], row["tag"], row["votes_count"]) for row in found]


def test_an_answer_lies_as_it_came_under_a_key_of_its_content(tables):
    key = track_tags(tables.objects)

    assert track_tags(tables.objects) == key
    assert key.startswith("raw/answers/lastfm/track.getTopTags/")
    assert read_answer(tables.objects, key).value == TAGS


def test_what_is_about_a_listener_lies_below_the_listener(tables):
    asked = Asked("lastfm", "user.getTopArtists", 1, listener_id="ada")

    assert keep_answer(tables.objects, asked, b"{}").startswith("raw/listeners/")
    assert "ada" not in asked.prefix


def test_an_answer_that_is_delivered_twice_is_one(tables):
    key = track_tags(tables.objects)

    for _ in range(2):
        loaded = load_answer(tables, key)

    assert loaded.rows_kept == {"tag_votes_raw": 2}
    assert rows(tables) == [("Burial", "Archangel", "bass", 7), ("Burial", "Archangel", "dub", 100)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_later_answer_counts_in_whatever_order_they_arrive(tables, order):
    later = {"toptags": {"tag": {"count": 50, "name": "dub"}}}
    keys = [track_tags(tables.objects), track_tags(tables.objects, later, 1_700_000_500)]

    for at in order:
        load_answer(tables, keys[at])

    assert ("Burial", "Archangel", "dub", 50) in rows(tables)


def test_what_nobody_reads_is_told_by_name(tables):
    key = keep_answer(tables.objects, Asked("lastfm", "geo.getTopTracks", 1), b"{}")

    with pytest.raises(ContractBroken, match=r"nobody reads answers of kind 'geo\.getTopTracks'"):
        load_answer(tables, key)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"asked":{"provider":1}}', b"<html>"])
def test_what_is_no_answer_says_so(tables, data):
    tables.objects.put("raw/answers/lastfm/track.getTopTags/x.json", data)

    with pytest.raises(ContractBroken, match="is no answer as they are kept"):
        load_answer(tables, "raw/answers/lastfm/track.getTopTags/x.json")


@pytest.mark.parametrize("value", [{}, [], "", None, {"toptags": "\n"}, {"toptags": {"#text": "\n"}}])
def test_an_answer_without_tags_has_no_rows(folder_tables, value):
    key = track_tags(folder_tables.objects, value if value is not None else {"toptags": None})

    assert load_answer(folder_tables, key).rows_kept == {}
