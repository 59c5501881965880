"""The look-up and the position: what stages 1 and 2 draw."""
