"""One run: divide, fit, rank, measure; listeners in batches, so that memory stays bounded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.evaluation import metrics
from timbral.recommender.evaluation.intervals import bootstrap
from timbral.recommender.evaluation.protocols import Split, split
from timbral.recommender.evaluation.report import Findings, Report, findings_bytes, read_findings
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.baselines import ContentOnly, ItemNeighbours, Popularity
from timbral.recommender.models.ease import Ease
from timbral.recommender.models.fused import Fused
from timbral.recommender.models.interactions import listeners_per_item
from timbral.recommender.models.scorer import RepeatScorer
from timbral.store.checkpoints import NotKept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.evaluation.protocols import Protocol
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Indices, Interactions
    from timbral.recommender.models.scorer import Scorer
    from timbral.store.checkpoints import Checkpoint

BATCH_BYTES = 64_000_000  # of one model's scores
GROUPS = ("niche", "middle", "mainstream")


def standard_models(seed: int) -> dict[str, Scorer]:
    """Return the baselines, ALS alone and what is served, in the order of the report."""
    als = Als(AlsSettings(seed=seed))
    return {
        "popularity": Popularity(),
        "item-knn-cosine": ItemNeighbours("cosine"),
        "item-knn-bm25": ItemNeighbours("bm25"),
        "ease": Ease(),
        "content": ContentOnly(),
        "als": als,
        "fused": Fused(als),
    }


def evaluate(
    interactions: Interactions,
    content: Content | None,
    protocol: Protocol,
    seed: int,
    *,
    models: Mapping[str, Scorer] | None = None,
    progress: Progress | None = None,
    picks: int | None = None,
    checkpoint: Checkpoint | None = None,
) -> Report:
    """Measure models against each other.

    Args:
        interactions: Everything that is known of who played what.
        content: What is known of the items; tags that a listener gave to an item hidden from them are
            left out.
        protocol: ``holdout``, ``strong`` or ``time``.
        seed: Of the division, of the standard models and of the intervals.
        models: By name; all the standard ones by default.
        progress: Told of the work.
        picks: With ``strong``: see `protocols.strong`.
        checkpoint: Keeps the findings between models.

    Returns:
        The findings; a model that can't be fitted to these data is skipped with its reason.

    Raises:
        InvalidInput: The protocol doesn't exist or doesn't fit the data.
        ContractBroken: A model gave a score that isn't a number.
    """
    part = split(interactions, protocol, seed, picks)
    return evaluate_split(part, content, seed, models=models, progress=progress, checkpoint=checkpoint)


def evaluate_split(
    part: Split,
    content: Content | None,
    seed: int,
    *,
    models: Mapping[str, Scorer] | None = None,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
) -> Report:
    """Measure models on one division of the plays; see `evaluate`."""
    kept = checkpoint or NotKept()
    watcher = progress or Silent()
    fair = None if content is None else content.without(part.hidden())
    catalogue = _catalogue(part, fair)
    found, repeats, skipped = read_findings(kept.found())
    for name, model in (standard_models(seed) if models is None else models).items():
        if name in found or name in skipped:
            continue
        try:
            model.fit(part.train, fair, watcher)
        except InvalidInput as reason:
            skipped[name] = str(reason)
            continue
        new, all_items = _measure(part, model, catalogue, watcher)
        found[name] = _findings(new, catalogue, seed)
        if part.repeats is not None:
            repeats[name] = _findings(all_items, catalogue, seed)
        kept.keep(lambda: findings_bytes(found, repeats, skipped))
    return Report(
        protocol=part.protocol,
        seed=seed,
        listeners=int((np.diff(part.test.indptr) > 0).sum()),
        items=part.train.n_items,
        train_plays=int(part.train.plays.nnz),
        models=found,
        repeats=repeats,
        skipped=skipped,
        notes=part.notes,
    )


@dataclass
class _Measured:
    """One model's values, listener by listener, gathered over batches."""

    columns: dict[str, list[NDArray[np.float64]]]
    recommended: set[int]

    def add(self, ranked: Indices, relevant: Csr, seen: Csr, catalogue: metrics.Catalogue) -> None:
        counts = np.diff(relevant.indptr)
        asked = counts > 0
        ranked, relevant, seen, counts = ranked[asked], relevant[asked], seen[asked], counts[asked]
        hit, head = metrics.hits(ranked, relevant), ranked[:, : metrics.HEAD]
        shares = catalogue.listener_shares
        values = {
            "precision@10": metrics.precision(hit),
            "recall@50": metrics.recall(hit, counts),
            "ndcg@10": metrics.ndcg(hit, counts),
            "novelty@10": catalogue.novelty(head),
            "artist_diversity@10": catalogue.artist_diversity(head),
            "popularity@10": catalogue.popularity(head),
            "own_popularity": (seen != 0) @ shares / np.maximum(np.diff(seen.indptr), 1),
        }
        for name, column in values.items():
            self.columns[name].append(np.asarray(column, dtype=np.float64))
        self.recommended.update(np.unique(head[head >= 0]).tolist())


