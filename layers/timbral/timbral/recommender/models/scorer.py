"""What every model of who likes what can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions


class Scorer(Protocol):
    """A model that scores every item for listeners given by their plays.

    Listeners of the training data and newcomers are treated alike: a model knows a listener by
    their plays alone, so whoever has plays can be folded in.
    """

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:
        """Learn; fitting again to the very same interactions may cost nothing."""

    def score(self, plays: Csr) -> Floats:
        """Score all items for a batch of listeners.

        Args:
            plays: ``(n_batch, n_items)`` what they played, below zero what they rejected.

        Returns:
            ``(n_batch, n_items)``, higher is better; comparable within one row only.
        """


@runtime_checkable
class RepeatScorer(Protocol):
    """A scorer that knows what listeners come back to."""

    def score_repeats(self, scores: Floats, plays: Csr, habits: Csr) -> Floats:
        """Score all items where those that listeners know may be recommended too.

        Args:
            scores: ``(n_batch, n_items)`` as `Scorer.score` gave them.
            plays: ``(n_batch, n_items)`` as it was asked.
            habits: ``(n_batch, n_items)`` how used they are to each item, see `models.habits`.

        Returns:
            ``(n_batch, n_items)``, as `Scorer.score` does.
        """
