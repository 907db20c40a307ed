"""The routes, a few lines each: what came in, one decision, what goes out."""
