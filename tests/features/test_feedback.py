"""What listeners tell the API counts beside what they scrobble."""

import pytest

from tests.core.stores import NOON_UTS, add, empty_store, pin_raw, rows_of
from timbral.core import run as core
from timbral.features import run as features
from timbral.features.plays import DAY_S
from timbral.progress import Silent
from timbral.recommender.known import liking
from timbral.recommender.known_worth import LIKE_WORTH
from timbral.tables.api import FEEDBACK
from timbral.tables.core import TRACKS_CORE
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.raw import USER_SCROBBLES_RAW
from timbral.tags import run as tags

VENUS = {"artist": "Air", "track": "Venus"}


@pytest.fixture
def store(tmp_path):
    tables = empty_store(tmp_path)
    add(tables, USER_SCROBBLES_RAW, {**VENUS, "listener_id": "bob"})
    return tables


def run(store):
    pins = dict(pin_raw(store))
    for stage in (core, tags, features):
        pins |= stage.run(store, pins, Silent()).snapshots
    return rows_of(store, LISTENER_PLAYS)


def tell(store, *events, part="first"):
    run(store)
    (track,) = rows_of(store, TRACKS_CORE)
    rows = [
        {"event_id": f"e{number}", "track_id": track["track_id"], **event}
        for number, event in enumerate(events)
    ]
    add(store, FEEDBACK, *rows, part=part)
    return [row for row in run(store) if row["listener_id"] == "ann"]


@pytest.mark.parametrize(
    ("events", "plays", "skips", "verdict"),
    [
        ([{"kind": "play", "played_s": 200.0}], 1, 0, 0),
        (
            [
                {"kind": "play", "played_s": 30.0},
                {"kind": "play", "played_s": 99.0, "at_uts": NOON_UTS + 900},
            ],
            2,
            0,
            0,
        ),
        ([{"kind": "skip"}], 1, 1, 0),
        ([{"kind": "like"}], 0, 0, 1),
        ([{"kind": "save"}], 0, 0, 1),
        ([{"kind": "like"}, {"kind": "dislike", "at_uts": NOON_UTS + 1}], 0, 0, -1),
        ([{"kind": "dislike"}, {"kind": "like", "at_uts": NOON_UTS + 1}], 0, 0, 1),
    ],
)
def test_plays_skips_and_what_was_said_last_count(store, events, plays, skips, verdict):
    (row,) = tell(store, *events)

    assert (row["plays_count"], row["skips_count"], row["verdict"]) == (plays, skips, verdict)


@pytest.mark.parametrize("kind", ["impression", "click"])
def test_what_says_nothing_of_liking_counts_for_nothing(store, kind):
    assert tell(store, {"kind": kind}) == []


def test_a_play_too_short_counts_for_nothing(store):
    assert tell(store, {"kind": "play", "played_s": 29.0}) == []


def test_a_play_that_was_scrobbled_too_counts_once(store):
    add(store, USER_SCROBBLES_RAW, VENUS, part="ann")

    (near,) = tell(store, {"kind": "play", "played_s": 200.0, "at_uts": NOON_UTS + 240})

    assert near["plays_count"] == 1


def test_an_event_told_twice_is_one(store):
    event = {"kind": "play", "played_s": 200.0, "event_id": "same"}

    (row,) = tell(store, event, event)

    assert row["plays_count"] == 1


def test_who_only_said_something_is_no_listener_of_the_track(store):
    tell(store, {"kind": "like"})

    (view,) = rows_of(store, TRACK_FEATURE_VIEW)
    assert (view["listeners_count"], view["total_plays_count"]) == (1, 1)


def test_plays_and_hours_are_counted_by_window(store):
    days = [0, 6, 8, 29, 31, 89, 91]
    add(
        store,
        USER_SCROBBLES_RAW,
        *({**VENUS, "scrobbled_at_uts": NOON_UTS - day * DAY_S} for day in days),
        part="ann",
    )

    ann = next(row for row in run(store) if row["listener_id"] == "ann")
    clock = next(row for row in rows_of(store, LISTENER_CLOCK) if row["listener_id"] == "ann")

    assert [ann[f"{name}plays_count"] for name in ("week_", "month_", "recent_", "")] == [2, 4, 6, 7]
    assert [sum(clock[f"{name}hour_counts"]) for name in ("week_", "month_", "recent_", "")] == [2, 4, 6, 7]


def test_what_was_said_weighs_more_than_what_was_played(store):
    add(store, USER_SCROBBLES_RAW, VENUS, part="ann")
    for number, (kind, expected) in enumerate([("like", 1 + LIKE_WORTH), ("dislike", -1)]):
        tell(store, {"kind": kind, "event_id": kind, "at_uts": NOON_UTS + number}, part=kind)

        plays = store.read(LISTENER_PLAYS, store.pin(LISTENER_PLAYS))
        assert liking(plays)[plays.column("listener_id").to_pylist().index("ann")] == expected
