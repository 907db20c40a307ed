"""What a command says: a table at a terminal, JSON lines in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


NUMBERED = frozenset({"year"})
"""Columns whose numbers count nothing."""


class Output:
    """Where a command's answers go.

    Args:
        as_json: Whether to write JSON lines, one a row.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def rows(
        self, title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None
    ) -> None:
        """Show rows.

        Args:
            title: Said above the table.
            rows: What to show; in JSON every field, in a table the columns.
            columns: The columns of the table, in order; the first row's if None.
        """
        if self.as_json:
            for row in rows:
                self.document(row)
            return
        self._table(title, rows, columns or (list(rows[0]) if rows else []))

    def document(self, value: Mapping[str, Any]) -> None:
        """Write one JSON document on a line."""
        sys.stdout.write(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode() + "\n")
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Tell a person something that a program doesn't need."""
        if not self.as_json:
            from rich.console import Console

            Console(highlight=False).print(text, markup=False)

    def warn(self, text: str) -> None:
        """Tell on standard error what went wrong without stopping the rest."""
        sys.stderr.write(f"timbral: {text}\n")

    def _table(self, title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title, title_justify="left", header_style="bold")
        for name in columns:
            numeric = bool(rows) and isinstance(rows[0].get(name), int | float)
            table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(shown(row.get(name), plain=name in NUMBERED)) for name in columns))
        Console(highlight=False).print(table)


def shown(value: Any, *, plain: bool = False) -> str:
    """Write a value as a person reads it; plain numbers have no separators."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"  # noqa: PLR2004  small numbers need digits
    if isinstance(value, int):
        return str(value) if plain else f"{value:,}"
    return shown_many(value) if isinstance(value, list | tuple | dict) else str(value)


def shown_many(values: list[Any] | tuple[Any, ...] | dict[str, Any]) -> str:
    """Write a collection on one line."""
    if isinstance(values, dict):
        return ", ".join(f"{key}: {shown(item)}" for key, item in values.items())
    return ", ".join(shown(item) for item in values)


def is_terminal() -> bool:
    """Say whether a person reads the output."""
    return sys.stdout.isatty()
