"""Evaluation that can say no: protocols, metrics, intervals and reports, over arrays alone."""
