"""The exact plane of a head with d_k = 2: its rows are points, so nothing is projected or squeezed.

Both axes have the same unit, so that angles and lengths are true. The plane remembers what is drawn on it,
and ``tag`` finds a free place for every name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import VGroup, VMobject

from tensorreel.core.formatting import decimals_for
from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.lettering.glyphs import Inked, Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.geometry import Point, convex_hull, direction, pair, projected
from tensorreel.visuals.look.shapes import Vec
from tensorreel.visuals.space.placement import NEAR, Box, Wish, dot_samples, line_samples, placed

DOT, HEAD = 0.075, 0.17
NAME_WIDTH = 1.5


@dataclass(frozen=True, eq=False)
class PointLabels:
    """Texts beside points: ``texts[k]`` and its thin ``leaders[k]`` (empty where the text stands close)."""

    texts: list[Inked]
    leaders: list[VMobject]

    @property
    def all(self) -> VGroup:
        """Everything, to be faded in or out."""
        return VGroup(*self.leaders, *self.texts)

    def of(self, k: int) -> VGroup:
        """One text with its leader."""
        return VGroup(self.leaders[k], self.texts[k])


@dataclass(frozen=True, eq=False)
class Projection:
    """A point p dropped onto the line of q: ``length`` is negative where it falls behind the origin."""

    ray: VMobject
    drop: VMobject
    corner: VMobject
    shadow: VMobject
    foot: Vec
    length: float

    @property
    def all(self) -> VGroup:
        """Everything, to be faded out."""
        return VGroup(self.ray, self.shadow, self.drop, self.corner)


class Plane(VGroup):
    """Axes whose range holds the origin and all ``points``, in a box of the frame.

    Data → frame: ``spot``; ``unit`` is the length of 1. Draw with ``dot``, ``arrow``, ``segment``, ``hull``
    and ``projection``, each of which returns an object that is not yet on screen; then ``names`` and ``tag``.
    """

    def __init__(
        self,
        points: Iterable[Point],
        pen: Pen,
        *,
        width: float,
        height: float,
        center: tuple[float, float] = (0.0, 0.0),
        room: float = 0.42,
    ) -> None:
        super().__init__()
        self.pen = pen
        self.area = Box(*center, width, height)
        data = np.array([(0.0, 0.0), *((float(p[0]), float(p[1])) for p in points)])
        low, high = data.min(axis=0), data.max(axis=0)
        span = np.where(high - low > 0, high - low, 0.0)
        free = np.array([width, height]) - 2 * room
        tight = [f / s for f, s in zip(free, span, strict=True) if s > 0]
        self.unit = float(min(tight)) if tight else 1.0
        self.origin = shapes.at(*(np.array(center) - (low + high) / 2 * self.unit))
        self.busy: list[npt.NDArray[np.float64]] = []
        self.boxes: list[Box] = []
        self.axes = self._axes([self.spot(p) for p in data])
        self.add(self.axes)

    # ---- geometry -------------------------------------------------------------------------------
    def spot(self, p: Point) -> Vec:
        """Where a point of the data stands in the frame."""
        return np.asarray(self.origin + np.array([float(p[0]), float(p[1]), 0.0]) * self.unit)

    def _axes(self, spots: Sequence[Vec]) -> VGroup:
        a, color, axes = self.area, self.pen.theme.dim, VGroup()
        x, y = self.origin[:2]
        ends = [((a.x - a.w / 2, y), (a.x + a.w / 2, y)), ((x, a.y - a.h / 2), (x, a.y + a.h / 2))]
        for start, end in ends:
            axes.add(shapes.arrow(shapes.at(*start), shapes.at(*end), color, line=1.4, head=0.12))
            self.busy.append(line_samples(start, end, 0.5))
        axes.add(self._tick(0, spots), self._tick(1, spots))
        return axes

    def _tick(self, axis: int, spots: Sequence[Vec]) -> VGroup:
        """One marked step on an axis, so that lengths can be read; its number on the side with fewer points."""
        step, quantity = _nice(0.55 / self.unit)
        end = (self.area.w if axis == 0 else self.area.h) / 2 + (self.area.x, self.area.y)[axis] - 0.25
        if self.origin[axis] + step * self.unit > end:
            step, quantity = -step, -quantity
        place = self.spot((step, 0) if axis == 0 else (0, step))
        way = shapes.at(0, 0.06) if axis == 0 else shapes.at(0.06, 0)
        mark = shapes.stroke(shapes.polyline((place - way)[:2], (place + way)[:2]), self.pen.theme.dim, 1.6)
        if not self._holds(place):
            return VGroup()
        number = Numeral(
            quantity,
            self.pen,
            decimals=decimals_for([step]),
            size=theme.SIZE_NUMBER_MIN,
            color=self.pen.theme.dim,
        )
        off = way * 3.4 + (shapes.at(number.width / 2 - 0.06, 0) if axis else 0)
        free = [place + side * off for side in (-1, 1) if self._holds(place + side * off)]
        if not free:
            return VGroup(mark)
        number.move_to(max(free, key=lambda at: min(0.35, *(float(np.linalg.norm(at - s)) for s in spots))))
        self.boxes.append(box_around(number))
        return VGroup(mark, number)

    def _holds(self, place: Vec) -> bool:
        a = self.area
        return bool(abs(place[0] - a.x) < a.w / 2 - 0.05 and abs(place[1] - a.y) < a.h / 2 - 0.08)

    # ---- things to draw -------------------------------------------------------------------------
    def dot(self, p: Point, color: str, radius: float = DOT) -> VMobject:
        """A filled point."""
        x, y, _ = self.spot(p)
        self.busy.append(dot_samples(x, y, radius))
        return shapes.dot(color, radius).move_to([x, y, 0])

    def ring(self, p: Point, color: str, radius: float = DOT + 0.02) -> VMobject:
        """An open point: told apart from a filled one without colour."""
        x, y, _ = self.spot(p)
        self.busy.append(dot_samples(x, y, radius))
        return shapes.ring(color, radius, 3.0).move_to([x, y, 0])

    def arrow(self, p: Point, color: str, width: float = 4.5) -> VGroup:
        """An arrow from the origin to a point (a small dot where the point is the origin)."""
        tip, start = self.spot(p), self.origin
        length = float(np.linalg.norm(tip - start))
        head = min(HEAD, 0.6 * length)
        self.busy.append(line_samples(start, tip, 2.5))
        if length < 0.04:
            return VGroup(shapes.dot(color, 0.05).move_to(tip))
        self.busy.append(dot_samples(tip[0], tip[1], 0.06))
        return shapes.arrow(start, tip, color, line=width, head=head, short=0.8 * head)

    def segment(
        self, a: Point, b: Point, color: str, width: float = 2.0, *, dashed: bool = False
    ) -> VMobject:
        """A line between two points of the data."""
        ends = [self.spot(a)[:2], self.spot(b)[:2]]
        if float(np.hypot(*(ends[1] - ends[0]))) < 0.01:
            return VMobject()
        self.busy.append(line_samples(ends[0], ends[1], 1.2))
        return shapes.stroke(shapes.dashed(ends, (0.07, 0.06) if dashed else ()), color, width)

    def hull(self, points: Iterable[Point], color: str, *, opacity: float = 0.16) -> VMobject:
        """The convex hull: everything that can be mixed from the points with shares adding up to 1."""
        corners = [self.spot(p)[:2] for p in convex_hull(points)]
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
            self.busy.append(line_samples(a, b, 1.2))
        if len(corners) < 3:
            return shapes.stroke(shapes.polyline(corners[0], corners[-1]), color, 3.0)
        face = shapes.filled(shapes.polyline(*corners, closed=True), color, opacity)
        return face.set_stroke(color, width=2.0, opacity=1.0)

    def projection(self, p: Point, q: Point, color: str, ray_color: str) -> Projection:
        """p dropped at a right angle onto the line through the origin and q; the shadow runs from 0 to the foot."""
        foot, length = projected(p, q)
        way = shapes.at(*direction(q))
        tail, tip = sorted([0.0, length * self.unit, float(np.hypot(*pair(q))) * self.unit])[::2]
        ends = [(self.origin + way * t)[:2] for t in (tail - 0.12, tip + 0.2)]
        ray = shapes.stroke(shapes.dashed(ends, (0.05, 0.05)), ray_color, 1.6)
        shadow = self.segment((0, 0), foot, color, 11.0)
        drop = self.segment(p, foot, color, 2.4, dashed=True)
        return Projection(ray, drop, self._corner(p, foot, way), shadow, foot, length)

    def _corner(self, p: Point, foot: Vec, way: Vec) -> VMobject:
        """The mark of the right angle at the foot."""
        at, up = self.spot(foot), self.spot(p) - self.spot(foot)
        height = float(np.linalg.norm(up))
        s = min(0.13, 0.4 * height)
        if height < 0.05:
            return VMobject()
        back = way if np.dot(self.origin - at, way) >= 0 else -way
        u = up / height * s
        corners = [(at + u)[:2], (at + u + back * s)[:2], (at + back * s)[:2]]
        return shapes.stroke(shapes.polyline(*corners), self.pen.theme.dim, 1.8)

    # ---- texts ----------------------------------------------------------------------------------
    def names(
        self,
        points: Sequence[Point],
        names: Sequence[str],
        colors: Sequence[str],
        *,
        size: float = theme.SIZE_LABEL,
    ) -> PointLabels:
        """Every point's name beside it; long ones are shortened. Draw the points first: names keep clear of them."""
        texts = [
            Label(shortened(n, self.pen, size, NAME_WIDTH, among=names), self.pen, size=size, color=c)
            for n, c in zip(names, colors, strict=True)
        ]
        return self.tag(points, texts)

    def tag(self, points: Sequence[Point], texts: Sequence[Inked]) -> PointLabels:
        """Give each text a free place near its point; later calls keep clear of earlier ones."""
        wishes = [self._wish(p, t) for p, t in zip(points, texts, strict=True)]
        busy = np.vstack(self.busy) if self.busy else None
        found = placed(wishes, self.area, self.boxes, busy)
        leaders: list[VMobject] = []
        for wish, box, text in zip(wishes, found, texts, strict=True):
            text.move_to([box.x, box.y, 0])
            leaders.append(self._leader(wish, box))
        self.boxes += found
        return PointLabels(list(texts), leaders)

    def _wish(self, p: Point, text: Inked) -> Wish:
        x, y, _ = self.spot(p)
        away = (float(x - self.origin[0]), float(y - self.origin[1]))
        return Wish(
            x, y, text.width, text.height, away if np.hypot(*away) > 0.05 else (0.6, 1.0), DOT + 0.045
        )

    def _leader(self, wish: Wish, box: Box) -> VMobject:
        end: Vec = np.array(box.nearest(wish.x, wish.y))
        start = np.array([wish.x, wish.y])
        length = float(np.hypot(*(end - start)))
        if length <= NEAR:
            return VMobject()
        start = start + (end - start) * min(0.5, DOT / length)
        self.busy.append(line_samples(start, end, 20.0))
        return shapes.stroke(shapes.polyline(start, end - (end - start) * 0.04), self.pen.theme.dim, 1.3)


def _nice(least: float) -> tuple[float, Quantity]:
    """The smallest of 1, 2, 5 × 10ⁿ that is at least ``least``, with its recipe."""
    power = int(np.floor(np.log10(least)))
    for k in (power, power + 1):
        for m in (1, 2, 5):
            if m * 10.0**k >= least:
                quantity, ten = count(m, Count.TICK), count(10, Count.TICK)
                for _ in range(abs(k)):
                    quantity = quantity * ten if k > 0 else quantity / ten
                return float(quantity.value), quantity
    raise AssertionError("unreachable")


def box_around(mobject: Any) -> Box:
    """The rectangle of something drawn."""
    x, y, _ = mobject.get_center()
    return Box(float(x), float(y), float(mobject.width), float(mobject.height))
