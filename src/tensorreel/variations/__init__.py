"""What if: a model with one thing changed. What a stage computes without a part stands in a module of that part's name."""
