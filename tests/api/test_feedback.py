"""What listeners tell changes their next page, and is kept once however often it is told."""

import pytest

from tests.api.conftest import LISTENER

NOW = 1_772_357_400


def event(name, kind, track_id, **more):
    played = {"played_s": 200} if kind == "play" else {}
    return {"event_id": name, "kind": kind, "track_id": track_id, "at_uts": NOW} | played | more


def tell(client, *events):
    answer = client.post("/feedback", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_page(page):
    rows = [
        carousel["tracks"] + [t for mix in carousel["mixes"] for t in mix["tracks"]]
        for carousel in page["carousels"]
    ]
    return {track["track_id"] for row in rows for track in row}


def test_events_are_kept_once_however_often_they_are_told(ask, log, view):
    events = [event("a", "play", view.track_id(1)), event("b", "like", view.track_id(1))]

    assert tell(ask, *events) == {"kept_count": 2, "dropped_count": 0}
    page = ask.get("/recs/home").json()
    tell(ask, *events)
    tell(ask, events[1])

    assert set(log.rows) == {(LISTENER, "a"), (LISTENER, "b")}
    assert ask.get("/recs/home").json() == page


def test_a_disliked_track_is_gone_from_every_page_at_once(ask):
    disliked = ask.get("/recs/home").json()["carousels"][0]["tracks"][0]["track_id"]
    seed = ask.get(f"/recs/track/{disliked}").json()["tracks"][0]["track_id"]

    tell(ask, event("a", "dislike", disliked))

    assert disliked not in on_page(ask.get("/recs/home").json())
    assert disliked not in {t["track_id"] for t in ask.get(f"/recs/track/{seed}").json()["tracks"]}
    filled = ask.post("/playlists/autofill", json={"seeds": [seed], "exclude": {"library": False}}).json()
    assert disliked not in {track["track_id"] for track in filled["tracks"]}


def test_likes_and_plays_turn_the_page_of_a_newcomer_to_what_they_like(newcomer, view):
    block = 2
    rows = view.columns().genre_codes[view.genre(block)][:6].tolist()
    popular = newcomer.get("/recs/home").json()

    tell(newcomer, *(event(f"e{row}", "like", view.track_id(row)) for row in rows))
    page = newcomer.get("/recs/home").json()

    assert (popular["basis"], page["basis"]) == ("popular", "history")
    genres = [track["genres"][0] for track in page["carousels"][0]["tracks"]]
    assert genres.count(view.genre(block)) > len(genres) / 2


def test_of_two_things_said_the_later_counts(ask):
    track_id = ask.get("/recs/home").json()["carousels"][0]["tracks"][0]["track_id"]

    tell(ask, event("b", "like", track_id, at_uts=NOW + 5), event("a", "dislike", track_id))
    assert ask.app.state.keeping.seeds(LISTENER).opinions[track_id].verdict == 1
    tell(ask, event("c", "dislike", track_id, at_uts=NOW + 9))

    assert track_id not in on_page(ask.get("/recs/home").json())


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "hum"},
        {"kind": "play", "played_s": None},
        {"played_s": 3},
        {"kind": "play", "played_s": -1},
        {"at_uts": 0},
        {"at_uts": NOW + 90_000},
        {"at_uts": 10**18},
        {"event_id": ""},
        {"event_id": "a b"},
        {"track_id": "../x"},
        {"shown_in": "nowhere"},
        {"surprise": 1},
    ],
)
def test_a_wrong_event_is_refused_and_nothing_is_kept(ask, log, wrong):
    answer = ask.post("/feedback", json={"events": [event("a", "like", "x") | wrong]})

    assert answer.status_code == 400, answer.text
    assert log.rows == {}


def test_an_id_twice_in_a_batch_and_too_many_events_are_refused(ask):
    twice = [event("a", "like", "x"), event("a", "skip", "x")]

    assert ask.post("/feedback", json={"events": twice}).status_code == 400
    many = [event(f"e{n}", "click", "x") for n in range(201)]
    assert ask.post("/feedback", json={"events": many}).status_code == 400
