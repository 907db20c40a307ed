"""Tags: what people call a track."""
