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
_GROUP_COLUMNS = ("model", "group", "listeners", "precision@10", "recall@50", "ndcg@10")
_PROTOCOLS = ("holdout", "strong", "time")


def evaluate(  # noqa: PLR0917  typer makes options of them
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A history file or folder; the store if none.")] = None,
    protocol: Annotated[
        str | None, typer.Option(help="holdout, strong or time; if not given time, else holdout.")
    ] = None,
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
    from timbral.recommender.evaluation.protocols import choose_protocol
    from timbral.recommender.evaluation.report import report_picture

    own = context_of(context)
    if protocol not in (None, *_PROTOCOLS):
        msg = f"--protocol {protocol!r} is none of {', '.join(_PROTOCOLS)}"
        raise InvalidInput(msg, "protocol")
    with watching(as_json=own.output.as_json or as_json) as progress:
        found = _read_path(path, progress, min_items, min_listeners) if path else _read_store(own)
        chosen = cast("Protocol | None", protocol) or choose_protocol(found[0])
        report = measure(*found, chosen, seed, progress=progress, picks=picks)
    if picture is not None:
        report_picture(report, picture)
    document = report.to_json()
    if as_json or own.output.as_json:
        own.output.document(document)
        return
    title = f"{chosen}: {document['listeners']:,} listeners, {document['items']:,} items"
    models = document["models"]
    own.output.rows(f"{title}, new only", _rows(models), _COLUMNS)
    if repeats := {name: model["repeats"] for name, model in models.items() if "repeats" in model}:
        own.output.rows(f"{title}, repeats allowed", _rows(repeats), _COLUMNS)
    own.output.rows("by mainstreaminess", _group_rows(models), _GROUP_COLUMNS)
    for name, reason in document["skipped"].items():
        own.output.say(f"{name} was left out: {reason}")


def _rows(models: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, model in models.items():
        low, high = model["intervals"]["ndcg@10"]
        rows.append({"model": name, **model, "interval": f"{low:.3f} to {high:.3f}"})
    return rows


def _group_rows(models: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"model": name, "group": group, **found}
        for name, model in models.items()
        for group, found in model["groups"].items()
    ]


def _read_store(own: Context) -> tuple[Interactions, Content | None]:
    """Read what the last run published."""
    from timbral.recommender.evaluation.sources import from_known, with_store_events
    from timbral.recommender.known import READS, read_known
    from timbral.tables.raw import USER_SCROBBLES_RAW

    tables = own.services.tables
    pins = {table.name: tables.current(table) for table in READS}
    interactions, content = from_known(read_known(tables, pins))
    timed = {**pins, USER_SCROBBLES_RAW.name: tables.current(USER_SCROBBLES_RAW)}
    return with_store_events(interactions, tables, timed), content


def _read_path(
    path: Path, progress: Progress, min_items: int | None, min_listeners: int | None
) -> tuple[Interactions, Content | None]:
    from timbral.raw.interactions import read_plays
    from timbral.recommender.evaluation.sources import from_history, item_key

    data = read_plays(path, item_key=item_key, now_uts=int(time.time()), progress=progress)
    return from_history(data, min_items, min_listeners)
