"""The bill of a month: how much of each thing, times its price."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.cost.deployment import Deployment, Machine

_NIGHTS = 365 / 12
_HOURS = 24 * _NIGHTS
_SECONDS = 3_600 * _HOURS
_NIGHTLY_ONLY = {"embeddings_encode_chunk", "recommender_publish_release", "recommender_monitor_releases"}
_VCPU_MB = 1_769  # Lambda gives a function of so much memory one processor


@dataclass(frozen=True)
class Load:
    """What a deployment has to do.

    Attributes:
        listeners_count: Listeners.
        monthly_plays_count: Plays that come in a month.
        stored_plays_count: Plays in the store.
        tracks_count: Tracks in the catalogue.
        new_tracks_count: Tracks that are new in a month.
        requests_count: Requests to the API in a month.
    """

    listeners_count: int
    monthly_plays_count: int
    stored_plays_count: int
    tracks_count: int
    new_tracks_count: int
    requests_count: int

    @property
    def is_idle(self) -> bool:
        """Whether nothing comes in and nobody asks."""
        return not (self.monthly_plays_count or self.requests_count)


def usual_load(listeners_count: int, plays_count: int) -> Load:
    """Return the load of some listeners who make some plays a month, a year after they began.

    A track is heard twenty times a month by all together, one in twenty is new, and a listener asks once in
    ten plays.
    """
    tracks_count = min(plays_count // 20 + 1_000, 5_000_000)
    return Load(
        listeners_count,
        monthly_plays_count=plays_count,
        stored_plays_count=12 * plays_count,
        tracks_count=tracks_count,
        new_tracks_count=tracks_count // 20,
        requests_count=plays_count // 10,
    )


def idle(load: Load) -> Load:
    """Return the same store, with nothing coming in and nobody asking."""
    return Load(load.listeners_count, 0, load.stored_plays_count, load.tracks_count, 0, 0)


@dataclass
class Bill:
    """A month's bill.

    Attributes:
        lines: Dollars by service.
    """

    prices: Mapping[str, float]
    lines: dict[str, float] = field(default_factory=dict)

    def add(self, service: str, price: str, amount: float) -> None:
        """Put an amount of something on the bill."""
        self.lines[service] = self.lines.get(service, 0.0) + amount * self.prices[price]

    @property
    def total(self) -> float:
        """Dollars a month."""
        return sum(self.lines.values())


def load_prices() -> dict[str, float]:
    """Return the list prices that ship: dollars by name."""
    return {name: one["usd"] for name, one in _shipped("prices.json")["prices"].items()}


def prices_as_of() -> str:
    """Say of which region and month the prices are."""
    shipped = _shipped("prices.json")
    return f"{shipped['region']}, {shipped['as_of']}"


def _shipped(name: str) -> dict[str, Any]:
    return dict(json.loads(files("timbral.cost").joinpath(name).read_text(encoding="utf-8")))


def monthly_bill(deployment: Deployment, load: Load, prices: Mapping[str, float]) -> Bill:
    """Reckon a month.

    Args:
        deployment: The template's settings.
        load: What it has to do.
        prices: Dollars by name.

    Returns:
        The bill by service, without free tiers: what is charged may be less.
    """
    bill, work = Bill(prices), _shipped("work.json")
    steps_count = _functions(bill, deployment, load, work)
    _waits(bill, deployment, load, work)
    _erasures(bill, deployment, load, work)
    _jobs(bill, deployment, load, work)
    _api(bill, deployment, load, work)
    _storage(bill, load, work, steps_count)
    _standing(bill, deployment, load, work, steps_count)
    return bill


def _takes_s(step: Mapping[str, float], load: Load, share: float) -> float:
    """Return the processor seconds of a run; ``share`` is its part of the month's news."""
    return (
        step.get("base_s", 0)
        + step.get("million_plays_s", 0) * load.stored_plays_count / 1e6
        + step.get("million_new_plays_s", 0) * load.monthly_plays_count * share / 1e6
        + step.get("thousand_tracks_s", 0) * load.tracks_count / 1e3
        + step.get("thousand_new_tracks_s", 0) * load.new_tracks_count * share / 1e3
    )


def _functions(bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any]) -> float:
    """Put the flow's functions on the bill; returns how many steps ran."""
    hours = _HOURS if deployment.hourly else 0
    total = 0.0
    for name, step in work["steps"].items():
        runs = _runs(name, hours, load)
        # With nothing new a step finds out that its inputs are as before, and is done.
        per_run_s = step["base_s"] if load.is_idle else _takes_s(step, load, 1 / max(runs, 1))
        count = runs * (16 if name == "embeddings_encode_chunk" else 1)
        _invoked(bill, deployment, deployment.functions[name], count, count * per_run_s)
        total += count
    bill.add("Step Functions", "states_transition", _NIGHTS * work["transitions_per_night"])
    per_hour = work["transitions_per_idle_hour"] if load.is_idle else work["transitions_per_night"] / 3
    bill.add("Step Functions", "states_transition", hours * per_hour)
    return total


def _waits(bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any]) -> None:
    """Put on the bill what asks providers, where it is switched on; more processors wait no faster."""
    for name, wait in work["waits"].items():
        if not deployment.switches[wait["switch"]]:
            continue
        elapsed_s = (
            wait["monthly_runs"] * wait["base_s"]
            + wait.get("listener_hour_s", 0) * load.listeners_count * _HOURS
            + wait.get("listener_day_s", 0) * load.listeners_count * _NIGHTS
            + wait.get("thousand_new_plays_s", 0) * load.monthly_plays_count / 1e3
            + wait.get("thousand_new_tracks_s", 0) * load.new_tracks_count / 1e3
        )
        _ran(bill, deployment, deployment.functions[name], wait["monthly_runs"], elapsed_s)


