"""From storyboard to file: frames, encoder, clips, workers and the joined film.

``film`` knows jobs and files, not what a stage shows. Importing this package does not import manim;
``boot.import_manim`` does, away from any configuration file of the viewer.
"""
