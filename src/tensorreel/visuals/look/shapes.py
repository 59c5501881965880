"""Plain shapes as single ``VMobject`` outlines: boxes, brackets, dashes, dots."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import VGroup, VMobject

Vec = npt.NDArray[np.float64]
Corner = Sequence[float] | Vec  # (x, y), or a point of which only these two count
_ROUND = 0.5523  # control-point distance of a quarter circle


def at(x: float, y: float) -> Vec:
    """A point of the frame."""
    return np.array([x, y, 0.0])


def _line(a: Vec, b: Vec) -> Vec:
    return np.array([a, a + (b - a) / 3, a + (b - a) * 2 / 3, b])


def polyline(*corners: Corner, closed: bool = False) -> Vec:
    """Curves (n, 3) along straight lines through (x, y) corners."""
    points = [at(c[0], c[1]) for c in corners]
    ends = [*points[1:], points[0]] if closed else points[1:]
    return np.concatenate([_line(a, b) for a, b in zip(points, ends, strict=False)])


def rounded_box(width: float, height: float, radius: float) -> Vec:
    """Curves of a rounded rectangle around the origin."""
    r = min(radius, width / 2, height / 2)
    x, y, k = width / 2, height / 2, r * (1 - _ROUND)
    runs = []
    for sx, sy, across in ((1, 1, True), (-1, 1, False), (-1, -1, True), (1, -1, False)):
        a, b = at(sx * x, sy * (y - r)), at(sx * (x - r), sy * y)
        ca, cb = at(sx * x, sy * (y - k)), at(sx * (x - k), sy * y)
        runs.append(np.array([a, ca, cb, b] if across else [b, cb, ca, a]))
    out = []
    for k_, run in enumerate(runs):
        out += [run, _line(run[-1], runs[(k_ + 1) % 4][0])]
    return np.concatenate(out)


def stroke(points: Vec, color: str, width: float = 2.0, opacity: float = 1.0) -> VMobject:
    """An open line of the given curves; ``width`` in Manim's stroke units."""
    line = VMobject(stroke_color=color, stroke_width=width, stroke_opacity=opacity, fill_opacity=0)
    line.points = points
    return line


def filled(points: Vec, color: str, opacity: float = 1.0, **style: Any) -> VMobject:
    """A filled shape without outline."""
    style = {"stroke_width": 0, **style}
    shape = VMobject(fill_color=color, fill_opacity=opacity, **style)
    shape.points = points
    return shape


def panel(width: float, height: float, color: str, *, radius: float = 0.12, opacity: float = 1.0) -> VMobject:
    """A filled rounded rectangle around the origin."""
    return filled(rounded_box(width, height, radius), color, opacity)


def outline(width: float, height: float, color: str, *, radius: float = 0.08, line: float = 2.5) -> VMobject:
    """A rounded frame around the origin."""
    return stroke(rounded_box(width, height, radius), color, line)


def dot(color: str, radius: float = 0.06) -> VMobject:
    """A filled circle around the origin."""
    return filled(rounded_box(2 * radius, 2 * radius, radius), color)


def ring(color: str, radius: float = 0.1, line: float = 2.5) -> VMobject:
    """A circle line around the origin."""
    return stroke(rounded_box(2 * radius, 2 * radius, radius), color, line)


def anchored(mark: VMobject, to: VMobject) -> VMobject:
    """The same mark, declared as one that frames or points at something: lint sees to it that both go together."""
    mark.anchor = weakref.ref(to)  # what is copied with the mark is the reference
    return mark


def as_key(mark: VMobject) -> VMobject:
    """The same shape, declared as one that explains what stands beside it: lint keeps texts off it."""
    mark.is_key = True
    return mark


DASHES: tuple[tuple[float, ...], ...] = ((), (0.12, 0.07), (0.035, 0.07), (0.16, 0.06, 0.035, 0.06))


def dashed(corners: Sequence[Corner], pattern: Sequence[float]) -> Vec:
    """Curves along a line through corners, cut by a dash pattern (on, off, … lengths); () leaves it whole."""
    if not pattern:
        return polyline(*corners)
    pieces = []
    for start, end in pairwise(corners):
        a, b = at(start[0], start[1]), at(end[0], end[1])
        length, s, k = float(np.linalg.norm(b - a)), 0.0, 0
        while s < length:
            step = pattern[k % len(pattern)]
            if k % 2 == 0:
                pieces.append(_line(a + (b - a) * s / length, a + (b - a) * min(s + step, length) / length))
            s, k = s + step, k + 1
    return np.concatenate(pieces)


def bracket(height: float, side: int, pattern: Sequence[float] = (), tick: float = 0.1) -> Vec:
    """Curves of a square bracket around the origin; ``side`` −1 is the left one."""
    x, y = side * tick / 2, height / 2
    return dashed([(-x, y), (x, y), (x, -y), (-x, -y)], pattern)


def brackets(width: float, height: float, color: str, *, line: float = 3.0, **style: Any) -> VGroup:
    """A pair of square brackets around the origin, ``width`` apart."""
    pair = (stroke(bracket(height, side, **style), color, line) for side in (-1, 1))
    both = VGroup(*(mark.shift(at(side * width / 2, 0)) for mark, side in zip(pair, (-1, 1), strict=True)))
    both.is_frame = both.open = True  # nothing passes over it that does not belong to it
    return both


def dashed_box(width: float, height: float, color: str, pattern: Sequence[float], line: float) -> VMobject:
    """A dashed rectangle around the origin."""
    x, y = width / 2, height / 2
    return stroke(dashed([(-x, -y), (x, -y), (x, y), (-x, y), (-x, -y)], pattern), color, line)


def arrow(start: Vec, tip: Vec, color: str, *, line: float, head: float, short: float = 0.0) -> VGroup:
    """A straight arrow; its line ends ``short`` of the point of its head."""
    way = (tip - start) / (np.linalg.norm(tip - start) or 1.0)
    stem = stroke(polyline(start, tip - way * short), color, line)
    return VGroup(stem, filled(arrow_head(tip, way, head), color))


def arrow_head(tip: Vec, direction: Vec, size: float = 0.14) -> Vec:
    """Curves of a filled arrow head with its point at ``tip``."""
    d = direction / (np.linalg.norm(direction) or 1.0)
    n = np.array([-d[1], d[0], 0.0])
    a, b = tip - d * size + n * size * 0.45, tip - d * size - n * size * 0.45
    return np.concatenate([_line(tip, a), _line(a, b), _line(b, tip)])
