"""Serving the release that a run made, if the gate let it through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral.errors import NotFound
from timbral.operations.events import StepEvent, read_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.store.releases import Manifest
    from timbral.wiring import Services


def publish_release(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Serve the release that was made of the pinned snapshots, if the gate let it through.

    A release that is served already stays so, and one that was gone back from stays withdrawn.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``pins`` as they were; ``report`` with the release, the gate's decision and what is served.

    Raises:
        InvalidInput: The event isn't what it must be.
        NotFound: No release was made of these snapshots.
    """
    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/publish") as outcome:
        outcome.inputs = told.pins
        manifest = _release_of(services.releases.list(), told.pins)
        found = {"release": manifest.release, "served": services.releases.serve(manifest)}
        outcome.notes = found | {"decision": manifest.decision}
    report = {"stage": "recommender", **found, "decision": manifest.decision}
    return {"pins": told.pins, "report": report}


def _release_of(manifests: list[Manifest], pins: Mapping[str, str]) -> Manifest:
    """Choose the newest release whose tables are those pinned."""
    for manifest in manifests:
        tables = manifest.inputs.get("tables", {})
        if tables and all(pins.get(name) == snapshot for name, snapshot in tables.items()):
            return manifest
    msg = f"no release was made of the snapshots in the event's field 'pins' ({len(pins)} tables)"
    raise NotFound(msg)
