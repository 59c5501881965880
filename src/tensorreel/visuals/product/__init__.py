"""A·B and a + b, with their ledgers."""
