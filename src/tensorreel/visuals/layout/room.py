"""A rectangle of the frame, and the one between header and caption in which pictures stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from manim import Mobject

from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP


@dataclass(frozen=True)
class Room:
    """Edges of a rectangle, in frame units."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From edge to edge."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From edge to edge."""
        return self.top - self.bottom

    @property
    def x(self) -> float:
        """The middle from left to right."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """The middle from bottom to top."""
        return (self.top + self.bottom) / 2

    def under(self, height: float) -> Room:
        """What is left of it under something so tall."""
        return replace(self, top=self.top - height)

    def over(self, height: float) -> Room:
        """What is left of it over something so tall."""
        return replace(self, bottom=self.bottom + height)

    def holds(self, width: float, height: float) -> bool:
        """Whether something so wide and tall has room."""
        return width <= self.width and height <= self.height


CONTENT = Room(-theme.SAFE_X, CONTENT_BOTTOM, theme.SAFE_X, CONTENT_TOP)


def edges(thing: Mobject) -> Room:
    """Where a thing stands now: the edges of its ink."""
    low, high = thing.get_corner((-1, -1, 0)), thing.get_corner((1, 1, 0))
    return Room(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
