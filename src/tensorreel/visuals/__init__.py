"""What is drawn: nouns (grids, formulas, maps) and verbs (products, sums, softmax)."""
