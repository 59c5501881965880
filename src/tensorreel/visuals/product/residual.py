"""The sum of two matrices, cell by cell: a + b → c side by side, and the sums of one row written out below.

Where they stand side by side their rows are in line, so the eye adds straight across; where the second stands
below the first their columns are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manim import FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.layout.largest import first_with, sizes
from tensorreel.visuals.layout.placing import between
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.frame import LOW
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import (
    NAME_GAP,
    NAME_MAX,
    REST,
    REST_ROW,
    Pitch,
    least_dy,
    name_size,
    pitch_for,
)
from tensorreel.visuals.motion.motions import Fly, SlideBox, Sweep, Uncover
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.written import Equation, WrittenRow

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST, COMFORTABLE = 0.4, 0.3
LOOSEST = 1.8  # most row pitch, in em
BETWEEN, NARROW = (
    0.95,
    0.72,
)  # between two grids, where + and the arrow stand; where columns have to be counted
BADGE, REST_LABEL, STRIP_GAP = 0.5, 0.34, 0.42
BESIDE, STACK_GAP, HEAD = 0.56, 0.43, 0.39  # stacked: between a and c, between a and b, over a and c
CLOSE, SNUG, ROOMY = (1.045, 1.012), 0.16, 1.5  # least row pitches, narrower columns, most row pitch, in em
COUNTED = 0.42  # room for the positions' numbers


@dataclass(frozen=True)
class _Plan:
    """One pitch for all three, how many rows and columns show digits, whether b wears names too, and whether it
    stands below a."""

    pitch: Pitch
    n: int
    m: int
    all_named: bool
    middle: float = BETWEEN
    stacked: bool = False


class AddGrids(VGroup):
    """a + b → c with room for the sums of one row below. ``.a``, ``.b``, ``.c`` are the grids.

    They stand side by side, or, where three widths would cost digits, b stands below a and c beside both.
    a and c are (n, m); b may have more rows (a table of positions), whose rest is counted below it. ``names``
    are the rows' names; ``positions`` counts the rows of b from 0 instead of naming them. ``focus`` is a row
    that has to show its digits.
    """

    def __init__(
        self,
        a: DisplayTensor,
        b: DisplayTensor,
        c: DisplayTensor,
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
        self.pitch, self.stacked = plan.pitch, plan.stacked
        rows, cols = first_with(c.values.shape[0], plan.n, focus), first_with(c.values.shape[1], plan.m, 0)
        named_b = names if (plan.all_named or plan.stacked) and not positions else None
        made: dict[str, Any] = {"rows": rows, "cols": cols}
        self.a = TensorGrid(a, pen, plan.pitch, row_names=names, **made)
        self.b = TensorGrid(b, pen, plan.pitch, row_names=named_b, **made)
        side = "left" if plan.all_named else "right"
        self.c = TensorGrid(c, pen, plan.pitch, row_names=names, names_at=side, **made)
        if positions:
            self._count_rows()
        elif self.b.more_rows:
            self.b.rest.remove(self.b.rest.rows_label)  # a, at its left, counts the same rows
        self.plus = Sign("+", pen, size=0.6, color=pen.theme.dim)
        self.arrow = self._arrow()
        self.written = self._written(plan)
        (self._stack if plan.stacked else self._place)(plan)
        self.add(self.a, self.plus, self.b, self.arrow, self.c)

    # ---- sizes ----------------------------------------------------------------------------------
    def _names_width(self, named: bool, size: float = theme.SIZE_LABEL) -> float:
        if not named:
            return 0.0
        return min(NAME_MAX, max(self.pen.width(s, size) for s in self.names)) + NAME_GAP

    def _breadth(self, plan: _Plan) -> float:
        cols = self.tensors[2].values.shape[1]
        grid = plan.m * plan.pitch.dx + (REST if plan.m < cols else 0.0)
        if plan.stacked:
            return 2 * (grid + self._names_width(True, name_size(self.names, plan.pitch))) + BESIDE + 0.2
        named = self._names_width(True) * (3 if plan.all_named and not self.positions else 2)
        return 3 * grid + 2 * plan.middle + 0.3 + named + (COUNTED if self.positions else 0.0)

    def _height(self, plan: _Plan) -> float:
        rest = max(t.values.shape[0] for t in self.tensors) > plan.n
        grid = plan.n * plan.pitch.dy + (REST_ROW if rest else 0.0)
        below = STRIP_GAP + self._written(plan).height
        if plan.stacked:
            return HEAD + grid + max(STACK_GAP + grid, below)
        return self._badge(plan) + grid + below

    def _written(self, plan: _Plan) -> WrittenRow:
        """The written sums of the row in focus, under all three or under c."""
        width = CONTENT.width - 0.1
        if plan.stacked:
            width = CONTENT.right - self._start(plan) - plan.m * plan.pitch.dx - BESIDE
        most = 4 if plan.stacked else 1 if plan.m <= 4 else 2
        return WrittenRow(self.tensors, self.focus, plan.m, self.pen, width, most)

    def _start(self, plan: _Plan) -> float:
        """Left edge of a's cells where b stands below it."""
        names = self._names_width(True, name_size(self.names, plan.pitch))
        return names + 0.1 - self._breadth(plan) / 2

    def _badge(self, plan: _Plan) -> float:
        return BADGE + (REST_LABEL if plan.m < self.tensors[2].values.shape[1] else 0.0)

    def _plan(self) -> _Plan:
        n, m = self.tensors[2].values.shape
        pitches = [pitch_for(self.tensors, self.pen, em) for em in sizes(LARGEST)]
        for named, least in ((True, COMFORTABLE), (False, 0.0)):
            for pitch in (p for p in pitches if p.em >= least):
                plan = _Plan(pitch, n, m, named)
                if self._fits(plan):
                    return self._loosened(plan)
        small = pitch_for(self.tensors, self.pen, theme.SIZE_NUMBER_MIN)
        close = [small, *(replace(small, dy=loose * small.em) for loose in CLOSE)]
        for pitch in [*pitches, *close]:
            clear = max(pitch.dy, least_dy(self.names, pitch, self.pen))
            snug = replace(pitch, dx=pitch.dx - SNUG * pitch.em, dy=clear)
            plan = _Plan(snug, n, m, False, stacked=True)
            if self._fits(plan, LOW):
                return self._loosened(plan)
        return self._loosened(self._windowed(_Plan(small, n, m, False, NARROW)))

    def _fits(self, plan: _Plan, low: float = 0.0) -> bool:
        height = CONTENT.height + low
        return self._breadth(plan) <= CONTENT.width and self._height(plan) <= height

    def _loosened(self, plan: _Plan) -> _Plan:
        """Rows further apart where there is room to spare."""
        spare = CONTENT.height - self._height(plan)
        dy = plan.pitch.dy + spare / (plan.n * (2 if plan.stacked else 1))
        dy = min((ROOMY if plan.stacked else LOOSEST) * plan.pitch.em, dy)
        return replace(plan, pitch=replace(plan.pitch, dy=max(plan.pitch.dy, dy)))

    def _windowed(self, plan: _Plan) -> _Plan:
        """Take columns, then rows, away until the rest fits."""
        while self._breadth(plan) > CONTENT.width and plan.m > 1:
            plan = replace(plan, m=plan.m - 1)
        while self._height(plan) > CONTENT.height and plan.n > 1:
            plan = replace(plan, n=plan.n - 1)
        return plan

    # ---- places ---------------------------------------------------------------------------------
    def _place(self, plan: _Plan) -> None:
        """Side by side, the written sums under all of them."""
        a, b, c = self.a, self.b, self.c
        tall = self._height(plan)
        top = CONTENT.y + tall / 2 - self._badge(plan)
        b_named = COUNTED if self.positions else self._names_width(plan.all_named)
        c_named = self._names_width(plan.all_named)
        x = -self._breadth(plan) / 2 + self._names_width(True) + 0.1
        for grid, before in ((a, 0.0), (b, plan.middle + b_named), (c, plan.middle + c_named)):
            grid.stand(left=x + before, top=top)
            x = grid.cells.right
        y = a.cells.y if not a.more_rows else top - plan.n * plan.pitch.dy / 2
        between(self.plus, a.frame, b, y)
        between(self.arrow, b.frame, c, y)
        self.foot = (0.0, top - max(g.inner_height for g in (a, b, c)) - STRIP_GAP)

    def _stack(self, plan: _Plan) -> None:
        """b below a, its badge and the + between them; c beside them with the written sums under it."""
        a, b, c = self.a, self.b, self.c
        pair = HEAD + a.inner_height + STACK_GAP + b.inner_height
        top = min(CONTENT.top, CONTENT.y + pair / 2) - HEAD
        a.stand(left=self._start(plan), top=top)
        b.stand(x=a.cells.x, top=a.cells.bottom - STACK_GAP)
        y = a.cells.bottom - STACK_GAP / 2
        for grid, at in ((a, top + HEAD / 2 + 0.02), (b, y)):
            grid.badge.move_to([grid.cells.x, at, 0])
        self.plus.scale(0.8).move_to([edges(b.badge).left - 0.4, y, 0])
        tall = HEAD + c.inner_height + STRIP_GAP + self.written.height
        head = min(CONTENT.top, CONTENT.y + tall / 2) - HEAD
        c.stand(left=a.cells.right + BESIDE, top=head)
        c.badge.move_to([c.cells.x, head + HEAD / 2 + 0.02, 0])
        between(self.arrow, a.frame, c.frame, y)
        self.foot = ((c.cells.left + CONTENT.right) / 2, c.cells.bottom - STRIP_GAP)

    def _arrow(self) -> VGroup:
        start, tip = shapes.at(-0.15, 0), shapes.at(0.21, 0)
        return shapes.arrow(start, tip, self.pen.theme.dim, line=3, head=0.16, short=0.09)

    def _count_rows(self) -> None:
        """Positions at b's rows, counted from 0."""
        b, size = self.b, max(theme.SIZE_NUMBER_MIN, min(0.3, self.pitch.dy * 0.6))
        for i in b.rows:
            counted = count(i, Count.POSITION, i)
            number = Numeral(counted, self.pen, decimals=0, size=size, color=self.pen.theme.dim)
            b.row_names.add(number.level(edges(b.frame).left - NAME_GAP, b.row_y(i), "right"))

    def equations(self, i: int) -> list[Equation]:
        """The sums of row i's shown cells, in centred lines under the grids."""
        return self.written.at(i, self.c.cols, *self.foot)


class Add(Verb, steps="row! sweep!"):
    """Plays a sum on ``AddGrids``, whose c it hides: ``row`` writes the row in focus out, ``sweep`` brings the others."""

    def __init__(self, scene: StageScene, sums: AddGrids) -> None:
        self.scene, self.sums, self.i = scene, sums, sums.focus
        sums.c.hide_all()
        self.shown: list[VMobject] = []

    def row(self, *, run_time: float = 3.6) -> None:
        """The row cell by cell: both digits fly into a written sum, the result into its cell; the first one slowly."""
        grids, cols, i = self.sums, self.sums.c.cols, self.i
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

    def sweep(self, *, run_time: float = theme.LONG) -> None:
        """All other rows come up one after another; frames and written sums go."""
        scene, c = self.scene, self.sums.c
        scene.until_read(theme.SHORT + run_time)
        scene.play(*(FadeOut(m) for m in self.shown), run_time=theme.SHORT)
        self.shown = []
        rest = [c.parts([i]) for i in c.rows if i != self.i]
        if rest:
            scene.play(Sweep(rest), run_time=run_time)
        if c.more_rows or c.more_cols:
            scene.play(Uncover([m for m in c.rest.get_family() if len(m.points)]), run_time=theme.QUICK)
