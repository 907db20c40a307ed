"""The layouts that people's files have, each known by its content."""
