import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.embeddings.hashed_encoder import HashedEncoder
from timbral.embeddings.texts import (
    LONGEST_TEXT_CHARACTERS,
    PART_WEIGHTS,
    TextPart,
    pool_parts,
    text_hash,
    track_texts,
)
from timbral.errors import ContractBroken

NOTHING = {
    "title": None,
    "artist": None,
    "tags": [],
    "tag_shares": [],
    "genres": [],
    "year": None,
    "album": None,
    "album_description": None,
    "review_snippets": [],
}
KINDS = st.lists(st.sampled_from(sorted(PART_WEIGHTS)), min_size=1, max_size=8)


def texts_of(**known):
    return track_texts(**NOTHING | known)


def test_tags_description_and_reviews_stay_apart():
    parts = texts_of(
        title="Roads",
        tags=["trip-hop", "melancholic"],
        tag_shares=[0.6, 0.4],
        genres=["Trip Hop"],
        album_description="A debut.",
        review_snippets=["Cold.", "Slow."],
    )

    assert parts == (
        TextPart("tags", "Trip Hop, trip-hop, melancholic"),
        TextPart("description", "A debut."),
        TextPart("review", "Cold."),
        TextPart("review", "Slow."),
    )


def test_a_track_of_which_only_the_name_is_known_is_marked():
    parts = texts_of(title="Roads", artist="Portishead", album="Dummy", year=1994)

    assert parts == (TextPart("name", "Roads by Portishead, from Dummy, 1994"),)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"title": "???"}, "???"),
        ({"artist": "宇多田ヒカル"}, "宇多田ヒカル"),
        ({"album": "Dummy", "year": 1994}, "from Dummy, 1994"),
    ],
)
def test_half_a_name_is_enough(known, text):
    assert texts_of(**known) == (TextPart("name", text),)


def test_a_track_without_even_a_name_has_no_text():
    assert texts_of(title=" ", year=1994) == ()


def test_tags_go_by_share_whatever_their_order():
    one = texts_of(tags=["calm", "dub", "bass"], tag_shares=[0.2, 0.6, 0.2])

    assert one == texts_of(tags=["dub", "bass", "calm"], tag_shares=[0.6, 0.2, 0.2])
    assert one[0].text == "dub, bass, calm"


def test_a_tag_that_hardly_anybody_gave_is_left_out():
    parts = texts_of(tags=["dub", "my cat likes this"], tag_shares=[0.97, 0.03])

    assert parts == (TextPart("tags", "dub"),)


def test_a_tag_that_repeats_a_genre_is_said_once():
    assert texts_of(tags=["dub"], tag_shares=[1.0], genres=["Dub", "dub "])[0].text == "Dub"


def test_long_texts_end_at_a_whole_word_and_repeated_reviews_count_once():
    parts = texts_of(review_snippets=["warm guitars " * 500, "warm guitars " * 600, " ", "x" * 5000])

    assert [part.kind for part in parts] == ["review", "review"]
    assert set(parts[0].text.split()) == {"warm", "guitars"}
    assert all(len(part.text) <= LONGEST_TEXT_CHARACTERS for part in parts)


def test_tags_without_shares_are_refused():
    with pytest.raises(ContractBroken, match="2 tags have 1 shares"):
        texts_of(tags=["a", "b"], tag_shares=[1.0])


@given(
    tags=st.lists(st.tuples(st.text(max_size=30), st.floats(0, 1)), max_size=30),
    genres=st.lists(st.text(max_size=80), max_size=4),
    prose=st.text(max_size=40).map(lambda text: text * 50),
    reviews=st.lists(st.text(max_size=20), max_size=12),
)
def test_every_text_is_bounded_clean_and_not_blank(tags, genres, prose, reviews):
    parts = texts_of(
        title="t",
        tags=[tag for tag, _ in tags],
        tag_shares=[share for _, share in tags],
        genres=genres,
        album_description=prose,
        review_snippets=reviews,
    )

    assert 1 <= len(parts) <= 7
    for part in parts:
        assert 0 < len(part.text) <= LONGEST_TEXT_CHARACTERS
        assert part.text == " ".join(part.text.split())


def test_one_text_keeps_its_vector():
    vector = HashedEncoder().encode(["dream pop"])

    np.testing.assert_allclose(pool_parts(["name"], vector), vector[0], atol=1e-7)


def test_many_reviews_weigh_no_more_than_one():
    encoder = HashedEncoder()
    tags, review = encoder.encode(["dub", "cold and slow"])

    one = pool_parts(["tags", "review"], np.stack([tags, review]))
    many = pool_parts(["tags", *["review"] * 5], np.stack([tags, *[review] * 5]))

    np.testing.assert_allclose(one, many, atol=1e-6)
    assert one @ tags > one @ review


def test_what_cannot_be_read_does_not_count():
    vectors = HashedEncoder().encode(["dub", "", "cold"])

    with_blank = pool_parts(["tags", "review", "review"], vectors)

    assert with_blank.tobytes() == pool_parts(["tags", "review"], vectors[[0, 2]]).tobytes()


def test_nothing_and_opposites_pool_to_zeros():
    vector = HashedEncoder().encode(["dub"])[0]

    assert not pool_parts([], np.zeros((0, 64), np.float32)).any()
    assert not pool_parts(["review", "review"], np.stack([vector, -vector])).any()


def test_kinds_and_vectors_must_be_as_many():
    with pytest.raises(ContractBroken, match="1 kinds of text can't describe 2 vectors"):
        pool_parts(["tags"], np.zeros((2, 4), np.float32))


@given(kinds=KINDS, seed=st.integers(0, 2**32 - 1))
def test_a_pooled_vector_has_length_one(kinds, seed):
    vectors = np.random.default_rng(seed).standard_normal((len(kinds), 12)).astype(np.float32)

    pooled = pool_parts(kinds, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    assert pooled.dtype == np.float32
    assert np.linalg.norm(pooled) == pytest.approx(1.0, abs=1e-5)


def test_a_texts_key_fits_its_column_and_tells_texts_apart():
    assert len(text_hash("dub")) == 32
    assert text_hash("dub") != text_hash("Dub")
