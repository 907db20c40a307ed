import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.core.matching import Described, Grade, best_match, likeness, match

ARTISTS = st.sampled_from(["Kino", "Кино", "A & B", "A feat. B", "A", "The Beatles", "Beatles", "Nirvana"])
TITLES = st.sampled_from(
    [
        "Help!",
        "Help",
        "Helped",
        "Song, Pt. 1",
        "Song, Pt. 2",
        "Song (Live)",
        "Song (Live at Reading)",
        "Song",
        "Песня",
    ]
)
DESCRIBED = st.builds(
    Described,
    ARTISTS,
    TITLES,
    duration_ms=st.none() | st.integers(100_000, 400_000),
    isrc=st.none() | st.just("GBAYE0601498"),
    mbid=st.none() | st.just("129e5274-5311-4e67-a491-74794aefdeda"),
)


def test_one_identity_is_an_exact_match():
    found = match(Described("The Beatles", "Help! - Remastered 2009"), Described("Beatles", "Help"))

    assert found.grade is Grade.EXACT


def test_the_same_credits_written_otherwise_are_a_high_match():
    found = match(
        Described("Elton John & Kiki Dee", "True Love"), Described("Elton John feat. Kiki Dee", "True Love")
    )

    assert found.grade is Grade.HIGH


def test_a_near_spelling_is_settled_by_length():
    wanted = Described("The Weeknd", "Blinding Lights", duration_ms=200_040)
    misspelled = Described("The Weeknd", "Blindin Lights")

    assert match(wanted, misspelled).grade is Grade.MEDIUM
    assert match(wanted, Described("The Weeknd", "Blindin Lights", duration_ms=201_000)).grade is Grade.HIGH
    assert match(wanted, Described("The Weeknd", "Blindin Lights", duration_ms=330_000)).grade is Grade.LOW


def test_one_name_of_two_lengths_is_doubted_but_not_denied():
    found = match(
        Described("Pink Floyd", "Echoes", duration_ms=1_411_000),
        Described("Pink Floyd", "Echoes", duration_ms=90_000),
    )

    assert found.grade is Grade.MEDIUM
    assert found.reason == "the same artist, title and version, but 1321 s apart in length"


def test_no_length_stands_in_no_way():
    assert (
        match(Described("Pink Floyd", "Echoes", duration_ms=1), Described("Pink Floyd", "Echoes")).grade
        is Grade.EXACT
    )


def test_another_version_is_only_related():
    found = match(Described("Nirvana", "Polly"), Described("Nirvana", "Polly (Live)"))

    assert found.grade is Grade.LOW
    assert found.reason == "other versions: live, plain"


def test_a_shared_id_does_not_make_a_live_version_the_studio_one():
    mbid = "129e5274-5311-4e67-a491-74794aefdeda"

    assert (
        match(Described("Nirvana", "Polly", mbid=mbid), Described("Nirvana", "Polly (Live)", mbid=mbid)).grade
        < Grade.HIGH
    )


def test_a_shared_id_does_not_join_parts_of_a_suite():
    isrc = "GBN9Y1100085"

    found = match(
        Described("Pink Floyd", "Pigs on the Wing, Pt. 1", isrc=isrc),
        Described("Pink Floyd", "Pigs on the Wing, Pt. 2", isrc=isrc),
    )

    assert found.grade < Grade.HIGH


def test_a_shared_id_joins_an_artist_written_in_two_scripts():
    isrc = "JPTO09800250"

    found = match(
        Described("宇多田ヒカル", "First Love", isrc=isrc), Described("Hikaru Utada", "First Love", isrc=isrc)
    )

    assert found.grade is Grade.HIGH
    assert found.reason == "the same ISRC, and the names agree"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("Radiohead", "Creep"), ("TLC", "Creep")),
        (("Radiohead", "Creep"), ("Radiohead", "Karma Police")),
        (("Кино", "Группа крови"), ("Nirvana", "Polly")),
    ],
)
def test_unlike_names_are_no_match(a, b):
    assert match(Described(*a), Described(*b)).grade is Grade.NONE


def test_the_best_result_is_not_the_first():
    wanted = Described("Nirvana", "Polly", duration_ms=176_000)
    found = [
        Described("Nirvana", "Polly - Live", duration_ms=176_000),
        Described("Nirvana Tribute", "Polly"),
        Described("Nirvana", "Polly - Remastered", duration_ms=178_000),
        Described("Nirvana", "Polly", duration_ms=176_500),
    ]

    place, grading = best_match(wanted, found)

    assert (place, grading.grade) == (3, Grade.EXACT)


def test_nothing_found_is_better_than_something_else():
    assert best_match(Described("Nirvana", "Polly"), [Described("Prince", "Kiss")]) is None


@given(DESCRIBED, DESCRIBED)
def test_a_match_is_symmetric(a, b):
    assert match(a, b) == match(b, a)


@given(DESCRIBED)
def test_everything_matches_itself_exactly(a):
    assert match(a, a).grade is Grade.EXACT


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_a_share(one, other):
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
