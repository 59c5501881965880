"""Small motions that every verb is made of: uncover, recolour, fly a copy, slide a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject, linear, smooth
from manim.utils.rate_functions import squish_rate_func

from tensorreel.visuals.look import shapes
from tensorreel.visuals.look.frame import CONTENT_TOP


def remember(part: VMobject) -> None:
    """Keep the opacities that a hidden part returns to."""
    if not hasattr(part, "rest_style"):
        part.rest_style = (float(part.get_fill_opacity()), float(part.get_stroke_opacity()))


class Uncover(Animation):
    """Bring hidden parts back to the opacities they were drawn with."""

    def __init__(self, parts: Iterable[VMobject], **kwargs: Any) -> None:
        self.parts = list(parts)
        super().__init__(VGroup(*self.parts), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Set every part's opacity to its share of the full one."""
        a = self.rate_func(alpha)
        for part in self.parts:
            fill, line = getattr(part, "rest_style", (1.0, 0.0))
            _opacity(part, fill * a, line * a)


class Cover(Uncover):
    """Hide parts again."""

    def interpolate_mobject(self, alpha: float) -> None:
        """Set every part's opacity to what is left of the full one."""
        a = 1.0 - self.rate_func(alpha)
        for part in self.parts:
            fill, line = getattr(part, "rest_style", (1.0, 0.0))
            _opacity(part, fill * a, line * a)


def _opacity(part: VMobject, fill: float, line: float) -> None:
    part.set_fill(opacity=fill, family=False)
    part.set_stroke(opacity=line, family=False)


FIRST_HALF = squish_rate_func(
    smooth, 0.0, 0.5
)  # of a change in place: what was there goes in the first half,
SECOND_HALF = squish_rate_func(
    smooth, 0.5, 1.0
)  # and what comes instead in the second, so that texts never blend

LEG = 0.65  # share of the time that each of the two legs of a way round a corner takes
PEAK, CLEAR = 0.5, 0.15  # an arc's height as a share of its lift; room kept under the header


def swap_fade(gone: Iterable[VMobject], come: Iterable[VMobject]) -> list[Animation]:
    """Fades for one play: what is there goes before what takes its place comes."""
    return [
        *(FadeOut(m, rate_func=FIRST_HALF) for m in gone),
        *(FadeIn(m, rate_func=SECOND_HALF) for m in come),
    ]


class Fly(Animation):
    """A copy travels from where its original stands to a place, on a shallow arc, and scales on the way.

    The arc never rises into the header above the content. The copy is added when the motion begins and is what
    remains (``.copy_``).
    """

    def __init__(self, original: VMobject, target: VMobject, *, arc: float = 0.25, **kwargs: Any) -> None:
        self.target = target
        self.start_points = original.points.copy()
        self.arc = arc
        kwargs.setdefault("rate_func", smooth)
        super().__init__(target, **kwargs)

    def begin(self) -> None:
        """Remember where the copy lands."""
        self.end_points = self.target.points.copy()
        self.lift = self._lift()
        super().begin()

    def _lift(self) -> Any:
        a, b = _middle(self.start_points), _middle(self.end_points)
        d = b - a
        lift = np.array([-d[1], d[0], 0.0]) * self.arc
        free = max(CONTENT_TOP - CLEAR, a[1], b[1]) - (a[1] + b[1]) / 2
        lift[1] = min(lift[1], free / PEAK)
        return lift

    def interpolate_mobject(self, alpha: float) -> None:
        """Blend the outline's box from the start place to the end place."""
        a = self.rate_func(alpha)
        size0, size1 = _span(self.start_points), _span(self.end_points)
        scale = ((1 - a) * size0 + a * size1) / size1
        middle = (1 - a) * _middle(self.start_points) + a * _middle(self.end_points)
        middle = middle + self.lift * (4 * a * (1 - a)) * PEAK
        self.target.points = (self.end_points - _middle(self.end_points)) * scale + middle


class Emerge(Fly):
    """A number comes out of another place: it flies like a copy, but shows up only on its way."""

    def begin(self) -> None:
        """Start unseen."""
        super().begin()
        self.interpolate(0.0)

    def interpolate_mobject(self, alpha: float) -> None:
        """The flight, faded in over its first half."""
        super().interpolate_mobject(alpha)
        self.target.set_fill(opacity=min(1.0, 2.0 * float(self.rate_func(alpha))))


class IntoRow(Fly):
    """A word of a line goes to its place in a column: up or down first, then along, so that no word crosses another."""

    def interpolate_mobject(self, alpha: float) -> None:
        """Size and height in the first part of the time, the way along in the last."""
        down, along = float(smooth(min(1.0, alpha / LEG))), float(smooth(max(0.0, 1.0 - (1.0 - alpha) / LEG)))
        size0, size1 = _span(self.start_points), _span(self.end_points)
        a, b = _middle(self.start_points), _middle(self.end_points)
        scale = ((1 - down) * size0 + down * size1) / size1
        place = a + (b - a) * np.array([along, down, 0.0])
        self.target.points = (self.end_points - b) * scale + place


def _middle(points: Any) -> Any:
    return (points.min(axis=0) + points.max(axis=0)) / 2


def _span(points: Any) -> float:
    return float(np.ptp(points[:, :2], axis=0).max()) or 1.0


class SlideBox(Animation):
    """A frame moves and stretches until it frames something else."""

    def __init__(self, box: VMobject, to: VMobject, **kwargs: Any) -> None:
        self.to = to
        super().__init__(box, **kwargs)

    def begin(self) -> None:
        """Take the start and end outlines (equal numbers of points)."""
        self.a, self.b = self.mobject.points.copy(), self.to.points.copy()
        self.mobject.anchor = None  # on its way it belongs to nothing
        super().begin()

    def finish(self) -> None:
        """From here on it belongs to what it frames."""
        super().finish()
        self.mobject.anchor = getattr(self.to, "anchor", None)

    def interpolate_mobject(self, alpha: float) -> None:
        """Straight blend of the two outlines."""
        t = self.rate_func(alpha)
        self.mobject.points = (1 - t) * self.a + t * self.b


class Sweep(Animation):
    """Rows of hidden parts come up one after another."""

    def __init__(self, rows: Sequence[Sequence[VMobject]], *, overlap: float = 0.6, **kwargs: Any) -> None:
        self.lines = [list(r) for r in rows]
        self.overlap = overlap
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(*(m for r in self.lines for m in r)), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Give every row its own window of the time."""
        n = len(self.lines)
        if not n:
            return
        share = 1.0 / (n - (n - 1) * self.overlap)
        for k, line in enumerate(self.lines):
            start = k * share * (1 - self.overlap)
            a = float(smooth(min(1.0, max(0.0, (alpha - start) / share))))
            for part in line:
                fill, stroke = getattr(part, "rest_style", (1.0, 0.0))
                _opacity(part, fill * a, stroke * a)


def glow(around: VMobject, color: str, line: float = 3.5) -> VMobject:
    """A frame around something."""
    box = shapes.outline(around.width + 0.12, around.height + 0.1, color, line=line)
    return shapes.anchored(box.move_to(around.get_center()), around)
