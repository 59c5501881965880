"""From a scene to pictures: Manim set up, and the renderer that draws what changed."""
