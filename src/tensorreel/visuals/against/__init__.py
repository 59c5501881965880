"""A film of differences: what stood in a cell before, beside what stands there now."""
