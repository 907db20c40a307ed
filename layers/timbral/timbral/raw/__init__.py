"""What the outside world said: importers, and the pinning of what has landed."""
