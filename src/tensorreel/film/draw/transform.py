"""From Manim's frame units to pixels, as Manim's own camera does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera

_GRID = 1.5 * 2**44


@dataclass(frozen=True)
class PixelTransform:
    """``x_px = x * sx + cx`` and ``y_px = cy - y * sy``; line widths are in ``line`` frame units each."""

    width: int
    height: int
    sx: float
    sy: float
    cx: float
    cy: float
    line: float

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """The camera's present view."""
        w, h = camera.pixel_width, camera.pixel_height
        sx, sy = w / camera.frame_width, h / camera.frame_height
        x, y = float(camera.frame_center[0]), float(camera.frame_center[1])
        return cls(w, h, sx, sy, w / 2 - x * sx, h / 2 + y * sy, camera.cairo_line_width_multiple)

    @property
    def matrix(self) -> cairo.Matrix:
        """The same as a cairo transformation."""
        return cairo.Matrix(self.sx, 0, 0, -self.sy, self.cx, self.cy)

    def placed(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """[n, 2]: where cairo puts points [n, 3]. It rounds to 1/256 pixels by this very sum."""
        pixels = np.stack((points[:, 0] * self.sx + self.cx, self.cy - points[:, 1] * self.sy), axis=1)
        return pixels + _GRID

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Scales, offsets and line unit, as the kernel takes them."""
        return self.sx, self.sy, self.cx, self.cy, self.line
