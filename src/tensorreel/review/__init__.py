"""Looking at the film by program: ``lint`` for the picture, ``audit`` for the numbers."""
