"""What the templates say that costs money: read from the files that are deployed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's YAML; a short tag becomes ``{tag: value}``."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]  # the third kind of node


_Loader.add_multi_constructor("!", _tagged)


@dataclass(frozen=True)
class Machine:
    """What a function or a job has.

    Attributes:
        memory_gb: Memory.
        disk_gb: Disk beyond what is free.
        vcpus_count: Processors; 0 for a function, which has them by its memory.
    """

    memory_gb: float
    disk_gb: float
    vcpus_count: float = 0


@dataclass(frozen=True)
class Deployment:
    """The settings of a deployment that cost money.

    Attributes:
        architecture: ``x86_64`` or ``arm64``.
        functions: By folder's name.
        jobs: By folder's name.
        counts: Resources by type.
        warm_count: Instances of the API kept warm.
        hourly: Whether the hourly run is on.
        log_days: How long logs are kept.
        switches: Parameters that turn something on, and whether they do.
    """

    architecture: str
    functions: Mapping[str, Machine]
    jobs: Mapping[str, Machine]
    counts: Mapping[str, int]
    warm_count: int
    hourly: bool
    log_days: int
    switches: Mapping[str, bool]


def read_deployment(folder: Path, given: Mapping[str, str] | None = None) -> Deployment:
    """Read the templates of a checkout.

    Args:
        folder: Where ``template.yaml`` lies, and ``infra`` below it.
        given: Parameters that are set otherwise than their defaults.

    Raises:
        InvalidInput: There is no template, or no parameter of a given name.
    """
    main, jobs = _load(folder, "template.yaml"), _load(folder, "infra/batch.yaml")
    alarms = _load(folder, "infra/alarms.yaml")
    parameters = _parameters(main, given or {})
    return Deployment(
        architecture=str(parameters["Architecture"]),
        functions=_functions(main),
        jobs=_jobs(jobs),
        counts=Counter(one["Type"] for part in (main, jobs, alarms) for one in part["Resources"].values()),
        warm_count=int(parameters["ApiProvisionedConcurrency"]),
        hourly=parameters["HourlyState"] == "ENABLED",
        log_days=int(parameters["LogRetentionDays"]),
        switches={name: value == "true" for name, value in parameters.items() if value in {"true", "false"}},
    )


def _load(folder: Path, name: str) -> dict[str, Any]:
    try:
        with (folder / name).open(encoding="utf-8") as file:
            return dict(yaml.load(file, _Loader))  # noqa: S506  a safe loader, with CloudFormation's tags
    except OSError as error:
        msg = f"there is no {name} in {folder}: name the project's folder with --project"
        raise InvalidInput(msg, "project") from error


def _parameters(main: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    known = {name: one.get("Default") for name, one in main["Parameters"].items()}
    for name in given:
        if name not in known:
            msg = f"the template has no parameter {name!r}; it has {', '.join(known)}"
            raise InvalidInput(msg, name)
    return known | dict(given)


def _functions(main: Mapping[str, Any]) -> dict[str, Machine]:
    usual = main["Globals"]["Function"]
    found = {}
    for one in main["Resources"].values():
        if one["Type"] == "AWS::Serverless::Function":
            own = one["Properties"]
            image = one.get("Metadata", {}).get("DockerBuildArgs", {}).get("FUNCTION")
            name = image or own["CodeUri"].removeprefix("functions/")
            memory_gb = own.get("MemorySize", usual["MemorySize"]) / 1_024
            disk = own.get("EphemeralStorage", usual["EphemeralStorage"])["Size"]
            found[name] = Machine(memory_gb, max(0, disk - 512) / 1_024)
    return found


def _jobs(jobs: Mapping[str, Any]) -> dict[str, Machine]:
    defaults = {name: one.get("Default") for name, one in jobs["Parameters"].items()}
    found = {}
    for one in jobs["Resources"].values():
        if one["Type"] == "AWS::Batch::JobDefinition":
            container = one["Properties"]["ContainerProperties"]
            needs = {
                need["Type"]: _number(need["Value"], defaults) for need in container["ResourceRequirements"]
            }
            disk_gb = max(0, container["EphemeralStorage"]["SizeInGiB"] - 20)
            name = container["Command"][0].split(".")[1]
            found[name] = Machine(needs["MEMORY"] / 1_024, disk_gb, needs["VCPU"])
    return found


def _number(value: Any, defaults: Mapping[str, Any]) -> float:
    return float(defaults[value["Ref"]] if isinstance(value, dict) else value)
