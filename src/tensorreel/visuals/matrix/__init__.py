"""A tensor as cells: its numbers, shades, names, badge and counted rest."""
