import numpy as np
import pytest

from tests.api.conftest import LISTENER, client_of
from timbral.api.answers.rereading import card_text
from timbral.api.answers.search import RERANKED_COUNT, _why, reranked
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.errors import NotFound


def found(ask, query, **more):
    return ask.post("/search", json={"query": query, **more}).json()


def test_an_artist_is_found_by_name_and_the_reason_says_so(ask, view):
    artist = str(view.world.artists[33])

    tracks = found(ask, artist)["tracks"]

    assert tracks[0]["artist"] == artist
    assert tracks[0]["why"]["rule"] == "search_words"
    assert artist in tracks[0]["why"]["text"]


def test_a_misspelt_name_gets_a_suggestion(ask, view):
    title = str(view.world.titles[40])

    answer = found(ask, title.replace(title[2], "q", 1))

    assert answer["did_you_mean"] == title


def test_a_known_name_gets_no_suggestion(ask, view):
    assert found(ask, str(view.world.titles[40]))["did_you_mean"] is None


def test_filters_reach_the_index(ask, view):
    tag = view.genre(0).split()[1]

    tracks = found(ask, tag, filters={"moods": ["sad"], "year_from": 1990}, limit=100)["tracks"]

    assert tracks
    assert all("sad" in track["moods"] and track["year"] >= 1990 for track in tracks)


def test_a_search_pages_on_without_repeats(ask, view):
    tag = view.genre(0).split()[1]
    first = found(ask, tag, limit=5)
    second = found(ask, tag, limit=5, cursor=first["next_cursor"])

    ids = [track["track_id"] for track in first["tracks"] + second["tracks"]]
    assert len(set(ids)) == 10


def test_nothing_found_is_an_empty_answer(ask):
    answer = found(ask, "zzzz")

    assert answer["tracks"] == []
    assert answer["next_cursor"] is None


@pytest.mark.parametrize(
    "query", ["夜に駆ける", "Для тебя", "🎷🌧️", "👩‍🎤", "!!!", "a'; DROP TABLE tracks; --", '" OR *', "ܫܠܡܐ"]
)
def test_any_script_is_a_query(ask, query):
    assert ask.post("/search", json={"query": query}).status_code == 200


def test_a_reason_without_common_words_is_meaning(view):
    card = view.cards([0])[0]._replace(
        title="The Rain", artist="夜", tags=("dream pop",), genres=(), moods=()
    )

    assert _why("the sun", card).rule == "search_meaning"
    assert _why("the rain", card).text == "Matches the title “The Rain”."
    assert _why("夜に駆ける", card).text == "Matches the artist “夜”."
    assert _why("some dream pop please", card).tags == ("dream pop",)


def test_reranking_puts_the_same_tracks_in_another_order_and_keeps_a_name_that_was_meant(ask, view):
    query, title = " ".join({view.genre(block) for block in range(6)}), str(view.world.titles[3])
    plain, mine = (
        ask.post("/search", json={"query": query, "limit": 100, "rerank": rerank}).json()["tracks"]
        for rerank in (False, True)
    )
    named = ask.post("/search", json={"query": title, "rerank": True}).json()

    assert {one["track_id"] for one in plain} == {one["track_id"] for one in mine}
    assert [one["track_id"] for one in plain] != [one["track_id"] for one in mine]
    scores = [one["score"] for one in mine]
    assert scores == sorted(scores, reverse=True)
    assert named["tracks"][0]["title"] == title


def test_of_what_matches_alike_that_comes_first_which_the_listener_likes():
    rows, liking = np.array([5, 2, 9]), np.array([0.1, 0.9, 0.5])

    found, _ = reranked(rows, np.full(3, 0.2, np.float32), liking)

    assert found.tolist() == [2, 9, 5]


