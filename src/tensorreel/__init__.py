"""A Transformer's forward pass as an animated film in which every number is real."""
