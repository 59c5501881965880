"""A matrix from checkpoint to checkpoint, over a time line."""
