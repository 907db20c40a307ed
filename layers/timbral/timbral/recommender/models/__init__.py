"""Models of who likes what, over arrays alone: nothing here knows of a store."""
