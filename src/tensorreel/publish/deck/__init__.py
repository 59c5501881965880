"""A lecture from the film's clips: PowerPoint, HTML, a PDF handout, and manim-slides.

``lecture`` says what is on each step, whatever the format; ``pictures`` takes stills out of clips; ``making``
gets the clips and hands them to the module of the format.
"""
