"""What is said: every sentence and label of the film, by language."""
