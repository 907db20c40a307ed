import orjson
import pytest

from timbral.api.metrics import METRICS_KEY, keep_metrics, online_metrics


def event(kind, track="t", *, listener="ann", shown_in="for_you", release="r1", played_s=None):
    return {
        "listener_id": listener,
        "track_id": track,
        "kind": kind,
        "shown_in": shown_in,
        "release": release,
        "played_s": played_s,
    }


def test_rates_are_told_by_release_and_place():
    shown = [event("impression", track=f"t{n}") for n in range(4)]
    done = [event("click", "t0"), event("click", "t0"), event("save", "t1"), event("click", "unseen")]
    plays = [event("play", "t0", played_s=seconds) for seconds in (60, 61, 200)]

    (metric,) = online_metrics(shown + done + plays)

    assert (metric.release, metric.shown_in) == ("r1", "for_you")
    assert (metric.click_through_rate, metric.save_rate) == (0.25, 0.25)
    assert metric.long_play_rate == pytest.approx(2 / 3)


def test_places_and_releases_stay_apart_and_the_unknown_has_no_rate():
    found = online_metrics(
        [event("like"), event("impression", shown_in="search"), event("play", release=None)]
    )

    assert [(m.release, m.shown_in) for m in found] == [("", "for_you"), ("r1", "for_you"), ("r1", "search")]
    assert [m.click_through_rate for m in found] == [None, None, 0.0]


def test_the_order_of_events_changes_nothing(objects):
    events = [event("impression"), event("click"), event("play", played_s=90.0)]

    assert online_metrics(events) == online_metrics(reversed(events))
    keep_metrics(objects, online_metrics(events))
    assert orjson.loads(objects.get(METRICS_KEY))[0]["click_through_rate"] == 1.0
