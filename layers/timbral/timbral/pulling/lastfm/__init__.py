"""A Last.fm account, pulled whole at first and then by what has changed; tags of tracks that have none."""
