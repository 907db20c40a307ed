"""Features: everything known of a track, and who played it how often."""
