"""The way through all layers, and the recap."""
