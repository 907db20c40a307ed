"""Timbral: the recommendation backend of a music app, serverless over object storage.

The flow, and the sub-packages, in order:
raw → core → tags → features → embeddings → mood → vectors → recommender → api.
"""
