"""What stands on every frame: the scene with its clock, header, caption, map and sentence."""
