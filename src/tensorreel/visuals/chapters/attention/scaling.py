"""Dividing scores by √d_k: the root worked out once, one cell at the side, then every cell in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject, linear, smooth
from manim.utils.rate_functions import squish_rate_func

from tensorreel.core.formatting import decimals_for
from tensorreel.core.printed import Calculation, Operand, divided, enough
from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.attention.spreadline import Spread, size_of
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Inked, Numeral, Pen, Relation, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.motions import Fly, SlideBox
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST = 0.42  # em of the lines of work


class GroupSwap(Animation):
    """Old parts give way to new ones at the same places, group after group."""

    def __init__(
        self,
        groups: Sequence[tuple[Sequence[VMobject], Sequence[VMobject]]],
        *,
        overlap: float = 0.7,
        **kwargs: Any,
    ) -> None:
        self.groups = [(list(a), list(b)) for a, b in groups]
        self.overlap = overlap
        self.styles = {
            id(m): (float(m.get_fill_opacity()), float(m.get_stroke_opacity()))
            for a, b in self.groups
            for m in (*a, *b)
        }
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(*(m for a, b in self.groups for m in (*a, *b))), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """In its share of the time each group's old parts go, then its new parts come."""
        n = len(self.groups)
        share = 1.0 / (n - (n - 1) * self.overlap)
        for k, (old, new) in enumerate(self.groups):
            t = min(1.0, max(0.0, (alpha - k * share * (1 - self.overlap)) / share))
            for part in old:
                self._show(part, float(smooth(max(0.0, 1 - 2 * t))))
            for part in new:
                self._show(part, float(smooth(max(0.0, 2 * t - 1))))

    def _show(self, part: VMobject, a: float) -> None:
        fill, line = self.styles[id(part)]
        part.set_fill(opacity=fill * a, family=False)
        part.set_stroke(opacity=line * a, family=False)


def diagonals(old: TensorGrid, new: TensorGrid) -> list[tuple[list[VMobject], list[VMobject]]]:
    """Cells of two grids of one shape, diagonal by diagonal from the upper left."""
    groups = []
    for s in range(len(old.rows) + len(old.cols) - 1):
        pairs = [(i, j) for a, i in enumerate(old.rows) for b, j in enumerate(old.cols) if a + b == s]
        groups.append(
            (
                [m for i, j in pairs for m in (old.shade(i, j), old.numeral(i, j))],
                [m for i, j in pairs for m in (new.shade(i, j), new.numeral(i, j))],
            )
        )
    return groups


class RootLines(VGroup):
    """Two lines of work: √d_k as a number, and one score divided by it. ``first`` and ``second`` in time."""

    def __init__(
        self,
        width: Quantity,
        before: Numeral,
        after: Quantity,
        pen: Pen,
        *,
        left: float,
        right: float,
        top: float,
    ) -> None:
        super().__init__()
        self.pen = pen
        self.root = width.sqrt()
        digits = decimals_for([self.root.value])
        claim = Calculation(
            divided,
            [
                (
                    (Operand("x", before.quantity.value), Operand("root", self.root.value)),
                    Operand("y", after.value),
                )
            ],
        )
        given = {"x": before.decimals, "root": 3 if digits == 2 else digits, "y": before.decimals}
        self.digits = enough(given, [claim])

        def first(em: float) -> VGroup:
            self.size = em
            return self._first(width, left, top)

        def fits(line: VGroup) -> bool:
            return max(self._second_width(before, after), line.width) <= right - left - 0.05

        self.first = largest_or_least(LARGEST, first, fits, step=0.01)
        self.second = self._second(before, after, left, top - 1.75 * self.size)
        self.add(self.first, self.second)

    def _first(self, width: Quantity, x: float, y: float) -> VGroup:
        pen, size = self.pen, self.size
        symbol = Formula("sqrt(d_k) arrow.r", pen, size=size * 1.2)
        symbol.shift([x, y + 0.3 * size - symbol.get_center()[1], 0])
        value = Numeral(self.root, pen, decimals=self.digits["root"], size=size, bold=True)
        arrow = Sign("→", pen, size=size, color=pen.theme.dim).sit(x, y)
        x += arrow.advance + 0.35 * size
        rooted = Formula(f"sqrt({width.args[0]})", pen, size=size * 1.2, color=pen.theme.dims["k"])
        stand(rooted, left=x, up=y)
        relation = Relation(self.root, value, pen, size=size)
        self.divisor = value
        number = Numeral(width, pen, decimals=0, size=size)
        number.sit(symbol.get_right()[0] + 0.9 * size, y)
        rest = _line([relation, value], number.get_right()[0] + 0.3 * size, y)
        return VGroup(symbol, radical(number, pen), number, *rest)

    def _second_pieces(self, before: Numeral, after: Quantity) -> list[Inked]:
        pen, size, hue = self.pen, self.size, before.get_fill_color().to_hex()
        left = Numeral(before.quantity, pen, decimals=self.digits["x"], size=size)
        sign = Sign("÷", pen, size=size, color=pen.theme.dim)
        root = Numeral(self.root, pen, decimals=self.digits["root"], size=size)
        result = Numeral(after, pen, decimals=self.digits["y"], size=size, color=hue, bold=True)
        relation = Relation([left, sign, root], result, pen, size=size)
        return [left, sign, root, relation, result]

    def _second_width(self, before: Numeral, after: Quantity) -> float:
        pieces = self._second_pieces(before, after)
        return sum(p.advance for p in pieces) + 0.3 * self.size * (len(pieces) - 1)

    def _second(self, before: Numeral, after: Quantity, x: float, y: float) -> VGroup:
        pieces = self._second_pieces(before, after)
        self.dividend, self.sign, self.root_copy, self.relation, self.result = pieces
        return VGroup(*_line(pieces, x, y))


