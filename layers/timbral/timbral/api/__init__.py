"""Stage ``api``: what listeners ask, and what a release answers."""
