"""Commands that show how tracks were told apart, for a person to judge."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import Annotated

import typer

from timbral.cli.context import context_of

commands = typer.Typer(no_args_is_help=True, help="How tracks are told apart.")


@commands.command()
def audit(
    context: typer.Context,
    count: Annotated[
        int, typer.Option(min=1, max=100_000, help="Merges, and near misses, at most of each.")
    ] = 50,
    seed: Annotated[int, typer.Option(help="Another seed shows others.")] = 0,
) -> None:
    """Show spellings that were merged and some that nearly were, each with grade and reason."""
    from timbral.core.audit import audit_sample
    from timbral.tables.core import TRACK_MATCHES

    own = context_of(context)
    tables = own.services.tables
    matches = tables.read(TRACK_MATCHES, tables.current(TRACK_MATCHES), ["artist", "track", "track_id"])
    spellings = {
        (row["artist"], row["track"], row["track_id"])
        for row in matches.to_pylist()
        if row["artist"] and row["track"]
    }
    found = [
        {
            "merged": finding.merged,
            "grade": finding.grade.name.lower(),
            "a": ": ".join(finding.a),
            "b": ": ".join(finding.b),
            "reason": finding.reason,
        }
        for finding in audit_sample(spellings, count, seed)
    ]
    own.output.rows("identity", found, ("merged", "grade", "a", "b", "reason"))


@commands.command()
def score(
    context: typer.Context,
    pairs: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV of labelled pairs of spellings.")
    ],
) -> None:
    """Show precision and recall of the identity on labelled pairs, by trap."""
    from timbral.core.audit import read_pairs, score_pairs

    with pairs.open(encoding="utf-8", newline="") as lines:
        scores = score_pairs(read_pairs(lines))
    rows = [
        {
            "trap": one.trap,
            "pairs": one.pairs_count,
            "precision": round(one.precision_share, 4),
            "recall": round(one.recall_share, 4),
        }
        for one in scores
    ]
    context_of(context).output.rows("identity", rows, ("trap", "pairs", "precision", "recall"))
