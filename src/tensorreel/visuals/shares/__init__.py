"""Softmax: scores that become shares, and bars of length 1."""
