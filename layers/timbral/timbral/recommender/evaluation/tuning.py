"""The search for settings, on inner holdouts: the test part is never looked at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna

from timbral.errors import InvalidInput, TimbralError
from timbral.progress import Silent
from timbral.recommender.evaluation.diversity_quality import most_affordable, ndcg_by_diversity
from timbral.recommender.evaluation.evaluate import evaluate_split
from timbral.recommender.evaluation.protocols import holdout
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.fused import TUNED, Fused
from timbral.recommender.models.fusion import Blend
from timbral.store.checkpoints import NotKept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.progress import Progress
    from timbral.recommender.evaluation.protocols import Split
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Interactions
    from timbral.recommender.models.scorer import Scorer
    from timbral.store.checkpoints import Checkpoint


@dataclass(frozen=True)
class Inner:
    """One data set's inner holdout.

    Attributes:
        part: A fifth of the training part is what must be found.
        content: Without the tags that listeners gave to what is hidden from them.
    """

    part: Split
    content: Content | None


@dataclass(frozen=True)
class Trial:
    """One line of the experiment log.

    Attributes:
        number: From 0; trial 0 are the settings in use.
        als: How ALS was trained.
        blend: How its scores were fused.
        objective: What was to be maximised; None if the trial failed.
        metrics: NDCG@10, Recall@50 and coverage@10 by data set and model, and NDCG@10 by diversity.
        failure: Why it failed.
        diversity: The most that these settings afford (`diversity_quality`); None if the trial failed.
    """

    number: int
    als: dict[str, Any]
    blend: dict[str, Any]
    objective: float | None
    metrics: list[dict[str, dict[str, float]]]
    failure: str | None = None
    diversity: float | None = None


def inner_holdout(interactions: Interactions, content: Content | None, seed: int) -> Inner:
    """Divide the training part that ``holdout`` of the same seed leaves once more."""
    outer = holdout(interactions, seed)
    part = holdout(outer.train, seed)
    fair = None if content is None else content.without(outer.hidden()).without(part.hidden())
    return Inner(part, fair)


def tune(
    inners: Sequence[Inner],
    trials_count: int,
    seed: int,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
) -> list[Trial]:
    """Search for settings of ALS and of the blend that are good on all data sets at once.

    The objective is the mean over data sets of ``NDCG@10 + Recall@50`` of the fused model.

    Args:
        inners: The data sets.
        trials_count: How many settings to try, those in use among them.
        seed: Of the search and of training.
        progress: Told of each trial.
        checkpoint: Keeps the log between trials. The search is told of kept trials as of new ones, so that it
            asks on as if nobody had disturbed it.

    Returns:
        All trials in order, the failed ones too.

    Raises:
        InvalidInput: There is nothing to try or nothing to try it on.
    """
    if not inners or trials_count < 1:
        raise InvalidInput("tuning needs at least one data set and one trial")
    watcher = progress or Silent()
    watcher.begin("tune", trials_count, "trials")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(_in_use())
    kept = checkpoint or NotKept()
    known = read_log(found.decode()) if (found := kept.found()) else []
    log: list[Trial] = []
    for _ in range(trials_count):
        asked = study.ask()
        als, blend = _suggest(asked, seed)
        done = _tried(known, asked.number, als, blend) or _try(asked.number, als, blend, inners, seed)
        state = optuna.trial.TrialState.FAIL if done.objective is None else None
        study.tell(asked, done.objective, state=state)
        log.append(done)
        watcher.advance()
        if len(log) > len(known):
            kept.keep(lambda: log_lines(log).encode())
    return log


def best(log: Sequence[Trial]) -> Trial:
    """Return the best trial of a log, the earliest of equals.

    Raises:
        InvalidInput: None succeeded.
    """
    succeeded = [trial for trial in log if trial.objective is not None]
    if not succeeded:
        raise InvalidInput("no trial succeeded")
    return max(succeeded, key=lambda trial: trial.objective or 0.0)


def log_lines(log: Sequence[Trial]) -> str:
    """Write the experiment log as JSON lines."""
    return "".join(json.dumps(asdict(trial)) + "\n" for trial in log)


def read_log(lines: str) -> list[Trial]:
    """Read what `log_lines` wrote."""
    return [Trial(**json.loads(line)) for line in lines.splitlines()]


def _tried(known: Sequence[Trial], number: int, als: AlsSettings, blend: Blend) -> Trial | None:
    """Return the kept trial of these very settings, or None if there is none."""
    found = known[number] if number < len(known) else None
    return found if found and (found.als, found.blend) == (asdict(als), asdict(blend)) else None


def _in_use() -> dict[str, float | int]:
    als, blend = asdict(AlsSettings()), asdict(TUNED)
    searched = ("factors", "regularization", "iterations", "confidence", "discount", "emphasis")
    weights = {name: blend[name] for name in ("beta", "gamma", "delta")}
    return {name: als[name] for name in searched} | weights


def _suggest(trial: optuna.Trial, seed: int) -> tuple[AlsSettings, Blend]:
    als = AlsSettings(
        factors=trial.suggest_int("factors", 32, 256, step=32),
        regularization=trial.suggest_float("regularization", 5.0, 200.0, log=True),
        iterations=trial.suggest_int("iterations", 5, 30, step=5),
        confidence=trial.suggest_float("confidence", 5.0, 60.0, log=True),
        discount=trial.suggest_float("discount", 0.0, 0.7),
        emphasis=trial.suggest_float("emphasis", 0.0, 1.0),
        seed=seed,
    )
    beta, gamma = trial.suggest_float("beta", 0.0, 0.5), trial.suggest_float("gamma", 0.0, 0.1)
    delta = trial.suggest_float("delta", 0.0, 0.3)
    return als, Blend(alpha=1 - beta - gamma, beta=beta, gamma=gamma, delta=delta)


def _try(number: int, als: AlsSettings, blend: Blend, inners: Sequence[Inner], seed: int) -> Trial:
    try:
        found = [_measure(inner, als, blend, seed) for inner in inners]
    except (TimbralError, ArithmeticError, np.linalg.LinAlgError) as failure:
        reason = f"{type(failure).__name__}: {failure}"
        return Trial(number, asdict(als), asdict(blend), objective=None, metrics=[], failure=reason)
    objective = float(np.mean([one["fused"]["ndcg@10"] + one["fused"]["recall@50"] for one in found]))
    diversity = most_affordable([one["ndcg@10 by diversity"] for one in found])
    return Trial(number, asdict(als), asdict(blend), objective, found, diversity=diversity)


def _measure(inner: Inner, settings: AlsSettings, blend: Blend, seed: int) -> dict[str, dict[str, float]]:
    als = Als(settings)
    fused = Fused(als, blend)
    models: dict[str, Scorer] = {"als": als, "fused": fused}
    report = evaluate_split(inner.part, inner.content, seed, models=models)
    told = ("ndcg@10", "recall@50", "coverage@10")
    measured = {
        name: {metric: found.metrics[metric] for metric in told} for name, found in report.models.items()
    }
    return {**measured, "ndcg@10 by diversity": ndcg_by_diversity(inner.part, fused, als.factors.items)}
