"""Colours, sizes, times, the frame, and plain shapes."""
