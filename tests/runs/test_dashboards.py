"""What dashboards and alarms ask for is there: metrics that functions tell, columns that tables have."""

import json
import re

import pytest

from tests.dashboards import answer
from tests.deployment import REPOSITORY, resources, template
from timbral.operations.observed import COUNTS
from timbral.operations.watch import Sight
from timbral.tables.api import FEEDBACK
from timbral.tables.runs import JOB_LOG

GRAFANA = json.loads((REPOSITORY / "infra" / "dashboards" / "grafana.json").read_text())
QUERIES = [one["rawSQL"] for panel in GRAFANA["panels"] for one in panel["targets"] if "rawSQL" in one]
TOLD = {*COUNTS, "quarantined_count", "elapsed_ms", *Sight(1.0, 1.0, 0, 0).gauges}


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_every_query_knows_its_columns(query, folder_tables):
    tables = {table.name: (table, folder_tables.current(table)) for table in (JOB_LOG, FEEDBACK)}

    with folder_tables.engine(tables, latest=False) as engine:
        assert answer(engine, query) == []


def test_every_own_metric_that_is_shown_or_watched_is_told():
    alarms = resources("AWS::CloudWatch::Alarm", "infra/alarms.yaml").values()
    watched = {
        one["Properties"]["MetricName"] for one in alarms if one["Properties"].get("Namespace") == "Timbral"
    }
    body = template("infra/alarms.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    shown = {
        metric[1]
        for widget in widgets
        for metric in widget["properties"]["metrics"]
        if metric[0] == "Timbral"
    }
    panels = {
        target["metricName"]
        for panel in GRAFANA["panels"]
        for target in panel["targets"]
        if target.get("namespace") == "Timbral"
    }

    assert watched | shown | panels <= TOLD
    assert {"release_age_hours", "tag_drift"} <= watched


def test_every_source_of_a_panel_is_provisioned():
    text = (REPOSITORY / "infra" / "dashboards" / "provisioning" / "datasources.yaml").read_text()

    wanted = {panel["datasource"]["uid"] for panel in GRAFANA["panels"]}
    assert wanted == set(re.findall(r"uid: (\S+)", text))


def test_every_alarm_tells_somebody():
    for alarm in resources("AWS::CloudWatch::Alarm", "infra/alarms.yaml").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Told"}]


def test_every_queue_for_what_fails_is_watched_and_shown():
    failures = {name for name in resources("AWS::SQS::Queue") if name.endswith("Failures")}
    told = template()["Resources"]["Alarms"]["Properties"]["Parameters"]
    alarms = resources("AWS::CloudWatch::Alarm", "infra/alarms.yaml").values()
    watched = {
        dimension["Value"]["Ref"]
        for alarm in alarms
        for dimension in alarm["Properties"].get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    body = template("infra/alarms.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

    assert watched == failures
    assert failures <= set(told)
    assert all(f"${{{name}}}" in body for name in failures)
