"""Which renderer draws: ours where it knows this Manim, else Manim's own play, with one warning.

Modules of ours that reach into Manim are imported only after its seams were looked at.
"""

from __future__ import annotations

from typing import Any

from tensorreel.film.draw import manim_setup


def film_renderer() -> Any:
    """The class that draws every frame; it takes a sink."""
    if _ours():
        from tensorreel.film.draw.fast import FilmRenderer

        return FilmRenderer
    from tensorreel.film.draw.stock import StockRenderer

    return StockRenderer


def dry_renderer() -> Any:
    """The class that plays without drawing; it takes nothing."""
    if _ours():
        from tensorreel.film.draw.fast import PlainRenderer

        return PlainRenderer
    from tensorreel.film.draw.stock import StockRenderer

    return StockRenderer


def still_renderer() -> Any:
    """The class that plays without drawing and draws where it is asked to; it takes ``every``, in seconds."""
    if _ours():
        from tensorreel.film.draw.still_renderer import StillRenderer

        return StillRenderer
    from tensorreel.film.draw.stock_stills import StockStills

    return StockStills


def _ours() -> bool:
    manim_setup.import_manim()
    from tensorreel.film.draw import patches

    return patches.apply()
