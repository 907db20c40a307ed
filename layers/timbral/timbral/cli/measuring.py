"""Commands that measure parts of the product against simpler ways, on data that they have not seen."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import typer

from timbral.cli.context import context_of
from timbral.cli.watching import watching
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.cli.context import Context
    from timbral.progress import Progress
    from timbral.raw.interactions import PlaysData
    from timbral.recommender.evaluation.autofill_quality import Election
    from timbral.recommender.evaluation.search_queries import SearchItem

MOST_ITEMS = 4_000
DIVERSITIES = (0.1, 0.3, 0.5)
_Json = Annotated[bool, typer.Option("--json", help="Write one JSON object.")]
_Seed = Annotated[int, typer.Option(min=0, help="Of all that is drawn.")]
_Half = Annotated[bool, typer.Option("--development", help="Ask what settings were chosen on.")]

commands = typer.Typer(
    no_args_is_help=True, help="Measure search, autofill, listener vectors, cold items or training; tune."
)


@commands.command("search")
def search(  # noqa: PLR0917  typer makes options of them
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="A history with tags; the sample catalogue if none.")
    ] = None,
    most_items: Annotated[int, typer.Option(min=10, help="Of the items with most tags.")] = MOST_ITEMS,
    most_queries: Annotated[int, typer.Option(min=2, help="Of each kind, both halves together.")] = 1_200,
    seed: _Seed = 0,
    development: _Half = False,
    as_json: _Json = False,
) -> None:
    """Measure vector search, BM25 and hybrid search by hidden tags and misspelt names."""
    from timbral.recommender.evaluation.search_quality import measure_search

    own = context_of(context)
    with watching(as_json=own.output.as_json or as_json) as progress:
        items = _searchable(path, most_items, progress)
        found = measure_search(
            items, own.services.encoder, seed, progress, half=_half(development), most_queries=most_queries
        )
    kinds = {kind: _with_differences(found[kind]) for kind in found["queries"]}
    _show(own, f"{found['items']:,} items", kinds, found, as_json=as_json)


@commands.command("autofill")
def autofill(  # noqa: PLR0917  as above
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Histories with times, each measured apart.")],
    tags: Annotated[Path | None, typer.Option(help="A history of artists with tags.")] = None,
    seed: _Seed = 0,
    development: _Half = False,
    as_json: _Json = False,
) -> None:
    """Measure how each seed's vote and the centroid continue listening sessions."""
    from timbral.api.answers.autofill import METHODS
    from timbral.recommender.evaluation.autofill_quality import measure_autofill
    from timbral.recommender.evaluation.history_items import items_of_history
    from timbral.recommender.evaluation.search_catalogue import embed
    from timbral.recommender.evaluation.sources import from_history

    own = context_of(context)
    methods: dict[str, Election] = {name: elect for name, elect in METHODS.items()}  # noqa: C416  dict() keeps the narrower type of the keys
    document: dict[str, Any] = {}
    with watching(as_json=own.output.as_json or as_json) as progress:
        artists = _plays(tags, progress) if tags else None
        for path in paths:
            data = _plays(path, progress)
            events = from_history(data)[0].events
            if events is None:
                raise InvalidInput(f"{path} has plays without times", "path")
            vectors = embed(items_of_history(data, artists), own.services.encoder)
            document[path.name] = measure_autofill(
                events, vectors, methods, seed, progress, half=_half(development), diversities=DIVERSITIES
            )
    kinds = {
        f"{name}, {part}": found[part] for name, found in document.items() for part in ("methods", "new only")
    }
    _show(own, "sessions continued", kinds, document, as_json=as_json)


@commands.command("listener-vectors")
def listener_vectors(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A history file or folder.")],
    seed: _Seed = 0,
    as_json: _Json = False,
) -> None:
    """Measure ways to place a listener among the factors, with history and with five picks."""
    from timbral.recommender.evaluation.listener_vectors import measure_listener_vectors
    from timbral.recommender.evaluation.sources import from_history

    own = context_of(context)
    with watching(as_json=own.output.as_json or as_json) as progress:
        interactions, _ = from_history(_plays(path, progress))
        document = measure_listener_vectors(interactions, seed, progress)
    kinds = {question: report["models"] for question, report in document.items()}
    _show(own, "listener vectors", kinds, document, as_json=as_json)


