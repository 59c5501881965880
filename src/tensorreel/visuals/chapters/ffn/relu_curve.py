"""The ReLU curve, the units of one token on it, and how many of them are on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject

from tensorreel.core.formatting import snap
from tensorreel.core.quantity import Count, Quantity, count, positives
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, Sign, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.space.value_labels import spread_out
from tensorreel.words.text import Text

Vec = shapes.Vec
LEFT_SHARE, RIGHT_SHARE = 0.36, 0.3  # of the x-axis, at least, for the flat and for the rising piece
FAR, BREAK = 5.0, 0.75  # an input this many times farther left than any goes right breaks the axis
LEAST = 0.34  # em of the counts
SIGNS, MARK = 0.42, 0.1  # em of the axes' names; radius of the marks for on and off
LINE = 1.45  # from line to line of the counts, em
BELOW = 0.98  # room under the x-axis for the inputs' digits
BETWEEN = 0.14  # two of them
ON, OFF = Text("on", "ffn_hidden.rise"), Text("off", "ffn_hidden.rise")  # what a unit is


def is_on(value: float) -> bool:
    """Whether a unit lets its value through; rounding noise around zero does not count."""
    return snap(value) > 0


class ReluCurve(VGroup):
    """y = max(0, x) over both axes at the scale of the data; x and y share one unit where the frame allows."""

    def __init__(
        self, pre: DisplayTensor, pen: Pen, *, left: float, right: float, top: float, bottom: float
    ) -> None:
        super().__init__()
        self.pen, self.left, self.right, self.top = pen, left, right, top
        self.axis_y = bottom + BELOW
        self._scale(pre.values[np.isfinite(pre.values)])
        look = pen.theme
        x0, y0 = self.origin_x, self.axis_y
        corner, tip = shapes.at(x0, y0), self.point(self.hi)
        ways = (shapes.at(left, y0), shapes.at(right, y0)), (corner, shapes.at(x0, top))
        self.axes = VGroup(*(shapes.arrow(*way, look.dim, line=1.6, head=0.16) for way in ways))
        self.line = shapes.stroke(shapes.polyline((left, y0), corner[:2], tip[:2]), look.ink, 4)
        self.signs = VGroup(
            stand(Formula("x", pen, size=SIGNS, color=look.dim), x=right - 0.16, y=y0 + 0.27),
            stand(Formula('"ReLU"(x)', pen, size=SIGNS, color=look.dim), left=x0 + 0.14, y=top - 0.1),
        )
        self.add(self.axes, self.signs, self.line, *([self._break()] if self.broken else []))

    def _scale(self, values: Any) -> None:
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        self.broken = 0 < FAR * high < -low
        low = -1.3 * high if self.broken else low or -0.1 * high or -1.0
        low = min(1.08 * low, -LEFT_SHARE / (1 - LEFT_SHARE) * high)
        high = max(1.08 * high, -RIGHT_SHARE / (1 - RIGHT_SHARE) * low)
        tall = self.top - self.axis_y - 0.3
        start = self.left + 0.1 + (BREAK if self.broken else 0.0)
        self.unit = (self.right - 0.2 - start) / (high - low)
        self.unit_y = min(self.unit, tall / high)
        self.origin_x, self.hi, self.low = start - low * self.unit, high, low

    def _x(self, x: float) -> float:
        """Across; whatever lies beyond a broken axis stands at its left end."""
        if self.broken and x < self.low:
            return self.left + 0.25
        return self.origin_x + x * self.unit

    def _break(self) -> VGroup:
        """Two slanted strokes over a gap of the axis: here it leaves out a stretch."""
        x, y = self.left + BREAK - 0.1, self.axis_y
        gap = shapes.panel(0.16, 0.2, self.pen.theme.background, radius=0.0).move_to([x, y, 0])
        marks = [
            shapes.stroke(
                shapes.polyline((x + s - 0.06, y - 0.14), (x + s + 0.06, y + 0.14)), self.pen.theme.ink, 2.5
            )
            for s in (-0.08, 0.08)
        ]
        return VGroup(gap, *marks)

    def ground(self, x: float) -> Vec:
        """Where an input stands on the x-axis."""
        return shapes.at(self._x(x), self.axis_y)

    def point(self, x: float, lift: float = 1.0) -> Vec:
        """The curve's point over an input, or a share of the way to it."""
        return shapes.at(self._x(x), self.axis_y + lift * self.unit_y * max(0.0, x))

    @property
    def corner(self) -> tuple[float, float]:
        """Middle and top of the empty quadrant over the flat piece: room for the count."""
        return (self.left + self.origin_x) / 2, self.top


