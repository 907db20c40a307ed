"""Labelled tracks from the files that researchers and catalogues publish."""
