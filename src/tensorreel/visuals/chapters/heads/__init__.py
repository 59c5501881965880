"""Heads side by side, joined, and mixed."""
