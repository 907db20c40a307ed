"""Who likes what: models, their evaluation, listeners and releases."""