def test_reranking_changes_nothing_for_a_newcomer_and_has_cursors_of_its_own(newcomer, ask, view):
    body = {"query": view.genre(1), "limit": 5}
    plain = newcomer.post("/search", json=body).json()

    assert newcomer.post("/search", json=body | {"rerank": True}).json()["tracks"] == plain["tracks"]
    mixed = ask.post("/search", json=body | {"rerank": True, "cursor": plain["next_cursor"]})
    assert mixed.status_code == 410


def test_what_lies_beyond_the_reranked_stays_behind_them():
    rows = np.arange(150)
    scores = np.linspace(1, 0.1, 150, dtype=np.float32)

    found, blended = reranked(rows, scores, liking=np.arange(150.0))

    assert set(found[:RERANKED_COUNT]) == set(range(RERANKED_COUNT))
    assert found[RERANKED_COUNT:].tolist() == list(range(RERANKED_COUNT, 150))
    assert np.all(np.diff(blended) <= 0)


class Reader:
    """Finds that the longest text answers best, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def relevance(self, query, texts):
        self.asked.append((query, len(texts)))
        return np.array([1 - 1 / len(text) for text in texts], dtype=np.float32)


def asker(shelf, relevance):
    app = create_app(shelf, Identity(development=True), shelf, relevance=relevance)
    return client_of(app, LISTENER)


def test_the_best_are_read_together_with_the_query_and_come_in_that_order(ask, shelf, view):
    reader, query = Reader(), " ".join({view.genre(block) for block in range(6)})
    body = {"query": query, "limit": 100}
    plain = found(ask, **body)["tracks"]

    read = found(asker(shelf, lambda: reader), **body, rerank=True, rerank_by="text")["tracks"]

    assert reader.asked == [(query, RERANKED_COUNT)]
    assert {one["track_id"] for one in read} == {one["track_id"] for one in plain}
    scores = [one["score"] for one in read]
    assert scores == sorted(scores, reverse=True)
    rows = view.rows([one["track_id"] for one in read])
    lengths = [len(card_text(card)) for card in view.cards(rows.tolist())]
    assert lengths == sorted(lengths, reverse=True)


def test_nothing_is_read_that_was_not_asked_for_or_found(shelf):
    reader = Reader()
    app = asker(shelf, lambda: reader)

    found(app, "dream", rerank_by="text")
    found(app, "dream", rerank=True)
    nothing = found(app, "zzzz", rerank=True, rerank_by="text")

    assert nothing["tracks"] == []
    assert reader.asked == [("zzzz", 0)]


def test_without_a_cross_encoder_an_order_by_text_is_refused_in_one_sentence(ask):
    answer = ask.post("/search", json={"query": "rain", "rerank": True, "rerank_by": "text"})

    assert answer.status_code == 400
    assert answer.json()["field"] == "body.rerank_by"
    assert "allowed is 'taste'" in answer.json()["detail"]
    assert ask.post("/search", json={"query": "rain", "rerank_by": "text"}).status_code == 200


def test_a_cross_encoder_that_is_wanted_and_missing_is_said_to_be(shelf):
    def missing():
        msg = "the store has nothing under 'embeddings/cross-encoder'"
        raise NotFound(msg)

    answer = asker(shelf, missing).post(
        "/search", json={"query": "rain", "rerank": True, "rerank_by": "text"}
    )

    assert answer.status_code == 503
    assert "'embeddings/cross-encoder'" in answer.json()["detail"]


def test_a_tracks_text_has_its_names_first(view):
    card = view.cards([0])[0]._replace(
        title="The Rain", artist="Ada", album="Sky", genres=("dub",), moods=("sad",), tags=("dub", "slow")
    )

    assert card_text(card) == "The Rain by Ada (Sky). dub, sad, slow"


def test_a_reason_names_what_was_misspelt(view):
    card = view.cards([0])[0]._replace(title="Bohemian Rhapsody", tags=(), genres=(), moods=())

    assert "“Bohemian Rhapsody”" in _why("Bohemain Rapsody", card, "Bohemian Rhapsody").text
