"""The command that measures models against each other on plays that they have not seen."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from timbral.cli.context import context_of
from timbral.cli.watching import watching
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from timbral.cli.context import Context
    from timbral.progress import Progress
    from timbral.recommender.evaluation.protocols import Protocol
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Interactions

_COLUMNS = ("model", "precision@10", "recall@50", "ndcg@10", "coverage@10", "interval")
_PROTOCOLS = ("holdout", "strong", "time")


def evaluate(  # noqa: PLR0917  typer makes options of them
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A history file or folder; the store if none.")] = None,
    protocol: Annotated[str, typer.Option(help="holdout, strong or time.")] = "holdout",
    seed: Annotated[int, typer.Option(min=0, help="Of the division and of the models.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw the result into this PNG file.")] = None,
    picks: Annotated[int | None, typer.Option(min=1, help="With strong: fold in from so many items.")] = None,
    min_items: Annotated[int | None, typer.Option(min=1, help="Items that a listener must have.")] = None,
    min_listeners: Annotated[
        int | None, typer.Option(min=1, help="Listeners that an item must have.")
    ] = None,
) -> None:
    """Measure popularity, neighbours, EASE, content, ALS and what is served against each other."""
    from timbral.recommender.evaluation.evaluate import evaluate as measure
    from timbral.recommender.evaluation.report import report_picture

    own = context_of(context)
    if protocol not in _PROTOCOLS:
        msg = f"--protocol {protocol!r} is none of {', '.join(_PROTOCOLS)}"
        raise InvalidInput(msg, "protocol")
    with watching(as_json=own.output.as_json or as_json) as progress:
        found = _read_path(path, progress, min_items, min_listeners) if path else _read_store(own)
        report = measure(*found, cast("Protocol", protocol), seed, progress=progress, picks=picks)
    if picture is not None:
        report_picture(report, picture)
    document = report.to_json()
    if as_json or own.output.as_json:
        own.output.document(document)
        return
    title = f"{protocol}: {document['listeners']:,} listeners, {document['items']:,} items"
    own.output.rows(title, _rows(document), _COLUMNS)
    for name, reason in document["skipped"].items():
        own.output.say(f"{name} was left out: {reason}")


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, model in document["models"].items():
        low, high = model["intervals"]["ndcg@10"]
        rows.append({"model": name, **model, "interval": f"{low:.3f} to {high:.3f}"})
    return rows


def _read_store(own: Context) -> tuple[Interactions, Content | None]:
    """Read what the last run published."""
    from timbral.recommender.evaluation.sources import from_known
    from timbral.recommender.known import READS, read_known

    pins = {table.name: own.services.tables.current(table) for table in READS}
    return from_known(read_known(own.services.tables, pins))


def _read_path(
    path: Path, progress: Progress, min_items: int | None, min_listeners: int | None
) -> tuple[Interactions, Content | None]:
    from timbral.raw.interactions import read_plays
    from timbral.recommender.evaluation.sources import from_history, item_key

    data = read_plays(path, item_key=item_key, now_uts=int(time.time()), progress=progress)
    return from_history(data, min_items, min_listeners)
