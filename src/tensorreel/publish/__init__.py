"""What leaves the house: subtitles, alt text, posters, formats for slides, and where each file comes from.

The texts here are pure functions of a clip's beats and of the formula table; nothing in this package decides
what a clip shows.
"""
