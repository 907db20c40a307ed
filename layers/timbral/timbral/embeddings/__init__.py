"""What a track's text means: an encoder that is an artifact, the texts it reads, and how they are pooled."""
