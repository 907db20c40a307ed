"""The command that measures models against each other on plays that they have not seen."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from timbral.cli.context import context_of
from timbral.cli.watching import watching
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from timbral.cli.context import Context
    from timbral.recommender.evaluation.protocols import Protocol
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Interactions

_COLUMNS = ("model", "precision@10", "recall@50", "ndcg@10", "coverage@10", "interval")
_PROTOCOLS = ("holdout", "strong", "time")


def evaluate(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A history file or folder; the store if none.")] = None,
    protocol: Annotated[str, typer.Option(help="holdout, strong or time.")] = "holdout",
    seed: Annotated[int, typer.Option(min=0, help="Of the division and of the models.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw the table into this PNG file.")] = None,
    min_items: Annotated[int, typer.Option(min=1, help="Items that a listener must have.")] = 1,
    min_listeners: Annotated[int, typer.Option(min=1, help="Listeners that an item must have.")] = 1,
) -> None:
    """Measure popularity, neighbours, EASE, content, ALS and what is served against each other."""
    from timbral.recommender.evaluation.evaluate import evaluate as measure
    from timbral.recommender.evaluation.report import report_picture
    from timbral.recommender.models.interactions import dense_part

    own = context_of(context)
    if protocol not in _PROTOCOLS:
        msg = f"--protocol {protocol!r} is none of {', '.join(_PROTOCOLS)}"
        raise InvalidInput(msg, "protocol")
    interactions, content = _read_path(path) if path is not None else _read_store(own)
    del dense_part, min_items, min_listeners
    with watching(as_json=own.output.as_json or as_json) as progress:
        report = measure(interactions, content, cast("Protocol", protocol), seed, progress=progress)
    if picture is not None:
        report_picture(report, picture)
    found = report.to_json()
    if as_json or own.output.as_json:
        own.output.document(found)
        return
    own.output.rows(
        f"{protocol}, {found['listeners']:,} listeners, {found['items']:,} items", _rows(found), _COLUMNS
    )
    for name, reason in found["skipped"].items():
        own.output.say(f"{name} was left out: {reason}")


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, model in found["models"].items():
        low, high = model["intervals"]["ndcg@10"]
        rows.append({"model": name, **model, "interval": f"{low:.3f} to {high:.3f}"})
    return rows


def _read_store(own: Context) -> tuple[Interactions, Content | None]:
    raise NotImplementedError


def _read_path(path: Path) -> tuple[Interactions, Content | None]:
    raise NotImplementedError
