"""What a word is worth in plays; apart, so that whoever answers needn't import what trains."""

LIKE_WORTH = 3
"""As many plays as a like counts for."""
