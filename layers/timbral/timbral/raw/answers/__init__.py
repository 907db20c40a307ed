"""Providers' answers: kept as JSON as they came, then turned into rows."""
