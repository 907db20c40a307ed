"""Pulling a listener's history from an outside service, many invocations long if need be."""
