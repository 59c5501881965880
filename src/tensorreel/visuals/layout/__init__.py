"""How things share a frame: rooms, rows, columns, one beside another, and the largest that fits."""
