"""Commands about what is kept of one listener."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from timbral.cli.context import context_of
from timbral.errors import InvalidInput

_PAGE = 1_000
Listener = Annotated[str, typer.Argument(help="Whose.")]


def export(context: typer.Context, listener: Listener) -> None:
    """Write all that is kept of a listener as JSON lines."""
    own = context_of(context)
    offset, total_count = 0, 1
    while offset < total_count:
        items, total_count = own.services.serving.listeners.export(listener, offset, _PAGE)
        for item in items:
            own.output.document(asdict(item))
        offset += _PAGE


def metrics(context: typer.Context) -> None:
    """Show how recommendations are received, by release and carousel, and note it in the store."""
    from timbral.api.metrics import keep_metrics, online_metrics

    own = context_of(context)
    found = online_metrics(own.services.tables)
    keep_metrics(own.services.objects, found)
    own.output.rows("online metrics", [asdict(metric) for metric in found])


def erase(
    context: typer.Context,
    listener: Listener,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: it can't be undone.")] = False,
) -> None:
    """Erase a listener from every table, file, document and release; write the receipt."""
    own = context_of(context)
    if not yes:
        if own.output.as_json:
            msg = "erasing can't be undone: say --yes"
            raise InvalidInput(msg, "yes")
        typer.confirm(f"Erase everything of {listener!r}? It can't be undone.", abort=True)
    own.output.rows("erased", [asdict(own.services.serving.listeners.erase(listener))])
