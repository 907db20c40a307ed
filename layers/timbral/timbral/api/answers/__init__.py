"""What to answer: pure decisions over one release, one listener, one day."""
