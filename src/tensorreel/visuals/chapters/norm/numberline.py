"""A number line with dots, a ruler that slides and is re-ruled, and squares that hang from it.

Dots stand at the distance from the mean that their values have; it is the ruler under them that moves, so
"subtract the mean" and "divide by σ" are seen for what they are: the same dots, measured from another zero
and in another unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject

from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Sign
from tensorreel.visuals.look import shapes
from tensorreel.visuals.space.value_labels import ValueLabels


class DotLine(VGroup):
    """A horizontal line with a dot for each value, the mean in the middle.

    ``deviations`` are the values minus their mean; ``reach`` is the half length of the line and ``room`` the
    greatest side that a square on it may have. One unit of the values is ``unit`` long.
    """

    def __init__(
        self, deviations: Sequence[float], pen: Pen, *, middle: float, y: float, reach: float, room: float
    ) -> None:
        super().__init__()
        self.pen, self.middle, self.y, self.reach = pen, middle, y, reach
        self.deviations = list(deviations)
        farthest = max(abs(v) for v in self.deviations)
        self.unit = min(reach - 0.3, room) / farthest if farthest > 1e-12 else 1.0
        theme = pen.theme
        self.axis = shapes.stroke(shapes.polyline((middle - reach, y), (middle + reach, y)), theme.dim, 2.5)
        self.dots = VGroup(*(self._dot(x) for x in self.xs()))
        self.center_mark = shapes.stroke(
            shapes.dashed([(middle, y + 0.28), (middle, y - 0.28)], (0.06, 0.05)), theme.accent, 2.5
        )
        self.fulcrum = shapes.filled(
            shapes.polyline(
                (middle, y - 0.05), (middle - 0.13, y - 0.28), (middle + 0.13, y - 0.28), closed=True
            ),
            theme.accent,
        )
        self.add(self.axis, self.dots)

    def xs(self, values: Sequence[float] | None = None, unit: float | None = None) -> list[float]:
        """Where values (by default the deviations) stand."""
        scale = self.unit if unit is None else unit
        return [self.middle + v * scale for v in (self.deviations if values is None else values)]

    def _dot(self, x: float) -> VMobject:
        crowded = len(self.deviations) > 16
        return shapes.dot(self.pen.theme.role("query"), 0.06 if crowded else 0.095).move_to([x, self.y, 0])

    def tags(
        self,
        quantities: Sequence[Quantity],
        decimals: int,
        *,
        size: float,
        only: Sequence[int],
        xs: Sequence[float] | None = None,
    ) -> ValueLabels:
        """Printed values of the dots in ``only``."""
        places = self.xs() if xs is None else xs
        return ValueLabels(
            [quantities[j] for j in only],
            [places[j] for j in only],
            self.y,
            self.pen,
            decimals=decimals,
            size=size,
            low=self.middle - self.reach,
            high=self.middle + self.reach,
        )

    # ---- the ruler --------------------------------------------------------------------------------
    def ruler(self, step: float) -> TickMarks:
        """Tick marks every ``step`` frame units, measured from the middle."""
        return TickMarks(self, step)

    def plain_step(self) -> float:
        """Distance of the tick marks of the raw values: one, two or five times a power of ten."""
        least = 0.45 / self.unit
        power = 10.0 ** math.floor(math.log10(least))
        return next(k * power for k in (1, 2, 5, 10) if k * power >= least) * self.unit

    # ---- squares ----------------------------------------------------------------------------------
    def square(self, deviation: float, *, flat: bool = False) -> VMobject:
        """The square over a deviation, hanging from the line; ``flat`` is where it starts to grow."""
        x, side = self.middle + deviation * self.unit, abs(deviation) * self.unit
        low = self.y - (0.0 if flat else side)
        return self._box(self.middle, x, self.y, low)

    def slabs(self, deviations: Sequence[float]) -> list[VMobject]:
        """The squares' areas divided by d, as slabs as wide as the root of the mean area.

        Piled up they fill a square of that side exactly: that is what makes it the mean.
        """
        squares = [(v * self.unit) ** 2 for v in deviations]
        side = math.sqrt(sum(squares) / len(squares))
        slabs, y = [], self.y
        for area in squares:
            height = area / len(squares) / side if side else 0.0
            slabs.append(self._box(self.middle, self.middle + side, y, y - height))
            y -= height
        return slabs

    def side(self) -> float:
        """Length of √variance on the line."""
        return math.sqrt(sum((v * self.unit) ** 2 for v in self.deviations) / len(self.deviations))

    def edge(self, side: float) -> VMobject:
        """A square of a side, folded flat onto the line."""
        return self._box(self.middle, self.middle + side, self.y, self.y)

    def mean_square(self) -> VMobject:
        """The outline of the square whose area is the mean area."""
        side = self.side()
        box = shapes.polyline(*_corners(self.middle, self.middle + side, self.y, self.y - side), closed=True)
        return shapes.stroke(box, self.pen.theme.accent, 4)

    def _box(self, x0: float, x1: float, y0: float, y1: float) -> VMobject:
        theme = self.pen.theme
        few = min(1.0, 8 / len(self.deviations))
        corners = shapes.polyline(*_corners(x0, x1, y0, y1), closed=True)
        return shapes.filled(corners, theme.role("query"), 0.2 * few).set_stroke(
            theme.role("query"), 0.8 + 1.2 * few, 1.0
        )


def _corners(x0: float, x1: float, y0: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


class TickMarks(VGroup):
    """Tick marks along a line, every ``step`` from a zero; ``slide`` moves the zero."""

    def __init__(self, line: DotLine, step: float) -> None:
        super().__init__()
        self.line, self.step = line, step
        most = int(2 * line.reach / step) + 2
        self.ticks = VGroup(*(self._tick() for _ in range(most)))
        self.zero = Numeral(count(0, Count.TICK), line.pen, decimals=0, size=0.32, color=line.pen.theme.dim)
        self.add(self.ticks, self.zero)
        self.at(0.0)

    def _tick(self) -> VMobject:
        return shapes.stroke(shapes.polyline((0, -0.08), (0, 0.08)), self.line.pen.theme.dim, 2)

    def at(self, offset: float) -> TickMarks:
        """Put the zero ``offset`` to the right of the middle; marks outside the line do not show."""
        line = self.line
        first = math.ceil((-line.reach - offset) / self.step - 1e-9)
        for k, tick in enumerate(self.ticks):
            x = offset + (first + k) * self.step
            _stand(tick, line.middle + x, line.y, abs(x) <= line.reach + 1e-9, line=True)
        _stand(self.zero, line.middle + offset, line.y - 0.36, abs(offset) <= line.reach - 0.1, line=False)
        return self

    def within(self, offset: float) -> float:
        """The same offset, but not farther than the marks can be followed: whole steps are left out."""
        excess = max(0.0, abs(offset) - 2 * self.line.reach)
        return math.copysign(abs(offset) - math.ceil(excess / self.step) * self.step, offset)


def _stand(part: VMobject, x: float, y: float, seen: bool, *, line: bool) -> None:
    part.move_to([x, y, 0])
    if line:
        part.set_stroke(opacity=1.0 if seen else 0.0)
    else:
        part.set_fill(opacity=1.0 if seen else 0.0)


class SlideRuler(Animation):
    """The ruler's zero moves along the line from one offset to another."""

    def __init__(self, ruler: TickMarks, start: float, end: float, **kwargs: Any) -> None:
        self.ruler, self.offsets = ruler, (start, end)
        super().__init__(ruler, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Blend the offset."""
        t = self.rate_func(alpha)
        self.ruler.at((1 - t) * self.offsets[0] + t * self.offsets[1])


def sigma_ruler(line: DotLine, unit: float) -> VGroup:
    """Marks at whole multiples of σ (``unit`` long) with their numbers: the line re-ruled."""
    pen = line.pen
    marks = VGroup()
    most = int((line.reach - 0.1) / unit) if unit > 0 else 0
    every = max(1, math.ceil(0.5 / unit)) if most else 1
    for k in range(-most, most + 1):
        x = line.middle + k * unit
        marks.add(shapes.stroke(shapes.polyline((x, line.y - 0.13), (x, line.y + 0.1)), pen.theme.accent, 3))
        if k % every == 0:
            q = count(abs(k), Count.TICK)
            number = Numeral(-q if k < 0 else q, pen, decimals=0, size=0.32, color=pen.theme.accent)
            marks.add(number.sit(x - (0.09 if k < 0 else 0.0), line.y - 0.46, "center"))
    return marks


def bar_over(line: DotLine, unit: float) -> VGroup:
    """The unit as a piece of the line, from the middle, with σ under it."""
    color = line.pen.theme.accent
    piece = shapes.stroke(shapes.polyline((line.middle, line.y), (line.middle + unit, line.y)), color, 7)
    return VGroup(
        piece, Sign("σ", line.pen, size=0.4, color=color).sit(line.middle + unit / 2, line.y - 0.5, "center")
    )


def moved(dots: VGroup, xs: Sequence[float]) -> list[Any]:
    """Motions that bring dots to new places on their line."""
    return [d.animate.set_x(x).build() for d, x in zip(dots, np.asarray(xs), strict=True)]
