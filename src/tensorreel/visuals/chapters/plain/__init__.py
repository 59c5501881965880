"""A stage that no storyboard knows: what goes in, and what comes out."""
