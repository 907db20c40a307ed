"""Mood: how does a track feel? Energy, valence and six moods, predicted from what people call it."""
