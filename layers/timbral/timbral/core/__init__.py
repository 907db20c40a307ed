"""Core: which recordings are the same track?"""
