"""History as arrays."""

import numpy as np
import pytest

from tests.raw.importing_bench import NOW_UTS
from timbral.errors import InvalidInput
from timbral.raw.interactions import read_plays


def key(artist, title):
    return f"{artist} - {title}".lower()


def test_plays_of_one_track_have_one_item_however_it_is_spelled(tmp_path):
    path = tmp_path / "ann.csv"
    path.write_text(
        "uts,artist,track\n1600000000,Low,Words\n1600000060,LOW,words\n1600000120,Low,Cut\n,Low,Cut\n"
    )

    data = read_plays(path, item_key=key, now_uts=NOW_UTS)

    assert (data.item_kind, data.listener_ids, data.item_ids) == (
        "track",
        ["ann"],
        ["low - words", "low - cut"],
    )
    assert (data.item_artists, data.item_titles) == (["Low", "Low"], ["Words", "Cut"])
    assert data.items.tolist() == [0, 0, 1, 1]
    assert data.at_uts.tolist() == [1_600_000_000, 1_600_000_060, 1_600_000_120, 0]
    assert not data.has_times


def test_hetrec_items_are_artists_with_their_taggers(tmp_path):
    (tmp_path / "user_artists.dat").write_text("userID\tartistID\tweight\n2\t1\t100\n3\t4\t5\n")
    (tmp_path / "artists.dat").write_text("id\tname\turl\tpictureURL\n1\tLow\t\t\n4\tCan\t\t\n5\tNeu!\t\t\n")
    (tmp_path / "tags.dat").write_text("tagID\ttagValue\n1\tslowcore\n2\tkraut\n")
    (tmp_path / "user_taggedartists.dat").write_text(
        "userID\tartistID\ttagID\tday\tmonth\tyear\n3\t1\t1\t1\t1\t2010\n9\t4\t2\t1\t1\t2010\n3\t5\t2\t1\t1\t2010\n"
    )

    data = read_plays(tmp_path, item_key=key, now_uts=NOW_UTS)

    assert (data.item_kind, data.item_ids, data.plays.tolist()) == ("artist", ["Low", "Can"], [100, 5])
    tagged = [(data.item_ids[i], data.tags[t]) for i, t in zip(data.tag_items, data.tag_tags, strict=True)]
    assert tagged == [("Low", "slowcore"), ("Can", "kraut")]
    assert data.tag_listeners.tolist() == [data.listener_ids.index("3"), -1]
    assert data.tag_votes.dtype == np.int64


def test_taste_profile_items_are_songs(tmp_path):
    (tmp_path / "plays.tsv").write_text("a\tSOAKIMP12A8C130995\t1\nb\tSOAKIMP12A8C130995\t2\n")

    data = read_plays(tmp_path, item_key=key, now_uts=NOW_UTS)

    assert (data.item_kind, data.item_ids, data.item_artists) == ("song", ["SOAKIMP12A8C130995"], [None])
    assert data.plays.tolist() == [1, 2]


def test_artists_and_tracks_are_not_mixed(tmp_path):
    (tmp_path / "user_artists.dat").write_text("userID\tartistID\tweight\n2\t1\t100\n")
    (tmp_path / "artists.dat").write_text("id\tname\turl\tpictureURL\n1\tLow\t\t\n")
    (tmp_path / "ann.csv").write_text("uts,artist,track\n1600000000,Low,Words\n")

    with pytest.raises(InvalidInput, match="plays of artists and of tracks"):
        read_plays(tmp_path, item_key=key, now_uts=NOW_UTS)


def test_a_catalogue_is_no_history(tmp_path):
    (tmp_path / "tags.csv").write_text("artist,track,tag,count\nLow,Words,sad,1\n")

    with pytest.raises(InvalidInput, match="holds no listening history"):
        read_plays(tmp_path, item_key=key, now_uts=NOW_UTS)
