"""A release: built whole, opened for reading, switched by one pointer."""
