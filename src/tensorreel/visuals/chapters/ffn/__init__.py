"""The curve of ReLU, and units that are off."""
