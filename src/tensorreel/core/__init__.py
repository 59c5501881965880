"""What is computed: the formula table, the model, the engine and its numbers."""