def radical(number: Numeral, pen: Pen) -> VMobject:
    """A root sign around a numeral."""
    em, x, y = number.scale_now, number.get_left()[0], number.origin[1]
    top, end = y + 0.95 * em, number.get_right()[0] + 0.1 * em
    tick = [(x - 0.52 * em, y + 0.3 * em), (x - 0.4 * em, y + 0.38 * em), (x - 0.27 * em, y - 0.12 * em)]
    return shapes.stroke(shapes.polyline(*tick, (x - 0.08 * em, top), (end, top)), pen.theme.ink, 2.4)


def _line(pieces: Sequence[Inked], x: float, y: float) -> list[Inked]:
    """Pieces side by side from x."""
    write(pieces, x, y, [0.3 * piece.size for piece in pieces])
    return list(pieces)


class Scaling(Verb, steps="root! all! mask?!"):
    """A verb on the finished product: one score is divided at the side, then all of them in place.

    ``final`` is S as the trace has it: with a causal mask, masked.
    """

    def __init__(self, scene: StageScene, falk: Falk, scores: DisplayTensor) -> None:
        self.scene, self.falk, self.dots = scene, falk, falk.c
        self.width = scene.count("k")
        root = self.width.sqrt()
        dots, masked = falk.c.tensor, not np.isfinite(scores.values).all()
        divided = scores.reworked(dots.values / root.value, lambda i, j: dots[i, j] / root)
        self.scaled = divided if masked else scores
        self.divided = self._grid(self.scaled)
        self.final = self._grid(scores) if masked else self.divided
        before, after = size_of(falk.c.tensor), size_of(self.scaled)
        self.size_before = (before, falk.c.tensor.decimals)
        self.size_after = (after, scores.decimals)
        self.left, self.right = falk.right_edge + 0.5, CONTENT.right
        self.lines: RootLines | None = None

    def _grid(self, tensor: DisplayTensor) -> TensorGrid:
        """A grid that covers the product cell by cell."""
        c = self.dots
        grid = TensorGrid(
            tensor,
            self.scene.pen,
            c.pitch,
            rows=c.rows,
            cols=c.cols,
            row_names=self.scene.words,
            names_at="right",
            badge=None,
        )
        grid.rest.remove(grid.rest.cols_label)
        grid.shift(c.frame.get_center() - grid.frame.get_center())
        grid.place_badge("below")
        grid.badge.shift([0, c.badge.baseline - grid.badge.baseline, 0])
        grid.add(grid.badge)
        return grid

    def root(self) -> None:
        """√d_k as a number; the first score of the row in focus divided by it."""
        scene, c = self.scene, self.dots
        scene.until_read(3 * theme.SHORT + theme.MEDIUM)
        i, j = self.falk.focus, c.cols[0]
        self.lines = lines = RootLines(
            self.width,
            c.numeral(i, j),
            self.scaled[i, j],
            scene.pen,
            left=self.left,
            right=self.right,
            top=CONTENT.top - 0.75,
        )
        scene.play(FadeIn(lines.first), run_time=theme.SHORT)
        self.box = c.box(rows=[i], cols=[j])
        scene.play(FadeIn(self.box), Fly(c.numeral(i, j), lines.dividend), run_time=theme.MEDIUM)
        scene.play(Fly(lines.divisor, lines.root_copy), FadeIn(lines.sign), run_time=theme.SHORT)
        scene.play(FadeIn(lines.relation, lines.result), run_time=theme.SHORT)

    def all(self, *, run_time: float = 1.8) -> None:
        """Every cell is divided in place while the same numbers draw together on a line."""
        scene, c, new = self.scene, self.dots, self.divided
        scene.until_read(theme.SHORT + run_time + theme.QUICK)
        assert self.lines is not None
        self.spread = spread = Spread(
            c.tensor,
            self.scaled,
            scene.pen,
            left=self.left,
            right=self.right,
            top=self.lines.get_bottom()[1] - 0.35,
            bottom=CONTENT.bottom + 0.1,
        )
        scene.play(
            FadeIn(spread.axis, *spread.lines, spread.before, spread.ends[0]),
            FadeOut(self.box),
            run_time=theme.SHORT,
        )
        self.falling = falling = spread.before.copy()
        scene.add(falling)
        scene.play(
            GroupSwap(diagonals(c, new)),
            SlideBox(falling, spread.after),
            FadeOut(c.badge, rate_func=squish_rate_func(smooth, 0.0, 0.5)),
            FadeIn(new.badge, rate_func=squish_rate_func(smooth, 0.5, 1.0)),
            run_time=run_time,
        )
        self._replace(c, new)
        scene.play(FadeIn(spread.ends[1]), run_time=theme.QUICK)

    def _replace(self, old: TensorGrid, new: TensorGrid) -> None:
        """The new grid is on stage as a whole, the old one is gone: the picture stays the same."""
        self.scene.remove(*old.get_family(), *new.get_family())
        self.scene.add(new)

    def mask(self, *, run_time: float = 1.3) -> None:
        """Scores of later words become −∞."""
        old, new, values = self.divided, self.final, self.final.tensor.values
        groups = []
        for i in old.rows:
            cut = [j for j in old.cols if not np.isfinite(values[i, j])]
            if cut:
                groups.append((old.parts([i], cut), new.parts([i], cut)))
        if groups:
            self.scene.play(GroupSwap(groups), FadeOut(self.falling, *self.spread), run_time=run_time)
        self._replace(old, new)
