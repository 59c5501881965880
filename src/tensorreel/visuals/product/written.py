"""Sums written out: one cell's ``0.1 + (−0.2) = −0.1``, and those of one row in lines."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from tensorreel.core.printed import Calculation, Operand, enough, summed
from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Relation, Sign
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

LARGEST, PITCH, GAP = 0.4, 1.5, 1.0  # em of the digits; from line to line, and between two sums, in em


class Equation(VGroup):
    """``0.1 + (−0.2) = −0.1``: one cell's sum. Parts are reached by name."""

    def __init__(
        self,
        a: Quantity,
        b: Quantity,
        c: Quantity,
        pen: Pen,
        *,
        decimals: tuple[int, int, int],
        colors: tuple[str, str, str],
        size: float,
    ) -> None:
        super().__init__()
        da, db, dc = decimals
        self.a = Numeral(a, pen, decimals=da, size=size, color=colors[0])
        self.plus = Sign("+", pen, size=size, color=pen.theme.dim)
        self.b = Numeral(b, pen, decimals=db, size=size, color=colors[1], parens=True)
        self.c = Numeral(c, pen, decimals=dc, size=size, color=colors[2], bold=True)
        self.relation = Relation([self.a, self.plus, self.b], self.c, pen, size=size)
        pieces = (self.a, self.plus, self.b, self.relation, self.c)
        self.breadth = write(pieces, 0.0, 0.0, 0.16 * size)
        self.add(*pieces)


class WrittenRow:
    """The sums of one row's first ``m`` cells, in as few lines as a width allows and as large as they fit.

    ``em``, ``lines`` and ``height`` are known before anything is drawn.
    """

    def __init__(
        self,
        tensors: tuple[DisplayTensor, DisplayTensor, DisplayTensor],
        row: int,
        m: int,
        pen: Pen,
        width: float,
        most: int,
    ) -> None:
        self.tensors, self.pen, self.width = tensors, pen, width
        given = {key: t.decimals for key, t in zip("abc", tensors, strict=True)}
        holding = enough(given, [self._claim(row, m)])

        def in_slots(em: float) -> tuple[float, float, int]:
            slot = max(self._equation(row, j, em).breadth for j in range(m)) + GAP * em
            return em, slot, -(-m // max(1, int(width / slot)))

        for self.digits in (holding, given):
            self.em, self.slot, self.lines = largest_or_least(
                LARGEST, in_slots, lambda made: made[2] <= most, step=0.01
            )
            if self.lines <= most:
                break
        self.across = -(-m // self.lines)

    @property
    def height(self) -> float:
        """Room that the lines take."""
        return self.lines * self.em * PITCH

    def _claim(self, i: int, m: int) -> Calculation:
        """Each written sum of a row."""
        a, b, c = (t.values[i, :m].tolist() for t in self.tensors)
        entries = [(Operand("a", x), Operand("b", y)) for x, y in zip(a, b, strict=True)]
        return Calculation(summed, list(zip(entries, [Operand("c", z) for z in c], strict=True)))

    def _equation(self, i: int, j: int, em: float) -> Equation:
        a, b, c = self.tensors
        return self.sum_of(a[i, j], b[i, j], c[i, j], em)

    def sum_of(self, first: Quantity, second: Quantity, result: Quantity, size: float) -> Equation:
        """Any sum written like those of the row."""
        a, b, c = self.tensors
        role = self.pen.theme.role
        return Equation(
            first,
            second,
            result,
            self.pen,
            decimals=(self.digits["a"], self.digits["b"], self.digits["c"]),
            colors=(role(a.role), role(b.role), role(c.role)),
            size=size,
        )

    def at(self, i: int, cols: Sequence[int], x: float, top: float) -> list[Equation]:
        """The sums of row i, centred at ``x``, below ``top``."""
        made = [self._equation(i, j, self.em) for j in cols]
        for k, equation in enumerate(made):
            line, place = divmod(k, self.across)
            left = (place - (min(self.across, len(made)) - 1) / 2) * self.slot - equation.breadth / 2
            equation.shift([x + left, top - 0.72 * self.em - line * PITCH * self.em, 0])
        return made
