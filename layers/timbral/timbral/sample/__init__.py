"""The sample world: a hand-written catalogue of real tracks, and invented people who listen to it."""