def _erasures(bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any]) -> None:
    count = 0.0 if load.is_idle else load.listeners_count * work["monthly_erasures_share"]
    _invoked(bill, deployment, deployment.functions["api_erase_listeners"], count, count * work["erasure_s"])


def _runs(name: str, hours: float, load: Load) -> float:
    """Return how often a step runs in a month."""
    busy_hours = 0 if load.is_idle else hours
    if name in _NIGHTLY_ONLY:
        return _NIGHTS
    if name == "recommender_vacuum_store":
        return _NIGHTS / 7
    return {"raw_load_objects": busy_hours, "raw_pin_tables": _NIGHTS + hours}.get(name, _NIGHTS + busy_hours)


def _invoked(bill: Bill, deployment: Deployment, machine: Machine, count: float, core_s: float) -> None:
    """Put invocations on the bill; with more memory, work takes less time, up to two processors."""
    cores = min(2.0, machine.memory_gb * 1_024 / _VCPU_MB)
    _ran(bill, deployment, machine, count, core_s / max(cores, 0.1))


def _ran(bill: Bill, deployment: Deployment, machine: Machine, count: float, seconds: float) -> None:
    bill.add("Lambda", "lambda_request", count)
    bill.add("Lambda", f"lambda_gb_s_{deployment.architecture}", seconds * machine.memory_gb)
    bill.add("Lambda", "lambda_disk_gb_s", seconds * machine.disk_gb)


def _jobs(bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any]) -> None:
    for name, job in work["jobs"].items():
        machine = deployment.jobs[name]
        runs = _NIGHTS if job.get("nightly") else job["monthly_runs"]
        is_done = load.is_idle and job.get("nightly")  # the release is made already
        core_s = 60.0 if is_done else _takes_s(job, load, 1)
        hours = runs * (core_s / machine.vcpus_count + 60) / 3_600  # a minute to fetch the image
        bill.add("Batch (Fargate)", f"fargate_vcpu_h_{deployment.architecture}", hours * machine.vcpus_count)
        bill.add("Batch (Fargate)", f"fargate_gb_h_{deployment.architecture}", hours * machine.memory_gb)
        bill.add("Batch (Fargate)", "fargate_disk_gb_h", hours * machine.disk_gb)


def _api(bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any]) -> None:
    machine = deployment.functions["api"]
    bill.add("API Gateway", "gateway_request", load.requests_count)
    _invoked(bill, deployment, machine, load.requests_count, load.requests_count * work["request_s"])
    warm_gb_s = deployment.warm_count * machine.memory_gb * _SECONDS
    bill.add("Lambda", f"lambda_warm_gb_s_{deployment.architecture}", warm_gb_s)
    bill.add("Transfer", "egress_gb", load.requests_count * work["answer_kb"] / 1e6)
    bill.add("S3", "s3_get", load.requests_count * work["gets_per_request"])


def _storage(bill: Bill, load: Load, work: Mapping[str, Any], steps_count: float) -> None:
    releases = 1 if load.is_idle else work["kept_releases"]
    hot = (
        load.stored_plays_count * work["bytes_per_play"]
        + load.tracks_count * (work["bytes_per_track"] + releases * work["bytes_per_release_track"])
        + load.listeners_count * releases * work["bytes_per_listener"]
        + work["models_bytes"]
    )
    bill.add("S3", "s3_gb_month", hot / 1e9)
    bill.add("S3", "s3_cold_gb_month", load.stored_plays_count * work["cold_bytes_per_play"] / 1e9)
    bill.add("S3", "s3_put", steps_count * work["puts_per_step"])
    bill.add("S3", "s3_get", steps_count * work["gets_per_step"])
    bill.add("ECR", "ecr_gb_month", work["image_gb"])


def _standing(
    bill: Bill, deployment: Deployment, load: Load, work: Mapping[str, Any], steps_count: float
) -> None:
    """Put on the bill what stands by itself, and the logs."""
    counts = deployment.counts
    log_kb = steps_count * work["log_kb_per_step"] + load.requests_count * work["log_kb_per_request"]
    bill.add("CloudWatch", "logs_gb", log_kb / 1e6)
    bill.add("CloudWatch", "logs_gb_month", log_kb / 1e6 * deployment.log_days / 30)
    bill.add("CloudWatch", "alarm_month", counts["AWS::CloudWatch::Alarm"])
    bill.add("CloudWatch", "dashboard_month", counts["AWS::CloudWatch::Dashboard"])
    bill.add("CloudWatch", "metric_month", work["own_metrics"] * (0.5 if load.is_idle else 1))
    bill.add("X-Ray", "trace", steps_count + 0.05 * load.requests_count)
    bill.add("KMS", "key_month", counts["AWS::KMS::Key"])
    bill.add("KMS", "key_request", steps_count)
    bill.add("Secrets Manager", "secret_month", counts["AWS::SecretsManager::Secret"])
    polls = (
        counts["AWS::SQS::Queue"] / 2 * 5 * _SECONDS / 20
    )  # Lambda polls each queue of work by five readers
    bill.add("SQS", "queue_request", polls)
    bill.add("EventBridge", "event", steps_count)
