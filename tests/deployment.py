"""The deployment as the templates describe it, for tests that hold it against the code."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

REPOSITORY = Path(__file__).resolve().parent.parent
FUNCTIONS = REPOSITORY / "functions"
LAYERS = REPOSITORY / "layers"
STORE = "arn:${AWS::Partition}:s3:::${Bucket}/${StorePrefix}/"


@cache
def template(name: str = "template.yaml") -> dict[str, Any]:
    """Return a template; its short tags become ``Fn::`` and ``Ref``."""
    return cfn_yaml.load(str(REPOSITORY / name))


def logical_id(name: str) -> str:
    """Return what a folder's resource is called: ``core_map_tracks`` is ``CoreMapTracks``."""
    return "".join(word.capitalize() for word in name.split("_"))


def resources(kind: str, name: str = "template.yaml") -> dict[str, Any]:
    """Return a template's resources of one type."""
    return {key: value for key, value in template(name)["Resources"].items() if value["Type"] == kind}


def functions() -> dict[str, Any]:
    """Return the properties of each function, by its folder's name."""
    found = resources("AWS::Serverless::Function")
    return {folder.name: found[logical_id(folder.name)]["Properties"] for folder in function_folders()}


def function_folders() -> list[Path]:
    """Return the folders of functions, in order."""
    return sorted(path.parent for path in FUNCTIONS.glob("*/handler.py"))


def statements(policies: list[Any]) -> list[dict[str, Any]]:
    """Return the statements of policy documents."""
    return [statement for policy in policies for statement in policy["Statement"]]


def allowed_keys(found: list[dict[str, Any]], action: str) -> list[str]:
    """Return patterns of the store's keys that statements allow an action on."""
    return [
        resource["Fn::Sub"].removeprefix(STORE)
        for statement in found
        if action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
        if "Fn::Sub" in resource
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def flow(name: str = "flow") -> dict[str, Any]:
    """Return a state machine."""
    return json.loads((REPOSITORY / "infra" / f"{name}.asl.json").read_text())
