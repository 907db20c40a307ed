"""How well a playlist is continued, measured on listening sessions cut from histories with times.

A session ends where nothing is played for half an hour. Its first half are the seeds, and what is new in
its second half is what should be found. Each listener's last sessions are asked for; what is known of tracks
played together comes from sessions that had ended before the first of them, whoever's they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from timbral.errors import InvalidInput
from timbral.recommender.evaluation import metrics
from timbral.recommender.evaluation.intervals import bootstrap
from timbral.recommender.models.diversity import diversify
from timbral.recommender.models.interactions import to_csr
from timbral.recommender.models.neighbours import nearest_by_listeners

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.models.interactions import Events, Floats, Indices

    Election = Callable[[Floats, Floats], Floats]
    """From ``(m, n_seeds)`` cosines and ``(m,)`` co-listening to ``(m,)`` scores."""

GAP_S = 30 * 60
LEAST_TRACKS = 4
TEST_SHARE = 0.2
MOST_SESSIONS = 400
MOST_LISTENERS = 50
POOL = 300

Half = Literal["development", "test"]


@dataclass(frozen=True)
class Session:
    """What somebody played in one go.

    Attributes:
        listener: Their row.
        tracks: What they played, each once, in order of its first play.
        ended_at_uts: When the last of it was played.
    """

    listener: int
    tracks: tuple[int, ...]
    ended_at_uts: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """The first half."""
        return self.tracks[: len(self.tracks) // 2]

    @property
    def relevant(self) -> tuple[int, ...]:
        """The second half."""
        return self.tracks[len(self.tracks) // 2 :]


@dataclass(frozen=True)
class Question:
    """Sessions of one listener to continue, and what was known before the first of them.

    Attributes:
        sessions: What to continue.
        neighbours: ``(n, k)`` tracks played in the same sessions, -1 where there are fewer.
        shares: ``(n, k)`` how much, 0..1.
        played: What the listener had played before.
    """

    sessions: tuple[Session, ...]
    neighbours: NDArray[np.int32]
    shares: Floats
    played: frozenset[int]


def cut_sessions(events: Events, gap_s: int = GAP_S) -> list[Session]:
    """Cut plays into sessions of at least four different tracks, by listener and time."""
    order = np.lexsort((events.at_uts, events.listeners))
    listeners, items, times = (a[order] for a in (events.listeners, events.items, events.at_uts))
    ends = (np.diff(listeners) != 0) | (np.diff(times) > gap_s)
    edges = [0, *(np.flatnonzero(ends) + 1).tolist(), len(items)]
    sessions = []
    for start, end in pairwise(edges):
        tracks = tuple(dict.fromkeys(items[start:end].tolist()))
        if len(tracks) >= LEAST_TRACKS:
            sessions.append(Session(int(listeners[start]), tracks, int(times[end - 1])))
    return sessions


def questions_of(sessions: Sequence[Session], n_items: int, half: Half) -> list[Question]:
    """Choose what to ask.

    Args:
        sessions: All sessions.
        n_items: Number of tracks.
        half: ``test`` asks for the last fifth of each listener's sessions, ``development`` for the fifth
            before it, knowing nothing later than that.

    Returns:
        A question a listener, of those with the most sessions.
    """
    own: dict[int, list[Session]] = {}
    for session in sorted(sessions, key=lambda one: one.ended_at_uts):
        own.setdefault(session.listener, []).append(session)
    most = sorted(own, key=lambda listener: (-len(own[listener]), listener))[:MOST_LISTENERS]
    questions = []
    for listener in most:
        size = max(1, int(TEST_SHARE * len(own[listener])))
        end = len(own[listener]) - (size if half == "development" else 0)
        asked = own[listener][max(end - size, 0) : end]
        cut_uts = own[listener][end - size - 1].ended_at_uts if end > size else 0
        before = [session for session in sessions if session.ended_at_uts <= cut_uts]
        if asked and before:
            questions.append(_question(asked, before, n_items))
    return questions


def _question(asked: Sequence[Session], before: Sequence[Session], n_items: int) -> Question:
    tracks = np.array([track for session in before for track in session.tracks], np.int64)
    rows = np.repeat(np.arange(len(before)), [len(session.tracks) for session in before])
    together = to_csr(np.ones(len(tracks), np.float32), rows, tracks, (len(before), n_items))
    neighbours, shares = nearest_by_listeners(together)
    listener = asked[0].listener
    played = frozenset(t for session in before if session.listener == listener for t in session.tracks)
    places = np.unique(np.linspace(0, len(asked) - 1, MOST_SESSIONS).astype(np.int64))
    return Question(tuple(asked[at] for at in places), neighbours, shares, played)


def measure_autofill(
    events: Events,
    vectors: Floats,
    methods: Mapping[str, Election],
    seed: int,
    progress: Progress,
    *,
    half: Half = "test",
    diversities: Sequence[float] = (),
) -> dict[str, Any]:
    """Measure ways to continue sessions.

    Args:
        events: Timed plays.
        vectors: ``(n, d)`` track vectors of length 1, or 0 where nothing is known.
        methods: Ways to score candidates, by name.
        seed: Of the intervals.
        progress: Told of each session.
        half: See `questions_of`.
        diversities: Weights of diversity to try with the first method besides, to see what they cost.

    Returns:
        By method: metrics over sessions and their 95 % intervals; for tracks that the listener had never
        played before under ``new only``.

    Raises:
        InvalidInput: There is no session to ask for.
    """
    questions = questions_of(cut_sessions(events), len(vectors), half)
    if not questions:
        msg = f"there is no session of {LEAST_TRACKS} tracks or more with others before it"
        raise InvalidInput(msg)
    found: dict[str, list[tuple[float, float]]] = {}
    unheard: dict[str, list[tuple[float, float]]] = {}
    progress.begin("autofill", sum(len(question.sessions) for question in questions), "sessions")
    for question in questions:
        for session in question.sessions:
            scored = _scored(session, question, vectors, methods)
            for name, rows in _rankings(scored, vectors, diversities).items():
                found.setdefault(name, []).append(_quality(rows, set(session.relevant)))
            if new := set(session.relevant) - question.played:
                for scores in scored.values():
                    scores[list(question.played)] = -np.inf
                for name, rows in _rankings(scored, vectors, diversities).items():
                    unheard.setdefault(name, []).append(_quality(rows, new))
            progress.advance()
    return {
        "half": half,
        "sessions": sum(len(question.sessions) for question in questions),
        "sessions with new tracks": len(next(iter(unheard.values()), [])),
        "methods": {name: _summary(values, seed) for name, values in found.items()},
        "new only": {name: _summary(values, seed) for name, values in unheard.items()},
    }


def _scored(
    session: Session, question: Question, vectors: Floats, methods: Mapping[str, Election]
) -> dict[str, Floats]:
    """Score all tracks by each method, the seeds with minus infinity."""
    seeds = np.array(session.seeds)
    cosines = vectors @ vectors[seeds].T
    together = _together(question, seeds, len(vectors))
    scored = {name: elect(cosines, together).astype(np.float32) for name, elect in methods.items()}
    for scores in scored.values():
        scores[seeds] = -np.inf
    return scored


def _rankings(
    scored: Mapping[str, Floats], vectors: Floats, diversities: Sequence[float]
) -> dict[str, Indices]:
    """Rank by each method's scores, and by the first one's with each weight of diversity."""
    ranked: dict[str, Indices] = {}
    for at, (name, scores) in enumerate(scored.items()):
        best = np.argpartition(-scores, POOL)[:POOL] if len(scores) > POOL else np.arange(len(scores))
        best = best[np.lexsort((best, -scores[best]))]
        best = best[np.isfinite(scores[best])]
        ranked[name] = best
        for diversity in diversities if at == 0 else ():
            chosen = diversify(scores[best], vectors[best], metrics.DEPTH, diversity=diversity)
            ranked[f"{name}, diversity {diversity:g}"] = best[chosen]
    return ranked


def _together(question: Question, seeds: Indices, n_items: int) -> Floats:
    total = np.zeros(n_items, dtype=np.float32)
    for seed in seeds:
        known = question.neighbours[seed] >= 0
        total[question.neighbours[seed][known]] += question.shares[seed][known]
    return total / np.float32(len(seeds))


def _quality(rows: Indices, relevant: set[int]) -> tuple[float, float]:
    padded = np.full(metrics.DEPTH, -1)
    kept = rows[: metrics.DEPTH]
    padded[: len(kept)] = kept
    hit = np.isin(padded, list(relevant))[None]
    count = np.array([len(relevant)])
    return float(metrics.ndcg(hit, count)[0]), float(metrics.recall(hit, count)[0])


def _summary(values: Sequence[tuple[float, float]], seed: int) -> dict[str, Any]:
    columns = np.array(values)
    means = dict(zip(("ndcg@10", "recall@50"), columns.mean(axis=0).tolist(), strict=True))
    ends = bootstrap(columns, seed)
    return means | {"intervals": dict(zip(means, ends.tolist(), strict=True))}
