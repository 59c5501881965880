"""Manim's own play, for a Manim that our renderer does not know: every frame is drawn whole, and slowly.

The same hooks as our renderer's (``passed``, ``frames``), so that those who use one can use the other.
Of Manim only what its documentation names is used, and overridden where a picture goes elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Scene, config
from manim.renderer.cairo_renderer import CairoRenderer

from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.job.picture import Picture

if TYPE_CHECKING:
    from tensorreel.film.draw.fast import Sink


class NoWriter:
    """Stands where Manim expects a file writer; the frames go elsewhere."""

    def __init__(self, settings: Any) -> None:
        self.subcaptions: list[Any] = []
        self.final_file_path: None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Whatever else it is asked to do: nothing."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


class StockRenderer(CairoRenderer):
    """Hands every frame to ``sink``, all of it marked as changed; draws nothing without one. Its clock is the
    number of frames, as our renderer's is."""

    def __init__(self, sink: Sink | None = None, **kwargs: Any) -> None:
        super().__init__(file_writer_class=NoWriter, **kwargs)
        self.sink, self.frames = sink, 0

    def update_skipping_status(self) -> None:
        """Nothing is skipped."""

    def scene_finished(self, scene: Scene) -> None:
        """A scene without any play is one picture."""
        if not self.frames:
            self.static_image = None
            self.update_frame(scene)
            self.add_frame(self.get_frame())

    def update_frame(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Draw the picture, where somebody wants it."""
        if self.sink is not None:
            super().update_frame(scene, *args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """The picture goes to the sink ``num_frames`` times."""
        if self.sink is not None and num_frames > 0:
            height, width = frame.shape[:2]
            tiles = Tiles(width, height, Picture(width, height, 1).tile)
            tiles.fill()
            self.sink.show(np.ascontiguousarray(frame), tiles, num_frames)
        self.passed(num_frames)

    def passed(self, count: int) -> None:
        """``count`` frames went by."""
        self.frames += count
        self.time = self.frames / config["frame_rate"]
