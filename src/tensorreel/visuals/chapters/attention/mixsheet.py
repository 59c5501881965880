"""The sheet of a row mix: weights attached to the rows of V, the scaled rows, and their sum, one row of Z."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from manim import VGroup

from tensorreel.core.formatting import decimals_for
from tensorreel.core.printed import Calculation, Operand, enough, multiplied, summed
from tensorreel.core.quantity import Quantity, total
from tensorreel.visuals.layout.largest import largest_or_least, window
from tensorreel.visuals.layout.placing import right_of, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Sign, printed_digits
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.fit import BADGE_ROOM, names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import REST, Pitch, pitch_for
from tensorreel.visuals.product.blocks import part
from tensorreel.visuals.shares.bars import bar

MOST_ROWS = 8
LARGEST = 0.4
BAR_MIN, BAR_MAX = 1.2, 2.6  # room for a weight's bar
TIMES, ARROW, END = 0.62, 1.05, 0.75  # room for ×, for → with its +, and for Z's symbol
FRAME = 0.24


@dataclass(frozen=True, eq=False)
class Scaled(DisplayTensor):
    """The rows of V times their weights; shaded on V's scale, so that a small share looks small."""

    products: tuple[tuple[Quantity, ...], ...] = ()
    further: int = 0

    def _make(self, i: int, j: int) -> Quantity:
        """A product, with its recipe."""
        return self.products[i][j]

    @cached_property
    def values(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The products."""
        return np.array([[q.value for q in row] for row in self.products])

    @cached_property
    def decimals(self) -> int:
        """One number of decimals for all products: three where that spares a scientific form; and the further ones."""
        small = [abs(x) for x in self.values.flat if 0.0005 <= abs(x) < 0.005]
        return (3 if small else decimals_for(self.values)) + self.further


@dataclass(frozen=True)
class Mixture:
    """Row i of Z as a mixture: which rows of V are shown (the heaviest where they are many) and their parts."""

    a: DisplayTensor
    v: DisplayTensor
    z: DisplayTensor
    i: int

    @cached_property
    def kept(self) -> list[int]:
        """The rows of V that show digits."""
        n = len(self.v.values)
        most = n if n <= MOST_ROWS else MOST_ROWS - 1
        heaviest = sorted(range(n), key=lambda j: (-self.a.values[self.i, j], j))
        return sorted(heaviest[:most])

    @cached_property
    def hidden(self) -> list[int]:
        """The other rows: counted, and shown as one sum."""
        return sorted(set(range(len(self.v.values))) - set(self.kept))

    @property
    def heaviest(self) -> int:
        """The row with the largest weight."""
        return int(self.a.values[self.i].argmax())

    @cached_property
    def scaled(self) -> Scaled:
        """Weight times row for every shown row, and one row for the sum of the others."""
        rows = [tuple(self.a[self.i, j] * q for q in self.v.row(j)) for j in self.kept]
        if self.hidden:
            columns = range(self.v.values.shape[1])
            rows.append(tuple(total(self.a[self.i, j] * self.v[j, c] for j in self.hidden) for c in columns))
        return Scaled(self.v.tensor, self.v.whole, tuple(rows))

    @cached_property
    def given(self) -> dict[str, int]:
        """Decimals by column, as the matrices have them."""
        return {"a": self.a.decimals, "v": self.v.decimals, "av": self.scaled.decimals, "z": self.z.decimals}

    @cached_property
    def enough(self) -> dict[str, int]:
        """So many more that every product and every sum holds as printed."""
        columns, products = range(self.v.values.shape[1]), self.scaled.values
        sums = [
            ([Operand("av", x) for x in products[:, c]], Operand("z", self.z.values[self.i, c]))
            for c in columns
        ]
        lines = [
            (
                (Operand.of("a", self.a[self.i, j]), Operand("v", self.v.values[j, c])),
                Operand("av", products[k, c]),
            )
            for k, j in enumerate(self.kept)
            for c in columns
        ]
        return enough(self.given, [Calculation(summed, sums), Calculation(multiplied, lines)])

    def partial(self, n: int, c: int) -> Quantity:
        """The sum of the first n scaled rows in column c."""
        return total(row[c] for row in self.scaled.products[:n])


@dataclass(frozen=True)
class _Plan:
    right: Pitch
    left: Pitch
    cols: int


class MixSheet(VGroup):
    """Weights with bars | × | V's rows | → | scaled rows, and Z's row under a rule. All parts in place."""

    def __init__(self, mix: Mixture, words: Sequence[str], pen: Pen, hue: str) -> None:
        super().__init__()
        self.mix, self.pen, self.hue = mix, pen, hue
        self.names = [words[j] for j in mix.kept]
        self.lines = len(mix.kept) + bool(mix.hidden)
        for digits in (mix.enough, mix.given):
            self.digits = digits
            plan = self._plan()
            if plan.cols == mix.v.values.shape[1]:
                break
        cols = window(mix.v.values.shape[1], plan.cols)
        self.v = TensorGrid(self._written("v"), pen, plan.left, cols=cols, row_names=self.names)
        self.scaled = TensorGrid(self._written("av"), pen, plan.right, cols=cols, badge=None)
        self.z = TensorGrid(
            part(mix.z, [mix.i]), pen, plan.right, cols=cols, row_names=[words[mix.i]], badge=None
        )
        self._place(plan)
        self._weights(plan)
        self._signs()
        self._work()

    def _written(self, key: str) -> DisplayTensor:
        """The rows of V or the scaled ones, with the digits that the sheet works with."""
        mix, further = self.mix, self.digits[key] - self.mix.given[key]
        return part(mix.v, mix.kept, further) if key == "v" else replace(mix.scaled, further=further)

    def _work(self) -> None:
        """What each product and each sum is worked out from, for those that check."""
        for c in self.scaled.cols:
            for k, weight in enumerate(self.weights):
                self.scaled.numeral(k, c).worked = f"{weight.text}×({self.v.numeral(k, c).text})"
            self.z.numeral(0, c).worked = "+".join(f"({n.text})" for n in self.scaled.col(c))

    # ---- geometry --------------------------------------------------------------------------------
    def _plan(self) -> _Plan:
        """The largest digits that fit; columns go only where the smallest ones do not."""
        mix, m = self.mix, self.mix.v.values.shape[1]
        room = CONTENT.under(BADGE_ROOM + 0.45)
        scaled, v = self._written("av"), self._written("v")
        plan = largest_or_least(
            LARGEST,
            lambda em: _Plan(pitch_for([scaled, mix.z], self.pen, em), pitch_for([v], self.pen, em), m),
            lambda p: room.holds(self._wide(p), p.right.dy * (self.lines + 1)),
        )
        while plan.cols > 2 and self._wide(plan) > CONTENT.width:
            plan = replace(plan, cols=plan.cols - 1)
        return plan

    def _wide(self, plan: _Plan) -> float:
        m = self.mix.v.values.shape[1]
        kept = len(window(m, plan.cols))
        grids = kept * (plan.left.dx + plan.right.dx) + (2 * REST if kept < m else 0.0)
        return (
            BAR_MIN
            + self._weight_width(plan)
            + TIMES
            + names_width(self.names, self.pen)
            + grids
            + 2 * FRAME
            + ARROW
            + END
        )

    def _weight_width(self, plan: _Plan) -> float:
        mix = self.mix
        printed = {printed_digits(mix.a[mix.i, j], self.digits["a"]) for j in mix.kept}
        return max(self.pen.width(p, plan.left.em) for p in printed) + 0.1

    def _place(self, plan: _Plan) -> None:
        self.dy = plan.right.dy
        gap = 0.3 if len(self.v.cols) == self.mix.v.values.shape[1] else 0.55
        tall = self.dy * (self.lines + 1) + gap
        top = CONTENT.under(BADGE_ROOM).y + tall / 2
        wide = self._wide(plan)
        self.bar = min(BAR_MAX, BAR_MIN + CONTENT.width - wide)
        self.left = -(wide + self.bar - BAR_MIN) / 2
        self.weight_right = self.left + self.bar + self._weight_width(plan)
        names = names_width(self.names, self.pen)
        self.v.stand(left=self.weight_right + TIMES + names + FRAME / 2, top=top)
        self.scaled.stand(left=self.v.cells.right + FRAME + ARROW, top=top)
        self.z.stand(x=self.scaled.cells.x, y=top - tall + self.dy / 2)
        self.rule_y = top - self.dy * self.lines - 0.14

    def y(self, k: int) -> float:
        """Middle of line k."""
        return float(self.scaled.center_of(k, self.scaled.cols[0])[1])

    def _weights(self, plan: _Plan) -> None:
        mix, pen, em = self.mix, self.pen, plan.left.em
        self.bars, self.weights, self.times = VGroup(), VGroup(), VGroup()
        top = mix.a.values[mix.i].max()
        for k, j in enumerate(mix.kept):
            share, y = mix.a[mix.i, j], self.y(k)
            length = max(share.value / top * (self.bar - 0.35), 0.02)
            piece = bar(length, self.dy * 0.55, pen, self.hue, 1.0)
            self.bars.add(stand(piece, right=self.left + self.bar - 0.12, y=y))
            number = Numeral(share, pen, decimals=self.digits["a"], size=em, color=self.hue)
            self.weights.add(number.level(self.weight_right, y, "right"))
            times = Sign("×", pen, size=em, color=pen.theme.dim)
            self.times.add(times.level(self.weight_right + TIMES * 0.45, y, "center"))

    def _signs(self) -> None:
        pen, em = self.pen, self.scaled.pitch.em
        self.arrows, self.plus = VGroup(), VGroup()
        x0, x1 = edges(self.v.frame).right + 0.1, edges(self.scaled.frame).left
        for k in range(self.lines):
            y = self.y(k)
            if k < len(self.mix.kept):
                arrow = Sign("→", pen, size=em, color=pen.theme.dim)
                self.arrows.add(arrow.level(x0 + 0.04, y))
            if k:
                plus = Sign("+", pen, size=em, color=pen.theme.ink)
                self.plus.add(plus.level(x1 - 0.14, y, "right"))
        self.more = VGroup()
        if self.mix.hidden:
            label = more_label(pen, "S", len(self.mix.v.values), len(self.mix.kept))
            self.more.add(stand(label, x=self.v.cells.x, y=self.y(self.lines - 1)))
        cells = self.scaled.cells
        line = shapes.polyline((cells.left - 0.25, self.rule_y), (cells.right + 0.25, self.rule_y))
        self.rule = shapes.stroke(line, pen.theme.dim, 2)
        self.symbol = Formula(self.mix.z.symbol, pen, size=0.42, color=self.z.hue)
        right_of(self.symbol, self.z.frame, theme.NAME)

    def tally(self, n: int) -> list[Numeral]:
        """Z's row as it stands after the first n scaled rows."""
        decimals = self.mix.z.decimals
        found = []
        for c in self.z.cols:
            place = self.z.numeral(0, c)
            number = Numeral(
                self.mix.partial(n, c),
                self.pen,
                decimals=decimals,
                size=self.z.pitch.em,
                color=self.pen.theme.dim,
            )
            if number.width > self.z.pitch.dx:
                number = Numeral(
                    self.mix.partial(n, c),
                    self.pen,
                    decimals=min(decimals, 1),
                    size=theme.SIZE_NUMBER_MIN,
                    color=self.pen.theme.dim,
                )
            found.append(number.move_to(place))
        return found

    def contributor_box(self, color: str) -> list[Any]:
        """Frames around the largest contributor: its weight with its row of V, and its scaled row."""
        k = self.mix.kept.index(self.mix.heaviest)
        y, right = self.y(k), edges(self.v.frame).right + 0.04
        left = edges(self.bars[k]).left - 0.12
        box = shapes.outline(right - left, self.dy * 0.98, color, line=3.0).move_to(
            [(left + right) / 2, y, 0]
        )
        return [box, self.scaled.box(rows=[k], color=color, line=3.0)]
