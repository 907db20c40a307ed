import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import LISTENER, Shelf, client_of
from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.api.routes import onboarding
from timbral.api.routes.plain_request import PlainEndpoint

VIEW = MemoryRelease()
NAMES = ("limit", "discovery", "cursor", "samples", "genres", "moods", "year_from", "year_to", "k")
VALUES = ("1", "20", "0", "101", "-1", "0.3", "", "nan", "rock", "sad", "1990", "2020", "é", "x y", "+3")
PATHS = (
    "/recs/home",
    f"/recs/track/{VIEW.track_id(3)}",
    "/recs/track/nobody",
    "/recs/track/!",
    "/onboarding",
)


@pytest.fixture(scope="module")
def ask():
    shelf = Shelf(VIEW)
    return client_of(create_app(shelf, Identity(development=True), shelf), LISTENER)


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(PATHS),
    query=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4),
)
def test_the_short_way_answers_as_the_framework_does(ask, path, query):
    short = ask.get(path, params=query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainEndpoint, "arguments", lambda *_: None)
        through = ask.get(path, params=query)

    assert (short.status_code, short.content) == (through.status_code, through.content)
    assert short.headers == through.headers


def test_a_request_that_is_right_takes_the_short_way(ask, monkeypatch):
    taken = []
    whole = PlainEndpoint.answer
    monkeypatch.setattr(PlainEndpoint, "answer", lambda self, *rest: taken.append(self) or whole(self, *rest))

    for path in ("/recs/home?limit=3", f"/recs/track/{VIEW.track_id(3)}?genres=a&genres=b", "/onboarding"):
        assert ask.get(path).status_code == 200

    assert len(taken) == 3


def test_an_endpoint_that_takes_a_body_or_the_whole_request_is_no_plain_one():
    assert PlainEndpoint.of(onboarding.post_onboarding) is None
    assert PlainEndpoint.of(onboarding.get_onboarding) is not None
