"""One clip, still or sheet, and what its scene showed."""
