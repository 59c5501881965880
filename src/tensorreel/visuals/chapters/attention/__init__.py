"""Scores, weights and the mixing of rows."""
