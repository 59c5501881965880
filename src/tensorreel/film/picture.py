"""How large a picture is and how many of them a second has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd


@dataclass(frozen=True)
class Picture:
    """Width and height in pixels (both even), and frames per second."""

    width: int
    height: int
    fps: int

    def __post_init__(self) -> None:
        if self.width < 2 or self.height < 2 or self.width % 2 or self.height % 2:
            raise ValueError(f"picture {self.width}×{self.height}, expected even sides of at least 2 px")
        if not 1 <= self.fps <= 240:
            raise ValueError(f"{self.fps} frames per second, expected 1 to 240")

    def at(self, fps: int | None) -> Picture:
        """The same size at another rate; ``None`` keeps the rate."""
        return self if fps is None else replace(self, fps=fps)

    @property
    def tile(self) -> int:
        """Side in pixels of the squares the renderer keeps account of: even, and dividing both sides
        where the size allows it."""
        common = gcd(self.width, self.height)
        fitting = [t for t in range(20, 66, 2) if common % t == 0]
        return min(fitting, key=lambda t: abs(t - 40), default=40)


QUALITIES = {
    "l": Picture(854, 480, 15),
    "m": Picture(1280, 720, 30),
    "h": Picture(1920, 1080, 60),
    "p": Picture(2560, 1440, 60),
    "k": Picture(3840, 2160, 60),
}
GIF_PICTURE = Picture(960, 540, 20)
OVERLAY_PICTURE = Picture(1280, 720, 30)
DEFAULT_QUALITY = "h"
