"""What a listener may ask of what is kept of them: to take it out, and to have it erased."""
