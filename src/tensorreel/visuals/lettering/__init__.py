"""Text, numbers and formulas as outlines."""