class Units(VGroup):
    """A dot with a stem for every unit of one token; ``put`` sets them all between the axis and the curve."""

    def __init__(self, curve: ReluCurve, xs: Sequence[float]) -> None:
        super().__init__()
        self.curve, look = curve, curve.pen.theme
        self.on_colour, self.off_colour, self.ground = look.accent, look.dim, look.background
        radius, line = (0.1, 2.5) if len(xs) <= 16 else (0.05, 1.0)
        self.stems = VGroup(*(shapes.stroke(shapes.polyline((0, 0), (0, 0)), look.accent, line) for _ in xs))
        self.dots = VGroup(*(shapes.dot(look.ink, radius) for _ in xs))
        self.add(self.stems, self.dots)
        self.put(np.asarray(xs, dtype=np.float64), 0.0)

    def put(self, xs: Any, lift: float) -> None:
        """Every unit at its input, ``lift`` of the way up; past half way those that are off are hollow."""
        self.xs, self.lift = xs, lift
        for x, dot, stem in zip(xs, self.dots, self.stems, strict=True):
            foot, head = self.curve.ground(x), self.curve.point(x, lift)
            dot.move_to(head)
            stem.points = shapes.polyline(foot[:2], head[:2])
            self._dress(dot, is_on(x), lift)

    def _dress(self, dot: VMobject, on: bool, lift: float) -> None:
        if lift < 0.5:
            dot.set_fill(self.curve.pen.theme.ink, 1.0).set_stroke(self.curve.pen.theme.ink, 2.5, 1.0)
        elif on:
            dot.set_fill(self.on_colour, 1.0).set_stroke(self.on_colour, 2.5, 1.0)
        else:
            dot.set_fill(self.ground, 1.0).set_stroke(self.off_colour, 2.5, 1.0)


class Ride(Animation):
    """Units move to other inputs along the curve, or from the axis up to it."""

    def __init__(self, units: Units, xs: Any, lift: float = 1.0, **kwargs: Any) -> None:
        self.units, self.end, self.end_lift = units, np.asarray(xs, dtype=np.float64), lift
        super().__init__(units, **kwargs)

    def begin(self) -> None:
        """Remember where they ride from."""
        self.start, self.start_lift = self.units.xs, self.units.lift
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Blend the inputs; the height follows the curve."""
        t = float(self.rate_func(alpha))
        lift = (1 - t) * self.start_lift + t * self.end_lift
        self.units.put((1 - t) * self.start + t * self.end, lift)


class Inputs(VGroup):
    """The inputs' digits in one line under the x-axis, each with a thin line to its own place on it."""

    def __init__(self, curve: ReluCurve, row: Sequence[Quantity], pen: Pen, *, decimals: int) -> None:
        super().__init__()
        self.numerals, self.leaders = self._fitting(curve, row, pen, decimals), VGroup()
        feet = [curve.ground(n.quantity.value)[0] for n in self.numerals]
        places = spread_out(feet, [n.advance for n in self.numerals], BETWEEN, curve.left, CONTENT.right)
        base = curve.axis_y - BELOW + 0.06
        for numeral, x, foot in zip(self.numerals, places, feet, strict=True):
            numeral.sit(x, base, "center")
            line = shapes.polyline((x, base + numeral.size * 0.95), (foot, curve.axis_y - 0.13))
            self.leaders.add(shapes.stroke(line, pen.theme.dim, 1.4))
        self.add(self.leaders, self.numerals)

    @staticmethod
    def _fitting(curve: ReluCurve, row: Sequence[Quantity], pen: Pen, decimals: int) -> VGroup:
        """All digits as large as one line allows, or the first ones where not all fit."""
        room = CONTENT.right - curve.left

        def have_room(made: Sequence[Numeral]) -> int:
            return int(room / (max(n.advance for n in made) + BETWEEN))

        made = largest_or_least(
            theme.SIZE_NUMBER,
            lambda em: [Numeral(q, pen, decimals=decimals, size=em) for q in row],
            lambda made: have_room(made) >= len(made),
            step=0.01,
        )
        return VGroup(*made[: max(1, have_room(made))])


