"""Vectors: where does a track lie among all others?"""
