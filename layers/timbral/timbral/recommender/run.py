"""The recommender stage: train, build a release, evaluate, and let the gate decide on it."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import InvalidInput, StoreError
from timbral.recommender.assemble import assemble
from timbral.recommender.evaluation.evaluate import evaluate
from timbral.recommender.evaluation.sources import from_known
from timbral.recommender.gate import decide
from timbral.recommender.known import READS, Known, read_known
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.baselines import Popularity
from timbral.recommender.models.fused import TUNED, Fused
from timbral.recommender.models.interactions import heard, items_per_listener
from timbral.recommender.release.build import build_release
from timbral.recommender.training import train
from timbral.stage import StageResult, refuse_erased
from timbral.store.checkpoints import NotKept
from timbral.store.releases import Manifest, release_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.progress import Progress
    from timbral.recommender.models.fusion import Blend
    from timbral.recommender.models.interactions import Interactions
    from timbral.recommender.models.scorer import Scorer
    from timbral.recommender.release.build import Contents
    from timbral.recommender.training import Trained
    from timbral.stage import Pins
    from timbral.store.checkpoints import Checkpoint
    from timbral.store.releases import Releases
    from timbral.store.tables import Tables

CODE_VERSION = 4
LEAST_LISTENERS = 10
LEAST_ITEMS = 5
"""Fewer listeners than the one, or all with fewer items than the other, can't be evaluated on."""
_FIT_SAMPLE = 500


@dataclass(frozen=True)
class RecommenderSettings:
    """How to train and blend.

    Attributes:
        als: Of the factors.
        blend: Of the score.
        encoder: Version of the encoder artifact that the texts were embedded with.
    """

    als: AlsSettings = field(default_factory=AlsSettings)
    blend: Blend = TUNED
    encoder: str = ""


def run(
    tables: Tables,
    releases: Releases,
    pins: Pins,
    progress: Progress,
    *,
    settings: RecommenderSettings,
    now_uts: int,
    checkpoint: Checkpoint | None = None,
) -> StageResult:
    """Make the run's snapshots a release, and serve it if the gate let it through.

    Args:
        tables: The store's tables.
        releases: The store's releases.
        pins: The run's snapshots.
        progress: Told of the work.
        settings: How.
        now_uts: The present, noted in the manifest.
        checkpoint: Keeps how far the stage's works have come.

    Returns:
        No tables; in the notes of `make_release` also whether the release is ``served``.
    """
    given: dict[str, Any] = {"settings": settings, "now_uts": now_uts, "checkpoint": checkpoint}
    made = make_release(tables, releases, pins, progress, **given)
    served = releases.serve(releases.manifest(made.notes["release"]))
    return replace(made, notes=made.notes | {"served": served})


def make_release(
    tables: Tables,
    releases: Releases,
    pins: Pins,
    progress: Progress,
    *,
    settings: RecommenderSettings,
    now_uts: int,
    checkpoint: Checkpoint | None = None,
) -> StageResult:
    """Make the run's snapshots a release, unless they are one already; what is served stays as it is.

    Args:
        tables: The store's tables.
        releases: The store's releases.
        pins: The run's snapshots.
        progress: Told of the work.
        settings: How.
        now_uts: The present, noted in the manifest.
        checkpoint: Keeps how far the stage's works have come.

    Returns:
        No tables; the release and the gate's decision are in the notes.

    Raises:
        Conflict: A listener was erased meanwhile.
    """
    inputs: dict[str, Any] = {
        "version": CODE_VERSION,
        "tables": {table.name: pins[table.name].id for table in READS},
        "settings": asdict(settings),
    }
    release = release_id(inputs)
    manifest = releases.find(release)
    tracks_count = pins["track_feature_view"].rows_count
    computed = manifest is None
    if manifest is None:
        draft = Draft(release, inputs, now_uts)
        kept = (checkpoint or NotKept()).part(release, partial(refuse_erased, tables, pins))
        contents, drafted = _make(
            read_known(tables, pins), draft, settings, _served_metrics(releases), progress, kept=kept
        )
        progress.begin("release", None, "steps")
        refuse_erased(tables, pins)
        uploaded = _upload(releases, tables.scratch, contents, drafted)
        refuse_erased(tables, pins)
        manifest = releases.register(uploaded)
        kept.clear()
    return StageResult(
        {},
        rows_count=tracks_count,
        computed_count=tracks_count if computed else 0,
        reused_count=0 if computed else tracks_count,
        notes={"release": release, "decision": manifest.decision, **manifest.counts},
    )