class OnOff(VGroup):
    """Which token, and how many of its units are on (filled dot) and off (ring)."""

    def __init__(self, name: str, row: Sequence[Quantity], curve: ReluCurve, *, em: float = 0.4) -> None:
        super().__init__()
        pen, look = curve.pen, curve.pen.theme
        on = positives(row)
        off = count(len(row), Count.SIZE, "f") - on
        words = (ON.of(pen.lang), OFF.of(pen.lang))
        x, y = curve.corner
        name = shortened(name, pen, em, 2 * (x - curve.left) - 0.3)
        self.add(Label(name, pen, size=em, bold=True).sit(x, y - em, "center"))
        marks = (shapes.as_key(shapes.dot(look.accent, MARK)), shapes.as_key(shapes.ring(look.dim, MARK)))
        parts = list(zip(marks, (on, off), words, (look.accent, look.dim), strict=True))
        room = 2 * (x - curve.left) - 0.15

        def written(size: float) -> list[VGroup]:
            return [self._line(pen, *p, size, wide=pen.width(str(len(row)), size, bold=True)) for p in parts]

        lines = largest_or_least(  # as large as the quadrant is wide
            em, written, lambda made: max(line.width for line in made) <= room, least=LEAST, step=0.01
        )
        wide = max(line.width for line in lines)
        for k, line in enumerate(lines):
            line.shift([x - wide / 2, y - em - (k + 1) * LINE * em, 0])
        self.add(*lines)

    @staticmethod
    def _line(
        pen: Pen, mark: VMobject, n: Quantity, word: str, colour: str, em: float, *, wide: float
    ) -> VGroup:
        number = Numeral(n, pen, decimals=0, size=em, color=colour, bold=True)
        label = Label(word, pen, size=em * 0.9, color=colour)
        stand(mark, left=0.0, y=theme.WORD_EM * em / 2)
        return VGroup(mark, number.sit(0.35 + wide, 0, "right"), label.sit(0.5 + wide, 0))


class RowCounts(VGroup):
    """Beside every shown row of a grid: how many of its units are on, of how many; a dot, and a word, above."""

    def __init__(self, grid: TensorGrid, pen: Pen, *, x: float, named: bool = False) -> None:
        super().__init__()
        self.rows: dict[int, VGroup] = {}
        em = min(theme.SIZE_NUMBER, max(theme.SIZE_NUMBER_MIN, grid.numerals[0].scale_now))
        for i in grid.rows:
            row = grid.tensor.row(i)
            on = Numeral(positives(row), pen, decimals=0, size=em, color=pen.theme.accent, bold=True)
            slash = Sign("/", pen, size=em, color=pen.theme.dim)
            of = Numeral(count(len(row), Count.SIZE, "f"), pen, decimals=0, size=em, color=pen.theme.dim)
            wide = max(pen.width(str(len(row)), em, bold=True), on.advance)
            on.level(x + wide, grid.row_y(i), "right")
            write((slash, of), x + wide + 0.02, float(on.origin[1]), 0.03)
            self.rows[i] = VGroup(on, slash, of)
        mark = shapes.as_key(shapes.dot(pen.theme.accent, MARK))
        above = max(edges(group).top for group in self.rows.values()) + 0.27
        self.head = VGroup(stand(mark, x=edges(next(iter(self.rows.values()))).x, y=above))
        if named:
            mark.set_x(x + 0.1)
            word = Label(ON.of(pen.lang), pen, size=theme.SIZE_LABEL, color=pen.theme.accent)
            self.head.add(word.sit(x + 0.3, above - 0.3 * theme.SIZE_LABEL))
        self.add(self.head, *self.rows.values())


def hollow_out(grid: TensorGrid) -> TensorGrid:
    """Give the cells of units that are off a dashed, empty ground and dim digits."""
    dim = grid.pen.theme.dim
    for i in grid.rows:
        for j in grid.cols:
            if is_on(grid.tensor.values[i, j]):
                continue
            ground = grid.shade(i, j)
            edge = shapes.dashed_box(grid.pitch.dx - 0.07, grid.pitch.dy - 0.07, dim, (0.06, 0.05), 1.4)
            ground.points = edge.shift(ground.get_center()).points
            ground.set_fill(opacity=0).set_stroke(dim, 1.4, 0.75)
            grid.numeral(i, j).set_color(dim)
    return grid
