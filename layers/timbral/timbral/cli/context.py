"""What every command has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import typer

    from timbral.cli.output import Output
    from timbral.wiring import Services


@dataclass(frozen=True)
class Context:
    """One invocation.

    Attributes:
        services: The store and everything over it.
        output: Where answers go.
    """

    services: Services
    output: Output


def context_of(context: typer.Context) -> Context:
    """Return what the top-level options made."""
    return cast("Context", context.obj)
