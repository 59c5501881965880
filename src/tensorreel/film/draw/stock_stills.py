"""A scene played Manim's own way, with a picture of it where somebody looks; see ``stock``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manim import Scene
from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image

from tensorreel.film.draw.pixels import picture
from tensorreel.film.draw.stock import StockRenderer


class StockStills(StockRenderer):
    """Plays dry; ``snap`` draws the present picture. See ``StillRenderer``."""

    def __init__(self, every: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.every = every
        self.look: Callable[[], None] = lambda: None

    def render(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """One frame of a motion."""
        step = max(round((self.every or 1.0) * self.camera.frame_rate), 1)
        if self.every and self.frames % step == 0:
            self.look()
        self.passed(1)

    def snap(self, scene: Scene) -> Image.Image:
        """The picture as it stands now, RGB, or RGBA where the theme leaves the ground open."""
        self.static_image = None
        CairoRenderer.update_frame(self, scene)
        return picture(self.get_frame(), clear=self.camera.background_opacity == 0)
