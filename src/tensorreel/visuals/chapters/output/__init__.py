"""Probabilities and the answer."""
