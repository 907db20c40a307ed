"""Closed word lists, written as prose."""

from __future__ import annotations


def vocabulary(prose: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(prose.split())
