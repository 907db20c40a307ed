"""Answers as Last.fm really gave them, old and new."""

import orjson
import pytest

from timbral.raw.answers.envelope import Asked, StoredAnswer
from timbral.raw.answers.lastfm_plays import plays_of
from timbral.raw.answers.lastfm_values import items, whole
from timbral.raw.answers.registry import READERS


def recorded(realdata, pattern):
    paths = sorted((realdata / "api" / "lastfm").glob(f"*/{pattern}"))
    return [(path.name, orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))) for path in paths]


@pytest.mark.realdata
def test_recorded_recent_tracks_are_read_whole(realdata):
    found = [one for one in recorded(realdata, "*ecent*racks*.json") if "error" not in one[1]]

    assert found
    for name, value in found:
        plays, rejects = plays_of(value, name)
        block = value["recenttracks"]
        dated = [track for track in items(block, "track") if track.get("date")]
        assert len(plays) == len(dated), name
        assert not rejects, name


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("user.getTopTracks", "user.getTopTracks.json"),
        ("user.getTopArtists", "*ser*et*op*rtists*.json"),
        ("library.getTracks", "LibraryGetTracks*.json"),
        ("track.getTopTags", "track.getTopTags.json"),
        ("artist.getTopTags", "ArtistGetTopTags*.json"),
    ],
)
def test_recorded_lists_are_read_whole(realdata, kind, pattern):
    found = [one for one in recorded(realdata, pattern) if "error" not in one[1]]

    assert found
    for name, value in found:
        params = {"artist": "A", "track": "T", "page": "1"}
        answer = StoredAnswer(name, Asked("lastfm", kind, 1, "ada", params), value)
        (landing,) = READERS["lastfm", kind](answer, open)
        block = next(iter(value.values()))
        given = [item for key in ("track", "artist", "tag") for item in items(block, key)]
        assert landing.rows.num_rows == len([item for item in given if whole(item.get("count")) != 0]), name
