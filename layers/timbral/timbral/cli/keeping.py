"""Commands that look after the store."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from timbral.cli.context import context_of
from timbral.errors import InvalidInput


def releases(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help="list, rollback or promote.")] = "list",
    release: Annotated[str | None, typer.Argument(help="The release to promote.")] = None,
) -> None:
    """Show the releases, go back to the one before, or serve another."""
    own = context_of(context)
    if action == "rollback":
        pointer = own.services.releases.rollback()
        own.output.rows("served now", [{"release": pointer.release}])
    elif action == "promote" and release:
        pointer = own.services.releases.promote(release)
        own.output.rows("served now", [{"release": pointer.release}])
    elif action == "list":
        _list_releases(context)
    else:
        msg = f"'timbral releases {action}' is not one of: list, rollback, promote RELEASE"
        raise InvalidInput(msg, "action")


def _list_releases(context: typer.Context) -> None:
    own = context_of(context)
    pointer = own.services.releases.current()
    rows = []
    for manifest in own.services.releases.list():
        found = manifest.metrics.get("models", {}).get("fused", {})
        rows.append(
            {
                "release": manifest.release,
                "served": bool(pointer and pointer.release == manifest.release),
                "built_at": dt.datetime.fromtimestamp(manifest.built_at_uts, dt.UTC).isoformat(),
                "tracks": manifest.counts.get("tracks", 0),
                "listeners": manifest.counts.get("listeners", 0),
                "ndcg@10": found.get("ndcg@10"),
                "recall@50": found.get("recall@50"),
                "decision": manifest.decision.get("reason", ""),
            }
        )
    own.output.rows("releases", rows)


def quarantine(
    context: typer.Context,
    table: Annotated[
        str | None, typer.Argument(help="Show single rows that were meant for this table.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows to show.")] = 20,
) -> None:
    """Show which rows were set aside, and why."""
    from timbral.store.quarantine import read_quarantine

    own = context_of(context)
    found = read_quarantine(own.services.objects)
    if table is None:
        counts = Counter((name, reject.kind) for name, reject in found)
        rows = [
            {"table": name, "reason": kind, "rows": count} for (name, kind), count in counts.most_common()
        ]
        own.output.rows("set aside", rows)
        return
    chosen = [reject for name, reject in found if name == table][:limit]
    own.output.rows(
        f"set aside from {table}",
        [
            {"where": r.where, "field": r.field, "reason": r.reason, "value": r.value, "row": r.row}
            for r in chosen
        ],
        ("where", "field", "reason", "value"),
    )


def tables(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A table, for its columns.")] = None,
    glue: Annotated[bool, typer.Option("--glue", help="Write infra/tables.json, for Athena.")] = False,
) -> None:
    """Describe the tables: what they mean, their columns and how many rows they have."""
    from timbral.tables.catalogue import ALL_TABLES, table_named

    if glue:
        _write_glue()
        return
    own = context_of(context)
    if name is not None:
        table = table_named(name)
        rows = [
            {
                "column": c.name,
                "type": c.type,
                "required": c.required,
                "key": c.name in table.key,
                "meaning": c.meaning,
            }
            for c in table.columns
        ]
        own.output.rows(f"{table.name}: {table.meaning}", rows)
        return
    summary = []
    for table in ALL_TABLES:
        known = (
            own.services.tables.head(table)
            if table.mode == "snapshot"
            else own.services.tables.current(table)
        )
        rows_count = known.rows_count if known else 0
        summary.append(
            {"table": table.name, "stage": table.stage, "rows": rows_count, "meaning": table.meaning}
        )
    own.output.rows("tables", summary)


def openapi(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; the package's own file if left out.")
    ] = None,
) -> None:
    """Write down the API's contract, as OpenAPI 3.1: the file that clients are built against."""
    from importlib.resources import files

    from timbral.api.description import FILE_NAME, description

    own = context_of(context)
    place = file or Path(str(files("timbral.api.contract").joinpath(FILE_NAME)))
    place.write_bytes(description())
    own.output.rows("written", [{"file": str(place)}])


def _write_glue() -> None:
    from timbral.tables.catalogue import ALL_TABLES
    from timbral.tables.glue import glue_template

    sys.stdout.write(json.dumps(glue_template(ALL_TABLES), indent=2, ensure_ascii=False) + "\n")


def vacuum(
    context: typer.Context,
    days: Annotated[float, typer.Option(min=0, help="Spare what is younger.")] = 1.0,
) -> None:
    """Delete parts, snapshots and old releases that nothing refers to any more."""
    from timbral.operations.watch import vacuum_store

    own = context_of(context)
    deleted = vacuum_store(own.services, dt.datetime.now(dt.UTC), dt.timedelta(days=days))
    rows = [{"table": name, "deleted": count} for name, count in deleted.items()]
    own.output.rows("deleted", rows, ("table", "deleted"))
