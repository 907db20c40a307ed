"""What a deployment would cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from timbral.cli.context import context_of


def cost(
    context: typer.Context,
    listeners: Annotated[int, typer.Option(min=0, help="Listeners.")],
    plays: Annotated[int, typer.Option(min=0, help="Plays a month, of all together.")],
    project: Annotated[Path, typer.Option(help="The folder of template.yaml.")] = Path(),
    parameter: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the template.")
    ] = None,
) -> None:
    """Reckon a month's bill by service, and the bill of the same store with nobody there."""
    from timbral.cost.bill import idle, load_prices, monthly_bill, prices_as_of, usual_load
    from timbral.cost.deployment import read_deployment

    own = context_of(context)
    given = dict(one.split("=", 1) for one in parameter or [] if "=" in one)
    deployment, prices, load = read_deployment(project, given), load_prices(), usual_load(listeners, plays)
    busy, quiet = monthly_bill(deployment, load, prices), monthly_bill(deployment, idle(load), prices)
    rows = [
        {"service": name, "usd_a_month": round(busy.lines[name], 2), "usd_idle": round(quiet.lines[name], 2)}
        for name in sorted(busy.lines, key=lambda name: -busy.lines[name])
    ]
    total = {"service": "total", "usd_a_month": round(busy.total, 2), "usd_idle": round(quiet.total, 2)}
    own.output.rows(f"a month, list prices of {prices_as_of()}", [*rows, total])
    own.output.say("Without free tiers and taxes; how much work there is, is assumed.")
