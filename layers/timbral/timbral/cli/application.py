"""The commands and the options that all of them share."""

from __future__ import annotations

from typing import Annotated

import typer

from timbral.cli import (
    answering,
    auditing,
    building,
    costing,
    evaluating,
    keeping,
    listeners,
    measuring,
    moods,
    pulling,
)
from timbral.cli.context import Context
from timbral.cli.output import Output, is_terminal

application = typer.Typer(
    name="timbral",
    help="Music recommendations from listening history, over a folder or a bucket.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@application.callback()
def _shared(
    context: typer.Context,
    store: Annotated[
        str | None, typer.Option(help="Folder, file:// or s3:// address (TIMBRAL_STORE_ROOT).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON lines, as into a pipe, instead of tables.")
    ] = False,
) -> None:
    from timbral.settings import load_settings
    from timbral.wiring import Services

    output = Output(as_json=as_json or not is_terminal())
    context.obj = Context(Services(load_settings(store_root=store)), output)


application.command("import")(building.import_)
application.command("run")(building.run)
application.command("sample")(building.sample)
application.command("serve")(answering.serve)
application.command("recs")(answering.recs)
application.command("similar")(answering.similar)
application.command("search")(answering.search)
application.command("releases")(keeping.releases)
application.command("quarantine")(keeping.quarantine)
application.command("openapi")(keeping.openapi)
application.command("export")(listeners.export)
application.command("metrics")(listeners.metrics)
application.command("erase")(listeners.erase)
application.command("tables")(keeping.tables)
application.command("vacuum")(keeping.vacuum)
application.command("cost")(costing.cost)
application.command("evaluate")(evaluating.evaluate)
application.add_typer(measuring.commands, name="measure")
application.add_typer(pulling.commands, name="pull")
application.add_typer(auditing.commands, name="identity")
application.add_typer(moods.commands, name="mood")
