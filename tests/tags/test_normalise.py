import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.tags.normalise import normalise_tag
from timbral.tags.vocabulary import genre_names, is_genre, is_known


@pytest.mark.parametrize("raw", ["hip-hop", "Hip Hop", "HIPHOP", "hip_hop", " hip  hop "])
def test_case_spaces_and_hyphens_make_no_other_tag(raw):
    assert normalise_tag(raw) == "hip hop"


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("RnB", "r&b"),
        ("R & B", "r&b"),
        ("drum 'n' bass", "drum and bass"),
        ("80's", "80s"),
        ("1980s", "80s"),
        ("Trip-Hop", "trip hop"),
        ("Chanson Française", "chanson francaise"),
        ("邦楽", "邦楽"),
        ("Female Vocalist", "female vocalists"),
    ],
)
def test_a_tag_has_one_spelling(raw, tag):
    assert normalise_tag(raw) == tag


@pytest.mark.parametrize(
    "raw",
    [
        "seen live",
        "Favorites",
        "albums I own",
        "favourite songs",
        "songs i love to sing along to",
        "5 stars",
        "4 of 10 stars",
        "<3",
        "awesome",
        "top 40",
        "under 2000 listeners",
        "a",
        "7",
        "songs that you wanna listen to over and over again",
    ],
)
def test_what_says_nothing_about_the_music_is_no_tag(raw):
    assert normalise_tag(raw) is None


@given(st.text(max_size=60))
def test_a_normalised_tag_stays_as_it_is(raw):
    tag = normalise_tag(raw)

    assert tag is None or normalise_tag(tag) == tag


def test_every_genre_is_its_own_normalised_tag():
    assert [name for name in genre_names() if normalise_tag(name) != name or not is_genre(name)] == []


def test_genres_moods_and_other_tags_are_told_apart():
    assert (is_genre("shoegaze"), is_genre("melancholy"), is_genre("bristol")) == (True, False, False)
    assert (is_known("melancholy"), is_known("bristol")) == (True, False)
