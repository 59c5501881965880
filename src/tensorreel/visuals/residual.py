"""The sum of two matrices, cell by cell: a + b → c side by side, and the sums of one row written out below.

Rows and columns of the three stand at the same heights and pitches, so the eye adds straight across.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, FadeOut, VGroup, VMobject

from tensorreel.quantity import Quantity, count
from tensorreel.visuals import shapes
from tensorreel.visuals import theme as T
from tensorreel.visuals.furniture import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.glyphs import Numeral, Pen, Relation, Sign
from tensorreel.visuals.grid import TensorGrid
from tensorreel.visuals.motions import Fly, SlideBox, Sweep, Uncover
from tensorreel.visuals.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, pitch_for
from tensorreel.visuals.shown import Shown

if TYPE_CHECKING:
    from tensorreel.visuals.scene import StageScene

LARGEST, COMFORTABLE = 0.4, 0.3
LOOSEST = 1.8  # most row pitch, in em
MIDDLE, NARROW = (
    0.95,
    0.72,
)  # between two grids, where + and the arrow stand; where columns have to be counted
BADGE, REST_LABEL, STRIP_GAP = 0.5, 0.34, 0.42
COUNTED = 0.42  # room for the positions' numbers
STRIP_LARGEST = 0.4


@dataclass(frozen=True)
class _Plan:
    """One pitch for all three, how many rows and columns show digits, and whether b wears names too."""

    pitch: Pitch
    n: int
    m: int
    all_named: bool
    middle: float = MIDDLE


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
        x = 0.0
        for piece in (self.a, self.plus, self.b, self.relation, self.c):
            x += piece.sit(x, 0.0).advance + 0.16 * size
            self.add(piece)
        self.breadth = x - 0.16 * size


class AddGrids(VGroup):
    """a + b → c with room for the sums of one row below. ``.a``, ``.b``, ``.c`` are the grids.

    a and c are (n, m); b may have more rows (a table of positions), whose rest is counted below it. ``names``
    are the rows' names; ``positions`` counts the rows of b from 0 instead of naming them. ``focus`` is a row
    that has to show its digits. Call ``prepared`` to hide c until ``Add`` uncovers it.
    """

    def __init__(
        self,
        a: Shown,
        b: Shown,
        c: Shown,
        pen: Pen,
        *,
        names: Sequence[str],
        focus: int = 0,
        positions: bool = False,
    ) -> None:
        super().__init__()
        self.pen, self.names, self.focus, self.positions = pen, names, focus, positions
        self.tensors = (a, b, c)
        plan = self._plan()
        self.pitch = plan.pitch
        rows, cols = _window(c.values.shape[0], plan.n, focus), _window(c.values.shape[1], plan.m, 0)
        named_b = names if plan.all_named and not positions else None
        self.a = TensorGrid(a, pen, plan.pitch, rows=rows, cols=cols, row_names=names)
        self.b = TensorGrid(b, pen, plan.pitch, rows=rows, cols=cols, row_names=named_b)
        self.c = TensorGrid(
            c,
            pen,
            plan.pitch,
            rows=rows,
            cols=cols,
            row_names=names,
            names_at="left" if plan.all_named else "right",
        )
        if positions:
            self._count_rows()
        self.plus = Sign("+", pen, size=0.6, color=pen.theme.dim)
        self.arrow = self._arrow()
        self._place(plan)
        self.add(self.a, self.plus, self.b, self.arrow, self.c)

    # ---- sizes ----------------------------------------------------------------------------------
    def _names_width(self, named: bool) -> float:
        if not named:
            return 0.0
        return min(NAME_MAX, max(self.pen.width(s, T.SIZE_LABEL) for s in self.names)) + NAME_GAP

    def _breadth(self, plan: _Plan) -> float:
        cols = self.tensors[2].values.shape[1]
        grid = plan.m * plan.pitch.dx + (REST if plan.m < cols else 0.0)
        named = self._names_width(True) * (3 if plan.all_named and not self.positions else 2)
        return 3 * grid + 2 * plan.middle + 0.3 + named + (COUNTED if self.positions else 0.0)

    def _height(self, plan: _Plan) -> float:
        rest = max(t.values.shape[0] for t in self.tensors) > plan.n
        em, lines, _ = self._strip(plan.m)
        grid = plan.n * plan.pitch.dy + (REST_ROW if rest else 0.0)
        return self._badge(plan) + grid + STRIP_GAP + lines * em * 1.5

    def _badge(self, plan: _Plan) -> float:
        return BADGE + (REST_LABEL if plan.m < self.tensors[2].values.shape[1] else 0.0)

    def _plan(self) -> _Plan:
        n, m = self.tensors[2].values.shape
        ems = np.arange(LARGEST, T.SIZE_NUMBER_MIN - 1e-9, -0.005)
        pitches = [pitch_for(self.tensors, self.pen, float(em)) for em in ems]
        for named, least in ((True, COMFORTABLE), (False, 0.0)):
            for pitch in (p for p in pitches if p.em >= least):
                plan = _Plan(pitch, n, m, named)
                if self._breadth(plan) <= 2 * T.SAFE_X and self._height(plan) <= CONTENT_TOP - CONTENT_BOTTOM:
                    return self._loosened(plan)
        return self._loosened(self._windowed(_Plan(pitches[-1], n, m, False, NARROW)))

    def _loosened(self, plan: _Plan) -> _Plan:
        """Rows further apart where there is room to spare."""
        spare = CONTENT_TOP - CONTENT_BOTTOM - self._height(plan)
        dy = min(LOOSEST * plan.pitch.em, plan.pitch.dy + spare / plan.n)
        return replace(plan, pitch=replace(plan.pitch, dy=max(plan.pitch.dy, dy)))

    def _windowed(self, plan: _Plan) -> _Plan:
        """Take columns, then rows, away until the rest fits."""
        while self._breadth(plan) > 2 * T.SAFE_X and plan.m > 1:
            plan = replace(plan, m=plan.m - 1)
        while self._height(plan) > CONTENT_TOP - CONTENT_BOTTOM and plan.n > 1:
            plan = replace(plan, n=plan.n - 1)
        return plan

    # ---- places ---------------------------------------------------------------------------------
    def _place(self, plan: _Plan) -> None:
        a, b, c = self.a, self.b, self.c
        tall = self._height(plan)
        top = (CONTENT_TOP + CONTENT_BOTTOM) / 2 + tall / 2 - self._badge(plan)
        b_named = COUNTED if self.positions else self._names_width(plan.all_named)
        c_named = self._names_width(plan.all_named)
        x = -self._breadth(plan) / 2 + self._names_width(True) + 0.1
        for grid, before in ((a, 0.0), (b, plan.middle + b_named), (c, plan.middle + c_named)):
            x += before
            grid.shift([x + grid.inner_width / 2, top - grid.inner_height / 2, 0])
            x += grid.inner_width
        y = a.frame.get_center()[1] if not a.more_rows else top - plan.n * plan.pitch.dy / 2
        for sign, left, right in ((self.plus, a, b), (self.arrow, b, c)):
            sign.move_to([(left.frame.get_right()[0] + right.get_left()[0]) / 2, y, 0])
        self.foot = top - max(g.inner_height for g in (a, b, c)) - STRIP_GAP

    def _arrow(self) -> VGroup:
        color = self.pen.theme.dim
        line = shapes.stroke(shapes.polyline((-0.15, 0), (0.12, 0)), color, 3)
        return VGroup(
            line, shapes.filled(shapes.arrow_head(shapes.at(0.21, 0), shapes.at(1, 0), 0.16), color)
        )

    def _count_rows(self) -> None:
        """Positions at b's rows, counted from 0."""
        b, size = self.b, max(T.SIZE_NUMBER_MIN, min(0.3, self.pitch.dy * 0.6))
        for i in b.rows:
            number = Numeral(count(i, "position"), self.pen, decimals=0, size=size, color=self.pen.theme.dim)
            x, y = b.frame.get_left()[0] - NAME_GAP, b.shade(i, b.cols[0]).get_center()[1]
            b.row_names.add(number.sit(x, y - T.DIGIT_EM * size / 2, "right"))

    # ---- the written sums -----------------------------------------------------------------------
    def _strip(self, m: int) -> tuple[float, int, int]:
        """Digit size of the written sums, their lines, and how many stand on a line: at most two lines if possible."""
        for em in np.arange(STRIP_LARGEST, T.SIZE_NUMBER_MIN - 1e-9, -0.01):
            per_line = max(1, int(2 * T.SAFE_X / self._slot(m, float(em))))
            if -(-m // per_line) <= (1 if m <= 4 else 2):
                break
        lines = -(-m // per_line)
        return float(em), lines, -(-m // lines)

    def _slot(self, m: int, em: float) -> float:
        return max(self._equation(self.focus, j, em).breadth for j in range(m)) + 1.1 * em

    def _equation(self, i: int, j: int, em: float) -> Equation:
        a, b, c = self.tensors
        role = self.pen.theme.role
        return Equation(
            a[i, j],
            b[i, j],
            c[i, j],
            self.pen,
            decimals=(a.decimals, b.decimals, c.decimals),
            colors=(role(a.role), role(b.role), role(c.role)),
            size=em,
        )

    def equations(self, i: int) -> list[Equation]:
        """The sums of row i's shown cells, in one or two centred lines under the grids."""
        em, _, per_line = self._strip(len(self.c.cols))
        slot = self._slot(len(self.c.cols), em)
        made = [self._equation(i, j, em) for j in self.c.cols]
        for k, equation in enumerate(made):
            line, place = divmod(k, per_line)
            x = (place - (min(per_line, len(made)) - 1) / 2) * slot - equation.breadth / 2
            equation.shift([x, self.foot - 0.72 * em - line * 1.5 * em, 0])
        return made


def prepared(sums: AddGrids) -> AddGrids:
    """Hide c's numbers (its frame, names and badge stay) so that a sum can uncover them."""
    from tensorreel.visuals.matmul import hide_rest

    sums.c.hide()
    hide_rest(sums.c.rest)
    return sums


class Add:
    """Plays a sum on ``AddGrids``: ``row`` writes one row out cell by cell, ``sweep`` brings the others."""

    def __init__(self, scene: StageScene, sums: AddGrids) -> None:
        self.scene, self.sums = scene, sums
        self.shown: list[VMobject] = []

    def row(self, i: int, *, run_time: float = 3.6) -> None:
        """Row i cell by cell: both digits fly into a written sum, the result into its cell; the first one slowly."""
        grids, cols = self.sums, self.sums.c.cols
        boxes = [g.box(rows=[i], cols=[cols[0]]) for g in (grids.a, grids.b, grids.c)]
        first = run_time if len(cols) == 1 else run_time * 0.45
        each = (run_time - first) / max(1, len(cols) - 1)
        self.scene.play(*(FadeIn(b) for b in boxes), run_time=first * 0.2)
        for k, (j, equation) in enumerate(zip(cols, grids.equations(i), strict=True)):
            slides = [
                SlideBox(box, g.box(rows=[i], cols=[j]))
                for box, g in zip(boxes, (grids.a, grids.b, grids.c), strict=True)
            ]
            self._cell(i, j, equation, slides if k else [], first * 0.8 if k == 0 else each)
        self.shown += boxes

    def _cell(self, i: int, j: int, equation: Equation, slides: list[SlideBox], time: float) -> None:
        grids, scene = self.sums, self.scene
        copies = [Fly(grids.a.numeral(i, j), equation.a), Fly(grids.b.numeral(i, j), equation.b)]
        scene.play(*slides, *copies, run_time=time * 0.55)
        rest = FadeIn(equation.plus, equation.relation, equation.c)
        scene.play(rest, Uncover(grids.c.parts([i], [j])), run_time=time * 0.45)
        scene.remove(equation.plus, equation.relation, equation.c, equation.a, equation.b)
        scene.add(equation)
        self.shown.append(equation)

    def sweep(self, done: int | None = None, *, run_time: float = T.LONG) -> None:
        """All rows but ``done`` come up one after another; frames and written sums go."""
        scene, c = self.scene, self.sums.c
        if self.shown:
            scene.play(*(FadeOut(m) for m in self.shown), run_time=T.SHORT)
            self.shown = []
        rest = [c.parts([i]) for i in c.rows if i != done]
        if rest:
            scene.play(Sweep(rest), run_time=run_time)
        if c.more_rows or c.more_cols:
            scene.play(Uncover([m for m in c.rest.get_family() if len(m.points)]), run_time=T.QUICK)


def _window(n: int, most: int, focus: int) -> list[int]:
    """The first rows (or columns) that show digits, with the one in focus among them."""
    kept = list(range(min(n, most)))
    return kept if focus in kept else [*kept[:-1], focus]