@commands.command("cold-items")
def cold_items(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A history that says who tagged what.")],
    seed: _Seed = 0,
    as_json: _Json = False,
) -> None:
    """Measure how well items without plays are placed by their tags, beside the tags' centroid."""
    from timbral.recommender.evaluation.cold_quality import measure_cold_items
    from timbral.recommender.evaluation.sources import from_history

    own = context_of(context)
    with watching(as_json=own.output.as_json or as_json) as progress:
        document = measure_cold_items(*from_history(_plays(path, progress)), seed, progress)
    kinds = {kind: found for kind, found in document.items() if isinstance(found, dict)}
    _show(own, f"{document['items']:,} cold items", kinds, document, as_json=as_json)


@commands.command("training")
def training(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A history file or folder.")],
    as_json: _Json = False,
) -> None:
    """Measure what training factors costs beside bare implicit, in processor time."""
    from timbral.cli.training_cost import measure_training
    from timbral.recommender.evaluation.sources import from_history

    own = context_of(context)
    with watching(as_json=own.output.as_json or as_json) as progress:
        interactions, _ = from_history(_plays(path, progress))
    document = measure_training(interactions.plays)
    if as_json or own.output.as_json:
        own.output.document(document)
        return
    own.output.rows("training", [document], ("bare_cpu_s", "cpu_s", "ratio"))


@commands.command("tuning")
def tuning(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Histories; settings must be good on all at once.")],
    log: Annotated[Path, typer.Option(help="Where the experiment log goes, a JSON line a trial.")],
    trials: Annotated[int, typer.Option(min=1, help="Settings to try, those in use among them.")] = 20,
    seed: _Seed = 0,
) -> None:
    """Search settings of ALS, blend and diversity on inner holdouts; the test part is never looked at."""
    from timbral.recommender.evaluation.sources import from_history
    from timbral.recommender.evaluation.tuning import best, inner_holdout, log_lines, tune

    own = context_of(context)
    with watching(as_json=own.output.as_json) as progress:
        inners = [inner_holdout(*from_history(_plays(path, progress)), seed) for path in paths]
        found = tune(inners, trials, seed, progress)
    log.write_text(log_lines(found), encoding="utf-8")
    first, chosen = found[0], best(found)
    rows = [
        {"settings": name, "trial": trial.number, "objective": trial.objective, "diversity": trial.diversity}
        for name, trial in (("in use", first), ("best", chosen))
    ]
    own.output.rows(f"{len(found)} trials", rows, ("settings", "trial", "objective", "diversity"))


def _searchable(path: Path | None, most_items: int, progress: Progress) -> list[SearchItem]:
    from timbral.recommender.evaluation.history_items import items_of_history
    from timbral.recommender.evaluation.search_queries import items_of_catalogue
    from timbral.sample.catalogue import load_catalogue

    if path is None:
        return items_of_catalogue(load_catalogue())
    data = _plays(path, progress)
    votes = np.bincount(data.tag_items, weights=data.tag_votes, minlength=len(data.item_ids))
    most = np.argsort(-votes, kind="stable")[:most_items]
    tagged = most[votes[most] > 0]
    if not len(tagged):
        raise InvalidInput(f"{path} has no tags to search by", "path")
    items = items_of_history(data)
    return [items[item] for item in tagged]


def _with_differences(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Let by how much one method is better than others follow all of them, as rows of the same table."""
    rows = dict(methods)
    for name, found in methods.items():
        for other, by_how_much in found.get("better_than", {}).items():
            rows[f"{name} - {other}"] = by_how_much
    return rows


def _half(development: bool) -> Literal["development", "test"]:
    return "development" if development else "test"


def _plays(path: Path, progress: Progress) -> PlaysData:
    from timbral.raw.interactions import read_plays
    from timbral.recommender.evaluation.sources import item_key

    return read_plays(path, item_key=item_key, now_uts=int(time.time()), progress=progress)


def _show(
    own: Context,
    title: str,
    kinds: Mapping[str, Mapping[str, Mapping[str, Any]]],
    document: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Write a document, or a table for each kind of question with the intervals of its first metric."""
    if as_json or own.output.as_json:
        own.output.document(document)
        return
    for kind, methods in kinds.items():
        rows = []
        for method, found in methods.items():
            metrics = {name: value for name, value in found.items() if isinstance(value, float)}
            first = next(name for name in metrics if name in {"ndcg@10", "mrr@10"})
            low, high = found["intervals"][first]
            rows.append({"method": method, **metrics, f"{first} interval": f"{low:.3f} to {high:.3f}"})
        shown = [name for name in rows[0] if name in _SHOWN or name.endswith("interval")] if rows else []
        own.output.rows(f"{title}: {kind}", rows, shown)


_SHOWN = ("method", "ndcg@10", "precision@10", "recall@50", "coverage@10", "mrr@10", "hit@1")
