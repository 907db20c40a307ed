import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import Shelf, client_of, keeping_in_memory
from tests.api.memory_release import MemoryRelease
from tests.api.test_home import tracks_of
from timbral.api.answers.autofill import autofill
from timbral.api.answers.company import LAST_RESORT
from timbral.api.answers.home import home_page
from timbral.api.answers.wishes import AutofillWish, Exclusion
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.recommender.release.view import TrackFilter


class LonelyRelease(MemoryRelease):
    """The planted release where no two tracks sound alike, so that likeness never is a reason."""

    def __init__(self, *, companions=True, **options):
        super().__init__(**options)
        self._vectors = np.eye(self.tracks_count, dtype=np.float32)
        self._has_companions = companions

    def companions(self, row):
        rows, shares = super().companions(row)
        return (rows, shares) if self._has_companions else (rows[:0], shares[:0])


VIEW, LONELY = MemoryRelease(), LonelyRelease()
FACTS = ("title", "artist", "artist_id", "album", "year", "tags", "moods", "links", "score", "why")


def all_said(track):
    return set(FACTS) <= track.keys() and track["why"]["rule"] and track["why"]["text"].endswith(".")


@settings(max_examples=25, deadline=None)
@given(
    view=st.sampled_from([VIEW, LONELY]),
    listener=st.sampled_from([*VIEW.world.listeners, "somebody-new"]),
    limit=st.integers(1, 50),
    discovery=st.floats(0, 1),
    picks=st.integers(0, 3),
)
def test_no_recommended_track_anywhere_lacks_a_reason_or_a_fact(view, listener, limit, discovery, picks):
    shelf = Shelf(view)
    app = create_app(shelf, Identity(development=True), shelf, keeping=keeping_in_memory())
    ask = client_of(app, listener)
    ids = [view.track_id(row) for row in range(picks + 1)]
    genre = next(iter(view.columns().genre_codes))
    answers = [
        ask.post("/onboarding", json={"track_ids": ids[:picks], "genres": [genre], "limit": limit}),
        ask.get("/recs/home", params={"limit": limit, "discovery": discovery}),
        ask.get(f"/recs/track/{ids[0]}", params={"limit": limit}),
        ask.post("/search", json={"query": view.world.titles[3], "limit": limit}),
        ask.post("/playlists/autofill", json={"seeds": ids, "k": limit}),
    ]

    found = [
        t for a in answers for t in (tracks_of(a.json()) if "carousels" in a.json() else a.json()["tracks"])
    ]

    assert found
    assert all(all_said(track) for track in found)


def for_you(view, name):
    page = home_page(view, name, view.listener(name), Shelf(view).now.date(), discovery=0.5, limit=20)
    return next(shelf.tracks for shelf in page.shelves if shelf.carousel == "for_you")


def test_where_nothing_sounds_alike_the_reason_is_who_plays_it():
    name = LONELY.world.listeners[0]
    library = set(LONELY.listener(name).rows.tolist())

    told = [one for one in for_you(LONELY, name) if one.why.tracks]

    assert told
    assert all("People who play" in one.why.text for one in told)
    for one in told:
        assert {card.row for card in one.why.tracks} <= library
        assert all(one.card.row in LONELY.companions(card.row)[0] for card in one.why.tracks)


def test_where_nobody_plays_both_the_reason_is_what_they_share():
    view = LonelyRelease(companions=False)

    found = for_you(view, view.world.listeners[0])

    assert all(one.why.tags or one.why.text == LAST_RESORT for one in found)
    assert any(one.why.tags for one in found)


def test_a_filled_playlist_says_that_people_play_a_track_only_where_they_do():
    seeds = [LONELY.track_id(row) for row in range(3)]
    wish = AutofillWish(tuple(seeds), LONELY.tracks_count, 0.3, 200, TrackFilter(), Exclusion())

    found = autofill(LONELY, None, wish)

    together = LONELY.co_listened(LONELY.rows(seeds).tolist())
    for one in found:
        assert (one.why.rule == "played_with_seeds") == (together[one.card.row] > 0)
    assert {one.why.rule for one in found} == {"played_with_seeds", "near_seeds"}
