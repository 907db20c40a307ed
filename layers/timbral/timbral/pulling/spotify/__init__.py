"""What Spotify is asked for: tracks of the catalogue by our own identity rules, and what a listener shows."""