def _catalogue(part: Split, content: Content | None) -> metrics.Catalogue:
    listeners = max(int((np.diff(part.train.plays.indptr) > 0).sum()), 1)
    shares = (listeners_per_item(part.train.plays) / listeners).astype(np.float32)
    known = content is not None and content.artists is not None
    artists = content.artists if content is not None and known else np.arange(part.train.n_items)
    return metrics.Catalogue(shares, np.asarray(artists), 1 / listeners)


def _batches(part: Split) -> Iterator[slice]:
    size = max(1, BATCH_BYTES // (4 * max(part.train.n_items, 1)))
    return (slice(start, start + size) for start in range(0, len(part.listeners), size))


def _measure(
    part: Split, model: Scorer, catalogue: metrics.Catalogue, progress: Progress
) -> tuple[_Measured, _Measured]:
    new, all_items = (_Measured(defaultdict(list), set()) for _ in range(2))
    progress.begin("evaluate", len(part.listeners), "listeners")
    for batch in _batches(part):
        seen = part.seen[batch]
        scores = model.score(seen)
        new.add(metrics.ranking(scores, seen), part.test[batch], seen, catalogue)
        if part.repeats is not None:
            again = _with_repeats(model, scores, seen, part, batch)
            all_items.add(metrics.ranking(again, None), part.repeats[batch], seen, catalogue)
        progress.advance(seen.shape[0])
    return new, all_items


def _with_repeats(model: Scorer, scores: Floats, seen: Csr, part: Split, batch: slice) -> Floats:
    if part.habits is None or not isinstance(model, RepeatScorer):
        return scores
    return model.score_repeats(scores, seen, part.habits[batch])


def _findings(measured: _Measured, catalogue: metrics.Catalogue, seed: int) -> Findings:
    columns = {name: np.concatenate(parts) for name, parts in measured.columns.items()}
    own = columns.pop("own_popularity")
    means = {name: float(values.mean()) for name, values in columns.items()}
    means["coverage@10"] = len(measured.recommended) / len(catalogue.listener_shares)
    means["popularity_lift@10"] = means["popularity@10"] / max(float(own.mean()), 1e-12) - 1
    ends = bootstrap(np.stack(list(columns.values()), axis=1), seed)
    intervals = {name: (float(low), float(high)) for name, (low, high) in zip(columns, ends, strict=True)}
    return Findings(means, intervals, _by_group(columns, own))


def _by_group(
    columns: dict[str, NDArray[np.float64]], own: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Average accuracy over thirds of the listeners, by the mean popularity of what they played."""
    thirds = np.searchsorted(np.quantile(own, [1 / 3, 2 / 3]), own, side="left")
    accuracy = ("precision@10", "recall@50", "ndcg@10")
    return {
        group: {"listeners": int((thirds == third).sum())}
        | {name: float(columns[name][thirds == third].mean()) for name in accuracy}
        for third, group in enumerate(GROUPS)
        if (thirds == third).any()
    }
