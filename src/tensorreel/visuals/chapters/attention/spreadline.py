"""How far the numbers of a matrix spread, before and after a change: two lines of dots."""

from __future__ import annotations

import numpy as np
from manim import VGroup, VMobject

from tensorreel.core.quantity import Quantity, largest
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.display_tensor import DisplayTensor, extremes
from tensorreel.visuals.space.value_labels import spread_out


class Spread(VGroup):
    """All numbers of a matrix as dots on a line, and on the line below the same dots after a change.

    A dot's height in its band is its row, so that equal numbers stay apart. The greatest and the least are
    printed at both lines.
    """

    def __init__(
        self,
        before: DisplayTensor,
        after: DisplayTensor,
        pen: Pen,
        *,
        left: float,
        right: float,
        top: float,
        bottom: float,
    ) -> None:
        super().__init__()
        self.pen, self.hue = pen, pen.theme.role(before.role)
        self.symbols = [Formula(s.symbol, pen, size=0.4, color=self.hue) for s in (before, after)]
        self.left = left + max(s.width for s in self.symbols) + 0.25
        self.right = right
        values = before.values
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        ends = [Numeral(q, pen, decimals=before.decimals, size=0.3) for q in _ends(before)]
        room = max(n.advance for n in ends) / 2
        self.unit = (right - self.left - 2 * room) / ((high - low) or 1.0)
        self.zero = self.left + room - low * self.unit
        self.bands = [top + (bottom - top) * share for share in (0.24, 0.72)]
        self.reach = min(0.6, (top - bottom) * 0.15)
        self.lines = [self._axis(y, s) for y, s in zip(self.bands, self.symbols, strict=True)]
        self.before, self.after = (self._dots(s, y) for s, y in zip((before, after), self.bands, strict=True))
        self.ends = [self._ends(s, y) for s, y in zip((before, after), self.bands, strict=True)]
        x = self.zero
        self.axis = shapes.stroke(
            shapes.dashed([(x, top - 0.1), (x, bottom + 0.05)], (0.06, 0.06)), pen.theme.dim, 1.5
        )
        self.add(self.axis, *self.lines, self.before, self.after, *self.ends)

    def _axis(self, y: float, symbol: Formula) -> VGroup:
        line = shapes.stroke(shapes.polyline((self.left, y), (self.right, y)), self.pen.theme.faint, 2)
        symbol.move_to([self.left - 0.2 - symbol.width / 2, y, 0])
        return VGroup(line, symbol)

    def _dots(self, tensor: DisplayTensor, y: float) -> VMobject:
        """One object with a dot for every number."""
        n = tensor.values.shape[0]
        size = 0.07 if tensor.values.size <= 64 else 0.03
        dot = shapes.rounded_box(2 * size, 2 * size, size)
        ups = [self.reach * (1 - 2 * (i + 0.5) / n) for i in range(n)]
        places = [
            shapes.at(self.zero + float(v) * self.unit, y + up)
            for row, up in zip(tensor.values, ups, strict=True)
            for v in row
        ]
        return shapes.filled(np.concatenate([dot + p for p in places]), self.hue)

    def _ends(self, tensor: DisplayTensor, y: float) -> VGroup:
        """The least and the greatest number, each under its dot and a mark."""
        group = VGroup()
        ends = list(dict.fromkeys(_ends(tensor)))
        numerals = [Numeral(q, self.pen, decimals=tensor.decimals, size=0.3) for q in ends]
        places = spread_out(
            [self.zero + n.quantity.value * self.unit for n in numerals],
            [n.advance for n in numerals],
            0.12,
            self.left,
            self.right,
        )
        for numeral, x in zip(numerals, places, strict=True):
            group.add(numeral.sit(x, y - self.reach - 0.36, "center"))
        return group


def _ends(tensor: DisplayTensor) -> tuple[Quantity, Quantity]:
    """The least and the greatest cell."""
    (a, b), (c, d) = extremes(tensor.values)
    return tensor[a, b], tensor[c, d]


def size_of(tensor: DisplayTensor) -> Quantity:
    """The greatest absolute value of a matrix."""
    return largest(abs(q) for q in _all(tensor))


def _all(tensor: DisplayTensor) -> list[Quantity]:
    return [q for i in range(len(tensor.values)) for q in tensor.row(i)]
