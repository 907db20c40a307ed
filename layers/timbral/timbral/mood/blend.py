"""What counts how much of what linear models, landmarks and trees say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.mood.sparse import Floats

MEMBERS: Final = ("linear", "kernel", "trees")
_CLOSE = 1e-4


@dataclass(frozen=True)
class Blend:
    """A share for each member and target.

    Attributes:
        shares: ``(n_members, n_targets)``, 0 to 1, each target's sum to 1.
    """

    shares: Floats

    def mix(self, members: Floats) -> Floats:
        """Put together what the members say.

        Args:
            members: ``(n, n_members, n_targets)`` in the order of `MEMBERS`.

        Returns:
            ``(n, n_targets)`` shares, 0 to 1; NaN where a member says nothing.
        """
        mixed = np.zeros((len(members), len(TARGETS)), dtype=np.float32)
        for place, shares in enumerate(self.shares):
            mixed += shares * np.clip(members[:, place], 0.0, 1.0)
        return np.clip(mixed, 0.0, 1.0)

    def to_json(self) -> dict[str, dict[str, float]]:
        """Return ``{target: {member: share}}``."""
        return {
            target: {
                name: round(float(share), 6)
                for name, share in zip(MEMBERS, self.shares[:, column], strict=True)
            }
            for column, target in enumerate(TARGETS)
        }


def load_blend(found: Mapping[str, Any]) -> Blend:
    """Read shares from their JSON object.

    Raises:
        ContractBroken: One is missing or not within 0 and 1, or a target's don't sum to 1.
    """
    try:
        shares = [[float(found[target][member]) for target in TARGETS] for member in MEMBERS]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"a mood model's blend can't be read: {error!r}"
        raise ContractBroken(msg) from error
    for target, of_target in zip(TARGETS, zip(*shares, strict=True), strict=True):
        if not all(0 <= share <= 1 for share in of_target) or not math.isclose(
            sum(of_target), 1, abs_tol=_CLOSE
        ):
            msg = f"the blend of {target!r} is {of_target}; shares of 0 to 1 that sum to 1 are allowed"
            raise ContractBroken(msg)
    return Blend(np.array(shares, dtype=np.float32))
