"""What one storyboard alone uses, a room for each part of the film."""
