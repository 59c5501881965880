"""The curve of an activation, and the units of one token on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject

from tensorreel.core.formatting import snap
from tensorreel.core.functional import Array, gelu, gelu_tanh, relu
from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.space.value_labels import spread_out

Vec = shapes.Vec
LEFT_SHARE, RIGHT_SHARE = 0.36, 0.3  # of the x-axis, at least, for the flat and for the rising piece
FAR, BREAK = 5.0, 0.75  # an input this many times farther left than any goes right breaks the axis
SIGNS = 0.42  # em of the axes' names
BELOW = 0.98  # room under the x-axis for the inputs' digits
BETWEEN = 0.14  # two of them
DIP = 0.1701  # how far GELU goes below zero, at most, by tanh a little farther: at −0.752
BEND = 3.0  # beyond it the curve of GELU is a line, as far as it is seen
POINTS = 60  # of a bend


def is_on(value: float) -> bool:
    """Whether a unit lets its value through; rounding noise around zero does not count."""
    return snap(value) > 0


@dataclass(frozen=True)
class Activation:
    """A function of one number: ``fn`` of an array of any shape, what it is called as Typst math, how far it goes below
    zero, and whether a unit is off below it."""

    fn: Callable[[Array], Array]
    called: str
    dip: float = 0.0
    switches: bool = False

    def at(self, x: float) -> float:
        """Its value at a number."""
        return float(self.fn(np.array([x]))[0])


RELU = Activation(relu, '"ReLU"(x)', switches=True)
GELU = Activation(gelu, '"GELU"(x)', DIP)
GELU_TANH = Activation(gelu_tanh, '"GELU"_"tanh" (x)', DIP)
SOFT = (GELU, GELU_TANH)


def made_by(before: DisplayTensor, after: DisplayTensor) -> Activation:
    """Which soft activation has made a matrix of another; ``LookupError`` where none has."""
    for known in SOFT:
        if np.allclose(known.fn(before.values), after.values, rtol=1e-9, atol=1e-12):
            return known
    raise LookupError(f"no curve goes from {before.name} to {after.name}")


class Curve(VGroup):
    """An activation over both axes at the scale of the data; x and y share one unit where the frame allows."""

    def __init__(
        self,
        activation: Activation,
        pre: DisplayTensor,
        pen: Pen,
        *,
        left: float,
        right: float,
        top: float,
        bottom: float,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.pen, self.left, self.right, self.top = pen, left, right, top
        self.axis_y = bottom + BELOW
        self._scale(pre.values[np.isfinite(pre.values)])
        self.axis_y += self.depth
        self.unit_y = self._upward()
        look = pen.theme
        x0, y0 = self.origin_x, self.axis_y
        ways = (shapes.at(left, y0), shapes.at(right, y0)), (shapes.at(x0, y0), shapes.at(x0, top))
        self.axes = VGroup(*(shapes.arrow(*way, look.dim, line=1.6, head=0.16) for way in ways))
        self.line = shapes.stroke(shapes.polyline(*self._corners()), look.ink, 4)
        self.signs = VGroup(
            stand(Formula("x", pen, size=SIGNS, color=look.dim), x=right - 0.16, y=y0 + 0.27),
            stand(Formula(activation.called, pen, size=SIGNS, color=look.dim), left=x0 + 0.14, y=top - 0.1),
        )
        self.add(self.axes, self.signs, self.line, *([self._break()] if self.broken else []))

    def _corners(self) -> Iterator[tuple[float, float]]:
        """Where the line of the curve begins, bends and ends."""
        bends = (0.0,) if self.activation.switches else np.linspace(-BEND, BEND, POINTS).tolist()
        inside = [x for x in bends if self.low < x < self.hi]
        yield (self.left, self.axis_y)
        for x in (*inside, self.hi):
            yield (self._x(x), self._y(x))

    def _y(self, x: float, lift: float = 1.0) -> float:
        return self.axis_y + lift * self.unit_y * self.activation.at(x)

    @property
    def depth(self) -> float:
        """How far the curve goes below the x-axis."""
        return self.unit_y * self.activation.dip

    def _scale(self, values: Any) -> None:
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        flat = -1.3 * high if self.activation.switches else -BEND  # from there on to the left nothing happens
        self.broken = 0 < FAR * high < -low and low < 2 * flat
        low = flat if self.broken else low or -0.1 * high or -1.0
        low = min(1.08 * low, -LEFT_SHARE / (1 - LEFT_SHARE) * high)
        high = max(1.08 * high, -RIGHT_SHARE / (1 - RIGHT_SHARE) * low)
        start = self.left + 0.1 + (BREAK if self.broken else 0.0)
        self.unit = (self.right - 0.2 - start) / (high - low)
        self.origin_x, self.hi, self.low = start - low * self.unit, high, low
        self.unit_y = self._upward()

    def _upward(self) -> float:
        """What one is high: as wide as it is, where the frame allows."""
        return min(self.unit, (self.top - self.axis_y - 0.3) / self.hi)

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
        return shapes.at(self._x(x), self._y(x, lift))

    @property
    def corner(self) -> tuple[float, float]:
        """Middle and top of the empty quadrant over the flat piece: room for the count."""
        return (self.left + self.origin_x) / 2, self.top


class Units(VGroup):
    """A dot with a stem for every unit of one token; ``put`` sets them all between the axis and the curve."""

    def __init__(self, curve: Curve, xs: Sequence[float]) -> None:
        super().__init__()
        self.curve, look = curve, curve.pen.theme
        self.on_colour, self.off_colour, self.ground = look.accent, look.dim, look.background
        radius, line = (0.1, 2.5) if len(xs) <= 16 else (0.05, 1.0)
        self.stems = VGroup(*(shapes.stroke(shapes.polyline((0, 0), (0, 0)), look.accent, line) for _ in xs))
        self.dots = VGroup(*(shapes.dot(look.ink, radius) for _ in xs))
        self.add(self.stems, self.dots)
        self.put(np.asarray(xs, dtype=np.float64), 0.0)

    def put(self, xs: Any, lift: float) -> None:
        """Every unit at its input, ``lift`` of the way up; past half way those that are off are hollow, if any can be."""
        self.xs, self.lift = xs, lift
        for x, dot, stem in zip(xs, self.dots, self.stems, strict=True):
            foot, head = self.curve.ground(x), self.curve.point(x, lift)
            dot.move_to(head)
            stem.points = shapes.polyline(foot[:2], head[:2])
            self._dress(dot, is_on(x), lift)

    def _dress(self, dot: VMobject, on: bool, lift: float) -> None:
        if lift < 0.5:
            dot.set_fill(self.curve.pen.theme.ink, 1.0).set_stroke(self.curve.pen.theme.ink, 2.5, 1.0)
        elif on or not self.curve.activation.switches:
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

    def __init__(self, curve: Curve, row: Sequence[Quantity], pen: Pen, *, decimals: int) -> None:
        super().__init__()
        self.numerals, self.leaders = self._fitting(curve, row, pen, decimals), VGroup()
        feet = [curve.ground(n.quantity.value)[0] for n in self.numerals]
        places = spread_out(feet, [n.advance for n in self.numerals], BETWEEN, curve.left, CONTENT.right)
        base = curve.axis_y - BELOW + 0.06
        for numeral, x, foot in zip(self.numerals, places, feet, strict=True):
            numeral.sit(x, base, "center")
            line = shapes.polyline((x, base + numeral.size * 0.95), (foot, curve.axis_y - curve.depth - 0.13))
            self.leaders.add(shapes.stroke(line, pen.theme.dim, 1.4))
        self.add(self.leaders, self.numerals)

    @staticmethod
    def _fitting(curve: Curve, row: Sequence[Quantity], pen: Pen, decimals: int) -> VGroup:
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
