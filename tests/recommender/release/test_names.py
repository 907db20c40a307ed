"""Names are found however they are typed."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.recommender.release.name_search import NameSearch, names_of
from timbral.recommender.release.names import folded, index_names, resemblance

NAMES = [
    ("Jóga", "Björk", "Homogenic"),
    ("Sour Times", "Portishead", "Dummy"),
    ("Roads", "Portishead", "Dummy"),
    ("夜に駆ける", "YOASOBI", None),
    ("One", "U2", "Achtung Baby"),
    ("다시 만난 세계", "소녀시대", None),
    ("Группа крови", "Кино", None),
]


@pytest.fixture(scope="module")
def search():
    return search_of(NAMES)


def search_of(names, popularity=None):
    tracks = pa.table(dict(zip(("title", "artist", "album"), zip(*names, strict=True), strict=True)))
    shares = pa.array(popularity or [0.5] * len(names), pa.float32())
    index = index_names([" ".join(own) for own in names_of(tracks)])
    return NameSearch(index, tracks.append_column("popularity", shares))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("bjork", 0),
        ("bjrok joga", 0),
        ("protishead roads", 2),
        ("sour tmies", 1),
        ("夜に駆け", 3),
        ("u2", 4),
        ("소녀시대", 5),
        ("група крови", 6),
    ],
)
def test_a_name_is_meant_in_any_script_and_with_a_letter_wrong(search, text, row):
    assert search.find(text).meant[0] == row


def test_only_allowed_rows_are_found(search):
    allowed = [False, True, False, False, False, False, False]

    assert search.find("portishead", pa.array(allowed).to_numpy(zero_copy_only=False)).near.tolist() == [1]


def test_a_known_name_needs_no_suggestion_and_a_misspelt_one_gets_it(search):
    assert search.find("PORTISHEAD").suggestion is None
    assert search.find("portishaed").suggestion == "Portishead"
    assert search.find("something for a rainy night").suggestion is None


def test_an_article_may_be_left_out_and_the_name_misspelt():
    search = search_of([("Help!", "The Beatles", "Help!"), ("One", "U2", None)])

    assert search.find("beatels").suggestion == "The Beatles"
    assert search.find("Beatels").meant.tolist() == [0]


def test_of_tracks_with_one_name_the_best_known_comes_first():
    names = [("Smells Like Teen Spirit", artist, None) for artist in ("Paul Anka", "Nirvana", "2cellos")]

    assert search_of(names, [0.2, 0.9, 0.4]).find("smells like teen spirit").meant.tolist() == [1, 2, 0]


def test_a_text_that_names_nothing_means_nothing(search):
    assert search.find("dreamy guitars").meant.tolist() == []


def test_of_close_names_only_the_closest_are_meant(search):
    assert search.find("sour times portishead").meant.tolist() == [1]


@given(st.text(max_size=40))
def test_any_text_can_be_looked_up(text):
    grams = index_names([title for title, _, _ in NAMES])

    assert len(grams.closest(text, 5)) <= 5


@given(st.lists(st.text(max_size=20), max_size=20))
def test_a_name_is_closest_to_itself(names):
    grams = index_names(names)
    for name in names:
        if folded(name):
            best = grams.closest(name, 1)

            assert resemblance(folded(name), [folded(names[best[0]])]) == 100 or set(
                folded(names[best[0]])
            ) == set(folded(name))


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.booleans())
def test_what_is_found_is_what_looking_at_every_row_finds(seed, count, is_limited):
    rng = np.random.default_rng(seed)
    syllables = np.array(["ka", "lo", "mi", "tu", "xe", "zar", "quo", " "])
    names = ["".join(rng.choice(syllables, rng.integers(1, 9))) for _ in range(300)]
    text = "".join(rng.choice(syllables, rng.integers(1, 7)))
    grams = index_names(names)
    allowed = rng.random(len(names)) < 0.5 if is_limited else None

    found = grams.closest(text, count, allowed)

    likeness = likeness_to(grams, text)
    likeness[~allowed if is_limited else []] = 0
    best = np.sort(likeness[likeness > 0])[::-1][:count]
    assert likeness[found] == pytest.approx(best, rel=1e-4)
    assert len(set(found.tolist())) == len(found)


def likeness_to(grams, text):
    """Return ``(n,)`` the cosine of each row with a text, but for the text's own length."""
    lists, weights = grams._lists(text)
    shared = np.zeros(len(grams.lengths))
    for own, weight in zip(lists, weights.tolist(), strict=True):
        shared[own] += weight
    return shared / grams.lengths


def test_an_empty_catalogue_names_nothing():
    assert index_names([]).closest("anything", 5).tolist() == []
