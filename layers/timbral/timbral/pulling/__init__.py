"""Pulling: what to ask of outside services next, by what is known already."""
