"""How good search is, on tags that nobody told it and on names that nobody spelled right.

Tags: queries are labels that were hidden from all items' texts; relevant are the items that bear them.
They are dealt into folds, so that an item never loses more than a fold's share of the labels at once.
Names: queries are artists, titles and both with no, one or two letters wrong; relevant are the items of
that name. The weights in `timbral.recommender.release.search` and `timbral.recommender.release.echoes` were
chosen on the even queries of the sample catalogue and of HetRec; ``half`` says which queries are asked.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from timbral.recommender.evaluation import metrics
from timbral.recommender.evaluation.intervals import bootstrap
from timbral.recommender.evaluation.search_catalogue import METHODS, Searcher
from timbral.recommender.evaluation.search_queries import name_queries, tag_queries
from timbral.recommender.models.interactions import to_csr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.progress import Progress
    from timbral.recommender.evaluation.search_catalogue import Asked
    from timbral.recommender.evaluation.search_queries import Query, SearchItem
    from timbral.recommender.release.ports import TextEncoder
    from timbral.recommender.release.view import Rows

FOLDS_COUNT = 4
MOST_QUERIES = 1_200
SERVED, ALONE = "hybrid", ("vector", "bm25")
MOST_EDITS = 2
Half = Literal["development", "test", "both"]
Metrics: TypeAlias = "Mapping[str, Any]"
"""``(n_queries,)`` values by metric."""


def measure_search(
    items: Sequence[SearchItem],
    encoder: TextEncoder,
    seed: int,
    progress: Progress,
    *,
    half: Half = "test",
    folds_count: int = FOLDS_COUNT,
    most_queries: int = MOST_QUERIES,
) -> dict[str, Any]:
    """Measure vector search, BM25, and hybrid search on one catalogue.

    Args:
        items: What can be searched for.
        encoder: Of the texts and the queries.
        seed: Of the queries drawn and of the intervals.
        progress: Told of each fold.
        half: Which half of the queries to ask.
        folds_count: Into how many folds the hidden labels are dealt.
        most_queries: Of each kind, both halves together.

    Returns:
        By kind of query and method: metrics and their 95 % intervals; of what is served also by how much it
        is better than vector search and BM25 alone, query by query.
    """
    labels = tag_queries(items, most_queries, seed)
    misspelt = {
        f"names, {edits} edits": name_queries(items, edits, most_queries, seed)
        for edits in range(MOST_EDITS + 1)
    }
    by_tag: list[Asked] = []
    by_name: dict[str, list[Asked]] = {}
    progress.begin("search", folds_count, "folds")
    for fold in range(folds_count):
        hidden = {query.text for query in labels[fold::folds_count]}
        with tempfile.TemporaryDirectory() as folder:
            searcher = Searcher(Path(folder), [item.without(hidden) for item in items], encoder)
            by_tag += [searcher.ask(query, metrics.DEPTH) for query in _half(labels[fold::folds_count], half)]
            if fold == 0:
                by_name = {
                    kind: [searcher.ask(query, metrics.DEPTH) for query in _half(queries, half)]
                    for kind, queries in misspelt.items()
                }
        progress.advance()
    return {
        "items": len(items),
        "half": half,
        "seed": seed,
        "queries": {"tags": len(by_tag)} | {kind: len(asked) for kind, asked in by_name.items()},
        "tags": _findings({name: _tag_metrics(by_tag, name, len(items)) for name in METHODS if by_tag}, seed),
        **{
            kind: _findings({name: _name_metrics(asked, name) for name in METHODS if asked}, seed)
            for kind, asked in by_name.items()
        },
    }


def _half(queries: Sequence[Query], half: Half) -> Sequence[Query]:
    return {"development": queries[0::2], "test": queries[1::2], "both": queries}[half]


def _tag_metrics(asked: Sequence[Asked], method: str, items_count: int) -> Metrics:
    ranked = np.stack([_padded(one.found[method]) for one in asked])
    counts = np.array([len(one.query.relevant) for one in asked])
    columns = np.concatenate([one.query.relevant for one in asked])
    rows = np.repeat(np.arange(len(asked)), counts)
    relevant = to_csr(np.ones(len(rows), np.float32), rows, columns, (len(asked), items_count))
    hit = metrics.hits(ranked, relevant)
    return {"ndcg@10": metrics.ndcg(hit, counts), "recall@50": metrics.recall(hit, counts)}


def _name_metrics(asked: Sequence[Asked], method: str) -> Metrics:
    heads = [(one.found[method][: metrics.HEAD], one.query.relevant) for one in asked]
    places = np.array([_first_place(rows, relevant) for rows, relevant in heads])
    return {"mrr@10": np.where(places > 0, 1 / np.maximum(places, 1), 0), "hit@1": places == 1}


def _first_place(rows: Rows, relevant: tuple[int, ...]) -> int:
    """Return the place of the first relevant row, from 1; 0 if there is none."""
    found = np.flatnonzero(np.isin(rows, relevant))
    return int(found[0]) + 1 if len(found) else 0


def _padded(rows: Rows) -> Rows:
    kept = rows[: metrics.DEPTH]
    return np.pad(kept, (0, metrics.DEPTH - len(kept)), constant_values=-1)


def _findings(by_method: Mapping[str, Metrics], seed: int) -> dict[str, Any]:
    found = {name: _summary(values, seed) for name, values in by_method.items()}
    for other in ALONE if found else ():
        ours, theirs = _numbers(by_method[SERVED]), _numbers(by_method[other])
        pairs = {name: values - theirs[name] for name, values in ours.items()}
        found[SERVED].setdefault("better_than", {})[other] = _summary(pairs, seed)
    return found


def _numbers(values: Metrics) -> dict[str, Any]:
    return {name: np.asarray(own, dtype=np.float64) for name, own in values.items()}


def _summary(columns: Metrics, seed: int) -> dict[str, Any]:
    values = np.stack(list(_numbers(columns).values()), axis=1)
    ends = bootstrap(values, seed)
    means = dict(zip(columns, values.mean(axis=0).tolist(), strict=True))
    return means | {"intervals": dict(zip(columns, ends.tolist(), strict=True))}
