"""Dumps of albums and reviews, held against the schemas that ship."""

import itertools
import json

import pytest
from jsonschema import Draft202012Validator

from tests.raw.importing_bench import NOW_UTS, MemoryTables
from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.raw.aoty.dump import AOTY_DUMP
from timbral.raw.aoty.schemas import flaw_of, schema
from timbral.raw.importing import import_path

ALBUM = {
    "artist": "Low",
    "title": "HEY WHAT",
    "url": "https://aoty.invalid/album/5-low-hey-what.php",
    "released_on": "2021-09-10",
    "genres": [{"name": "Slowcore", "weight": 2}, {"name": "Glitch", "weight": 1}],
    "tags": ["dense", "loud, then quiet"],
    "tracks": [{"number": 1, "title": "White Horses"}, {"number": 2, "title": "Hey, What"}],
    "critic_score": 86.5,
    "observed_at_uts": 1_650_000_000,
    "scraper": "ours",
    "reviews": [
        {"review_id": "c1", "reviewer": "Paper", "is_critic": True, "score": 90, "text": "Vast."},
        {"review_id": "u1", "reviewer": "ann", "is_critic": False, "score": 101, "text": "Loud."},
    ],
}
REVIEW = {"artist": "Low", "title": "HEY WHAT", "review_id": 77, "text": "Holy.", "is_critic": None}


def taken_in(folder, data, name="dump.json"):
    """Take a dump in; return its report and the store."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    tables, seconds = MemoryTables(), itertools.count()
    report = import_path(
        tables,
        path,
        listener=None,
        progress=Silent(),
        now_uts=NOW_UTS,
        clock_s=lambda: float(next(seconds)),
        layout=AOTY_DUMP,
    )
    return report.files[0], tables


@pytest.mark.parametrize("kind", ["album", "review"])
def test_the_schemas_that_ship_are_schemas(kind):
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(
    "text", [json.dumps([ALBUM, REVIEW], indent=1), f"{json.dumps(ALBUM)}\n{json.dumps(REVIEW)}"]
)
def test_a_dump_becomes_albums_and_reviews(tmp_path, text):
    report, tables = taken_in(tmp_path, text)

    wanted = (
        "title",
        "aoty_id",
        "year",
        "genres",
        "genre_weights",
        "tags",
        "tracks",
        "source",
        "observed_at_uts",
    )
    assert tables.rows("albums_aoty", *wanted) == [
        (
            "HEY WHAT",
            "5",
            2021,
            ["Slowcore", "Glitch"],
            [2, 1],
            ["dense", "loud, then quiet"],
            ["White Horses", "Hey, What"],
            "aoty",
            1_650_000_000,
        )
    ]
    assert tables.rows("album_reviews_aoty", "review_id", "title", "score", "observed_at_uts") == [
        ("c1", "HEY WHAT", 90.0, 1_650_000_000),
        ("77", "HEY WHAT", None, 0),
    ]
    assert report.quarantined == {"score is above 100": 1}


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"artist": None}, "artist", "is no text"),
        ({"title": ""}, "title", "is empty"),
        ({"critic_score": "86"}, "critic_score", "is no number"),
        ({"critic_score": 430}, "critic_score", "is above 100"),
        ({"user_ratings_count": -1}, "user_ratings_count", "is below 0"),
        ({"released_on": "next spring"}, "released_on", "is no ISO 8601 date: 2009, 2009-03 or 2009-03-15"),
        ({"genres": "Slowcore"}, "genres", "is no list"),
        (
            {"genres": [{"name": "Slowcore", "weight": 0}]},
            "genres",
            "has an item that is neither a name nor an object with a name and a weight of 1 to 100",
        ),
        ({"tracks": [{"number": 1}]}, "tracks", "has an item without 'title'"),
        ({"tracks": [{"title": "x", "score": 300}]}, "tracks", "has an item whose 'score' is above 100"),
        ({"title": "x" * 1_001}, "title", "is longer than 1000 characters"),
    ],
)
def test_an_album_that_breaks_the_schema_is_set_aside_by_field_and_reason_and_its_reviews_stay(
    tmp_path, change, field, reason
):
    broken = ALBUM | change | {"reviews": [REVIEW]}
    report, tables = taken_in(tmp_path, json.dumps([broken, ALBUM | {"reviews": None, "title": "Other"}]))

    assert tables.rows("albums_aoty", "title") == [("Other",)]
    [reject] = [
        one for one in tables.rejects["albums_aoty", next(iter(tables.rejects))[1]] if one.field == field
    ]
    assert reject.reason == reason
    assert report.quarantined[f"{field} {reason}"] >= 1


def test_an_album_without_an_artist_says_that_it_is_missing():
    flaw = flaw_of("album", {"title": "x", "critic_score": 430})

    assert (flaw.field, flaw.reason) == ("artist", "is missing")


def test_lines_that_are_no_documents_are_set_aside_and_the_rest_is_taken(tmp_path):
    text = f"{json.dumps(ALBUM)}\n[1]\nnot json\n{json.dumps(REVIEW)}\n"
    report, tables = taken_in(tmp_path, text)

    assert len(tables.rows("albums_aoty", "title")) == 1
    assert report.quarantined["is no JSON object"] == 2


def test_a_dump_that_comes_again_writes_the_same_parts(tmp_path):
    _, first = taken_in(tmp_path, json.dumps([ALBUM]))
    _, second = taken_in(tmp_path, json.dumps([ALBUM]), name="again.json")

    assert first.parts.keys() == second.parts.keys()
    assert all(first.parts[key].equals(second.parts[key]) for key in first.parts)


@pytest.mark.parametrize("data", [b"artist,title\nLow,HEY WHAT\n", b"\x00\x01\x02" * 50, b""])
def test_a_file_that_is_no_json_is_no_dump(tmp_path, data):
    with pytest.raises(InvalidInput, match=r"dump\.json is no JSON"):
        taken_in(tmp_path, data)
