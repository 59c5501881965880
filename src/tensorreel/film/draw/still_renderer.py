"""A scene played dry, with a picture of it where somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import Scene
from PIL import Image

from tensorreel.film.draw import motion
from tensorreel.film.draw.fast import Canvas, PlainRenderer
from tensorreel.film.draw.pixels import picture


class StillRenderer(PlainRenderer):
    """Plays dry; ``snap`` draws the present picture. With ``every`` it also calls ``look`` at the frames that
    lie ``every`` seconds apart while something moves."""

    def __init__(self, every: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.every = every
        self.look: Callable[[], None] = lambda: None

    def move(self, scene: Scene, times: Sequence[float]) -> None:
        """Jump to the end, or from look to look."""
        if not self.every:
            super().move(scene, times)
            return
        quick = motion.quicken(scene.animations or (), lean=False)
        step = max(round(self.every * self.camera.frame_rate), 1)
        for t in times:
            if self.frames % step == 0:
                scene.update_to_time(t)
                self.look()
            self.passed(1)
        motion.slow_again(quick)

    def snap(self, scene: Scene) -> Image.Image:
        """The picture as it stands now, RGB, or RGBA where the theme leaves the ground open."""
        canvas = Canvas(self.camera)
        canvas.update(scene.mobjects)
        return picture(canvas.painter.pixels, clear=self.camera.background_opacity == 0)
