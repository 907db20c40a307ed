import json
from dataclasses import asdict

import orjson
import pyarrow as pa
import pytest

from tests.functions.conftest import Context
from timbral.api.metrics import METRICS_KEY, OnlineMetric, keep_metrics, online_metrics
from timbral.operations import upkeep
from timbral.operations.observed import observed
from timbral.settings import Settings
from timbral.store.releases import Manifest
from timbral.tables.api import FEEDBACK
from timbral.wiring import Services


def event(kind, track="t", *, listener="ann", shown_in="for_you", release="r1", played_s=None):
    return {
        "listener_id": listener,
        "track_id": track,
        "kind": kind,
        "shown_in": shown_in,
        "release": release,
        "played_s": played_s,
    }


def told(tables, events, part="one"):
    rows = [
        {"event_id": f"{part}{number}", "at_uts": 1_772_000_000, "observed_at_uts": 0, **one}
        for number, one in enumerate(events)
    ]
    tables.append(FEEDBACK, pa.Table.from_pylist(rows, schema=FEEDBACK.schema), part)
    return tables


SHOWN = [event("impression", track=f"t{n}") for n in range(4)]
DONE = [event("click", "t0"), event("click", "t0"), event("save", "t1"), event("click", "unseen")]
PLAYS = [event("play", "t0", played_s=seconds) for seconds in (60, 61, 200)]


def test_rates_are_told_by_release_and_place(folder_tables):
    (metric,) = online_metrics(told(folder_tables, SHOWN + DONE + PLAYS))

    assert (metric.release, metric.shown_in) == ("r1", "for_you")
    assert (metric.click_through_rate, metric.save_rate) == (0.25, 0.25)
    assert metric.long_play_rate == pytest.approx(2 / 3)


def test_places_and_releases_stay_apart_and_the_unknown_has_no_rate(folder_tables):
    events = [
        event("like"),
        event("impression", shown_in="search"),
        event("play", release=None, played_s=1.0),
    ]

    found = online_metrics(told(folder_tables, events))

    assert [(m.release, m.shown_in) for m in found] == [("", "for_you"), ("r1", "for_you"), ("r1", "search")]
    assert [m.click_through_rate for m in found] == [None, None, 0.0]


def test_an_event_that_was_told_twice_counts_once(folder_tables):
    told(folder_tables, PLAYS)
    told(folder_tables, PLAYS)

    assert online_metrics(folder_tables)[0].plays_count == 3


def test_what_is_kept_names_nobody(objects):
    keep_metrics(objects, [OnlineMetric("r1", "for_you", 1, 1, 0, 0, 0, 1.0, None, 0.0)])

    kept = orjson.loads(objects.get(METRICS_KEY))
    assert kept[0]["click_through_rate"] == 1.0
    assert not [name for name in kept[0] if "listener" in name]


def test_the_daily_look_notes_them_and_tells_cloudwatch_of_the_served_release(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "timbral")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Timbral")
    services = Services(Settings(store_root=str(tmp_path)))
    told(services.tables, SHOWN + DONE + [event("impression", release="r0")])
    manifest = Manifest("r1", "b1", {}, {}, decision={"promote": True}, built_at_uts=1)
    services.releases.serve(services.releases.register(manifest))

    watched = observed(lambda event, _context: upkeep.monitor_releases(services, event))
    report = watched({"run": "day-1"}, Context("recommender_monitor_releases"))["report"]

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    rates = [line for line in lines if "click_through_rate" in line]
    assert [(line["shown_in"], line["click_through_rate"], line["release"]) for line in rates] == [
        ("for_you", [0.25], "r1")
    ]
    assert rates[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Timbral"
    kept = orjson.loads(services.objects.get(METRICS_KEY))
    assert [one["release"] for one in kept] == ["r0", "r1"]
    assert report["received"] == [
        asdict(one) for one in online_metrics(services.tables) if one.release == "r1"
    ]
