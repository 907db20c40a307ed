"""The contract with clients: what they may send and what they get."""

CONTRACT_VERSION = "1.2.0"
"""Raised by semantic versioning: a client of 1.x is never broken by another 1.x."""