@dataclass(frozen=True)
class Draft:
    """What a release is called before it is made.

    Attributes:
        release: Its id.
        inputs: What it is named after.
        now_uts: When.
    """

    release: str
    inputs: dict[str, Any]
    now_uts: int


def _make(
    known: Known,
    draft: Draft,
    settings: RecommenderSettings,
    served: Mapping[str, Any] | None,
    progress: Progress,
    *,
    kept: Checkpoint,
) -> tuple[Contents, Manifest]:
    """Train, evaluate and decide; the manifest still lacks its build."""
    trained = train(known.interactions, known.vectors, settings.als, progress, kept.part("all-plays"))
    metrics = _evaluated(known, settings, progress, kept.part("evaluation"))
    decision = decide(metrics, fit(known.interactions, trained), served)
    contents = assemble(known, trained, settings.blend, settings.encoder)
    counts = {
        "tracks": contents.tracks.num_rows,
        "listeners": known.interactions.n_listeners,
        "plays": int(known.interactions.plays.nnz),
        "predicted_factors": trained.predicted_count,
    }
    return contents, Manifest(draft.release, "", {}, draft.inputs, counts, metrics, decision, draft.now_uts)


def _upload(releases: Releases, scratch: Path, contents: Contents, manifest: Manifest) -> Manifest:
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        try:
            build_release(Path(folder), contents)
        except RuntimeError as error:  # all that Lance raises when its files can't be written
            msg = f"release {manifest.release!r} can't be built in {scratch}: {error}"
            raise StoreError(msg) from error
        build, files = releases.upload(manifest.release, Path(folder))
    return replace(manifest, build=build, files=files)


def _served_metrics(releases: Releases) -> dict[str, Any] | None:
    pointer = releases.current()
    return releases.manifest(pointer.release).metrics if pointer else None


def _evaluated(
    known: Known, settings: RecommenderSettings, progress: Progress, kept: Checkpoint
) -> dict[str, Any]:
    """Evaluate the same kinds of models on hidden plays; says why where there are too few."""
    interactions, content = from_known(known)
    enough = int((items_per_listener(interactions.plays) >= LEAST_ITEMS).sum())
    if enough < LEAST_LISTENERS:
        return {
            "skipped": f"{enough} listeners with {LEAST_ITEMS} tracks or more; {LEAST_LISTENERS} are needed"
        }
    als = Als(settings.als, kept)
    models: dict[str, Scorer] = {"popularity": Popularity(), "als": als, "fused": Fused(als, settings.blend)}
    try:
        report = evaluate(
            interactions, content, "holdout", settings.als.seed, models=models, progress=progress
        )
    except InvalidInput as reason:
        return {"skipped": str(reason)}
    return report.to_json()


def fit(interactions: Interactions, trained: Trained) -> float | None:
    """Measure how well factors know the plays that they were trained on.

    Returns:
        Mean over listeners (a sample of 500) of the share of unheard tracks that their own tracks outrank,
        0..1; None if nobody played anything. This is the area under the ROC curve, on training data: it
        says nothing of accuracy, but factors that were mixed up fail it.
    """
    plays = heard(interactions.plays)
    listeners = np.flatnonzero(np.diff(plays.indptr) > 0)
    if not len(listeners):
        return None
    sample = listeners[np.unique(np.linspace(0, len(listeners) - 1, _FIT_SAMPLE).astype(np.int64))]
    shares = []
    for listener in sample:
        scores = trained.items @ trained.listeners[listener]
        own = plays.indices[plays.indptr[listener] : plays.indptr[listener + 1]]
        others = np.sort(np.delete(scores, own))
        if len(others):
            shares.append(float(np.searchsorted(others, scores[own]).mean() / len(others)))
    return float(np.mean(shares)) if shares else None
