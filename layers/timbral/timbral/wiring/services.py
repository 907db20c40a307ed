"""Everything that a command, a function or a job may need, for one set of settings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from timbral.wiring.foundation import Foundation

if TYPE_CHECKING:
    from timbral.wiring.outside import Outside
    from timbral.wiring.serving import Serving
    from timbral.wiring.spotify import SpotifyWiring
    from timbral.wiring.stages import Stages


class Services(Foundation):
    """The store, and over it outside services, the flow's steps and the API.

    Args:
        settings: All that can be set from outside.
    """

    @cached_property
    def outside(self) -> Outside:
        """Services of others, and what it takes to ask them."""
        from timbral.wiring.outside import Outside

        return Outside(self)

    @cached_property
    def spotify(self) -> SpotifyWiring:
        """What asks Spotify."""
        from timbral.wiring.spotify import SpotifyWiring

        return SpotifyWiring(self.outside, self.settings)

    @cached_property
    def stages(self) -> Stages:
        """The flow's steps."""
        from timbral.wiring.stages import Stages

        return Stages(self)

    @cached_property
    def serving(self) -> Serving:
        """The API and what it answers from."""
        from timbral.wiring.serving import Serving

        return Serving(self, self.outside, self.spotify)
