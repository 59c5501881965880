"""LayerNorm of every token at once: each row's values as dots on a line of its own, beside the matrices.

The lines share one scale, so the eye sees rows of any place and spread come out centred and equally wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject, linear, smooth

from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.layout.largest import first_with, largest_that_fits, sizes
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, Relation
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.norm_row import NormRow
from tensorreel.visuals.matrix.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, pitch_for
from tensorreel.visuals.matrix.shading import range_under
from tensorreel.visuals.motion.motions import Fly, Uncover
from tensorreel.visuals.motion.order import Verb
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST, TALLEST = 0.36, 0.78
STRIP_LEAST, STRIP_MIN, STRIP_MOST, GAP = 2.9, 1.9, 4.6, 0.4
BADGE, FOOT = 0.56, 0.42  # room for a badge line above and for the numbers of the scale below
COUNTED = 0.34  # room for the count of columns that are not shown
CHECKS = 2.85  # width kept for the checks
HEADS = Text("mean", "norm"), Text("variance", "norm")


@dataclass(frozen=True)
class _Plan:
    """Pitch, rows and columns with digits, whether the input stands at the left, and the lines' length."""

    pitch: Pitch
    n: int
    m: int
    with_x: bool
    strip: float


class RowLines(VGroup):
    """``x`` (the input, if there is room), ``strips`` (a line for each shown row) and ``y`` (the output)."""

    def __init__(
        self,
        norms: Sequence[NormRow],
        pen: Pen,
        *,
        names: Sequence[str],
        focus: int = 0,
        checked: bool = True,
    ) -> None:
        super().__init__()
        self.norms, self.pen, self.names = norms, pen, names
        self.kept = CHECKS if checked else 0.0  # width
        first = norms[0]
        plan = self._plan(first)
        self.plan = plan
        n, m = first.out.values.shape
        self.rows = first_with(n, plan.n, focus)
        cols = list(range(plan.m))
        self.x: TensorGrid | None = None
        if plan.with_x:
            self.x = TensorGrid(first.x, pen, plan.pitch, rows=self.rows, cols=cols, row_names=names)
        self.y = TensorGrid(first.out, pen, plan.pitch, rows=self.rows, cols=cols, row_names=names)
        self._place(n, m)
        self.y.add(range_under(self.y.frame, first.out, pen))
        self._draw_strips()
        self.add(*([self.x] if self.x else []), self.strips, self.y)

    # ---- sizes ----------------------------------------------------------------------------------
    @property
    def _named(self) -> float:
        return min(NAME_MAX, max(self.pen.width(s, theme.SIZE_LABEL) for s in self.names)) + NAME_GAP

    def _free(self, plan: _Plan, d: int) -> float:
        """Length left for the lines."""
        grid = plan.m * plan.pitch.dx + (REST if plan.m < d else 0.0) + 0.2
        taken = grid + self._named + GAP + (self._named + grid + GAP if plan.with_x else self.kept)
        return CONTENT.width - taken - 0.1

    def _plan(self, norm: NormRow) -> _Plan:
        n, d = norm.out.values.shape
        for with_x, least in ((True, STRIP_LEAST), (False, STRIP_LEAST), (False, STRIP_MIN)):
            whole = self._largest(norm, with_x, least)
            if whole is not None:
                return self._finished(whole, self._room(n, n), d)
        shown = next(k for k in range(n, 0, -1) if k * 0.36 <= self._room(n, k) - COUNTED)
        plan = _Plan(pitch_for([norm.x, norm.out], self.pen, sizes(LARGEST)[-1]), shown, d, False, 0.0)
        while self._free(plan, d) < STRIP_LEAST and plan.m > 1:
            plan = replace(plan, m=plan.m - 1)
        return self._finished(plan, self._room(n, shown) - COUNTED, d)

    def _largest(self, norm: NormRow, with_x: bool, least: float) -> _Plan | None:
        """The largest digits with which everything shows them and the lines are at least so long."""
        n, d = norm.out.values.shape
        return largest_that_fits(
            LARGEST,
            lambda em: _Plan(pitch_for([norm.x, norm.out], self.pen, em), n, d, with_x, 0.0),
            lambda p: p.pitch.dy * n <= self._room(n, n) and self._free(p, d) >= least,
        )

    @staticmethod
    def _room(n: int, shown: int) -> float:
        """Height for the rows with digits."""
        return CONTENT.height - BADGE - FOOT - (REST_ROW if shown < n else 0.0)

    def _finished(self, plan: _Plan, room: float, d: int) -> _Plan:
        dy = max(plan.pitch.dy, min(TALLEST, room / plan.n, 2.2 * plan.pitch.em))
        strip = min(STRIP_MOST, self._free(plan, d))
        return replace(plan, pitch=Pitch(plan.pitch.em, plan.pitch.dx, dy), strip=strip)

    def _place(self, n: int, m: int) -> None:
        plan, y = self.plan, self.y
        used = CONTENT.width - 0.1 - (self._free(plan, m) - plan.strip) - (0.0 if plan.with_x else self.kept)
        above = BADGE + (COUNTED if y.more_cols else 0.0)
        tall = above + y.inner_height + FOOT
        middle = CONTENT.y + tall / 2 - above - y.inner_height / 2
        left = -used / 2 if plan.with_x else CONTENT.left + 0.05
        if self.x is not None:
            self.x.stand(left=left + self._named + 0.1, y=middle)
            left = self.x.cells.right + GAP + 0.1
        self.strip_x = left + plan.strip / 2
        left += plan.strip + GAP + self._named
        y.stand(left=left, y=middle)

    # ---- the lines --------------------------------------------------------------------------------
    def _draw_strips(self) -> None:
        look, half = self.pen.theme, self.plan.strip / 2
        final = max(1e-12, max(abs(q.value) for norm in self.norms for q in norm.result))
        raw = max(1e-12, max(abs(q.value) for norm in self.norms for q in norm.values))
        self.unit = (half - 0.15) / final
        self.raw_unit = min(self.unit, (half - 0.15) / raw)
        ys = [self.y.row_y(i) for i in self.rows]
        self.axes = VGroup(
            *(
                shapes.stroke(
                    shapes.polyline((self.strip_x - half, y), (self.strip_x + half, y)), look.faint, 2
                )
                for y in ys
            )
        )
        self.dots = {i: self._dots(i, y) for i, y in zip(self.rows, ys, strict=True)}
        self.scale_marks = self._scale(max(ys) + 0.3, min(ys) - self.plan.pitch.dy / 2)
        self.strips = VGroup(self.axes, self.scale_marks, *self.dots.values())

    def _dots(self, i: int, y: float) -> VGroup:
        hue = self.pen.theme.role("query")
        radius = 0.08 if len(self.norms[i].values) <= 16 else 0.05
        xs = self.places(i, 0.0)
        return VGroup(*(shapes.dot(hue, radius).move_to([x, y, 0]) for x in xs))

    def _scale(self, top: float, foot: float) -> VGroup:
        """Faint upright lines at whole numbers, with their numbers below."""
        look, half = self.pen.theme, self.plan.strip / 2
        marks = VGroup()
        most = int((half - 0.1) / self.unit)
        every = max(1, math.ceil(most / 3)) if most else 1
        for k in range(-(most // every) * every, most + 1, every):
            x = self.strip_x + k * self.unit
            color = look.accent if k == 0 else look.faint
            pattern = (0.06, 0.06) if k == 0 else ()
            marks.add(shapes.stroke(shapes.dashed([(x, top), (x, foot)], pattern), color, 2))
            q = count(abs(k), Count.TICK)
            number = Numeral(-q if k < 0 else q, self.pen, decimals=0, size=0.3, color=look.dim)
            number.sit(x - (0.08 if k < 0 else 0.0), foot - 0.32, "center")
            marks.add(stand(number, left=max(CONTENT.left + 0.01, edges(number).left)))
        return marks

    def places(self, i: int, done: float) -> list[float]:
        """Where row i's dots stand: 0 as they come in, 1 moved to mean 0, 2 finished."""
        norm = self.norms[i]
        raw = np.array([q.value for q in norm.values]) * self.raw_unit
        centred = np.array([q.value for q in norm.deviations]) * self.raw_unit
        final = np.array([q.value for q in norm.result]) * self.unit
        xs = raw + (centred - raw) * done if done <= 1 else centred + (final - centred) * (done - 1)
        return [float(self.strip_x + x) for x in xs]

    def stand(self, i: int, done: float) -> None:
        """Put row i's dots where they are at a moment of the way."""
        for dot, x in zip(self.dots[i], self.places(i, done), strict=True):
            dot.set_x(x)


class Settle(Animation):
    """Rows go to mean 0, then to their final spread, one after another; their output cells come up."""

    def __init__(self, lines: RowLines, rows: Sequence[int], *, overlap: float = 0.35, **kwargs: Any) -> None:
        self.lines, self.rows_, self.overlap = lines, list(rows), overlap
        self.cells = {i: lines.y.parts([i]) for i in self.rows_}
        kwargs.setdefault("rate_func", linear)
        family = VGroup(*(lines.dots[i] for i in self.rows_), *(m for c in self.cells.values() for m in c))
        super().__init__(family, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Give every row its own window of the time."""
        n = len(self.rows_)
        share = 1.0 / max(1e-9, n - (n - 1) * self.overlap)
        for k, i in enumerate(self.rows_):
            t = min(1.0, max(0.0, (alpha - k * share * (1 - self.overlap)) / share))
            moved = float(smooth(min(1.0, t / 0.4))) + float(smooth(min(1.0, max(0.0, (t - 0.45) / 0.4))))
            self.lines.stand(i, moved)
            seen = float(smooth(min(1.0, max(0.0, (t - 0.75) / 0.25))))
            for part in self.cells[i]:
                fill, line = getattr(part, "rest_style", (1.0, 0.0))
                part.set_fill(opacity=fill * seen, family=False)
                part.set_stroke(opacity=line * seen, family=False)


class Checks(VGroup):
    """Mean and variance of every shown row after the division by σ, as relations at the output's right."""

    def __init__(self, lines: RowLines) -> None:
        super().__init__()
        pen, em = lines.pen, lines.plan.pitch.em
        frame = edges(lines.y.frame)
        pairs = [lines.norms[i].check for i in lines.rows]
        x = frame.right + 0.25
        for k, head in enumerate(text.of(pen.lang) for text in HEADS):
            size = 0.33
            column = VGroup()
            numbers = [self._number(pair[k], pen, em) for pair in pairs]
            breadth = max(pen.width(head, size), max(n.advance for n in numbers) + em)
            column.add(
                Label(head, pen, size=size, color=pen.theme.dim).sit(
                    x + breadth / 2, frame.top + 0.16, "center"
                )
            )
            for number, pair, i in zip(numbers, pairs, lines.rows, strict=True):
                y = lines.y.row_y(i)
                number.level(x + breadth / 2 + (max(n.advance for n in numbers) + em) / 2, y, "right")
                sign = Relation(pair[k], number, pen, size=em)
                column.add(sign.level(number.origin[0] - 0.25 * em, y, "right"), number)
            self.add(column)
            x += breadth + 0.3

    @staticmethod
    def _number(quantity: Quantity, pen: Pen, em: float) -> Numeral:
        return Numeral(quantity, pen, decimals=2, size=em)


class NormRows(Verb, steps="open settle! check?!"):
    """Plays LayerNorm on all rows at once."""

    def __init__(self, scene: StageScene, lines: RowLines) -> None:
        self.scene, self.lines = scene, lines

    def open(
        self,
        others: Sequence[VMobject],
        *,
        done: int | None = None,
        known: dict[Quantity, Numeral] | None = None,
        run_time: float = theme.MEDIUM,
    ) -> None:
        """Matrices and lines come up. Row ``done`` is finished: its numbers fly in from ``known``."""
        scene, lines = self.scene, self.lines
        lines.y.hide()
        self.done = done
        landed: list[Numeral] = []
        flown: list[Animation] = []
        for j in lines.y.cols if done is not None else []:
            source = (known or {}).get(lines.y.tensor[done or 0, j])
            if source is not None:
                landed.append(lines.y.numeral(done or 0, j).copy().set_fill(opacity=1.0))
                flown.append(Fly(source, landed[-1]))
        if done is not None:
            lines.stand(done, 2.0)
        scene.play(*(FadeOut(m) for m in others), *flown, run_time=run_time * 0.5)
        scene.play(FadeIn(lines), run_time=run_time * 0.5)
        if landed:
            scene.bring_to_front(*landed)
        if done is not None:
            scene.play(Uncover(lines.y.parts([done])), run_time=theme.QUICK)
            scene.remove(*landed)

    def settle(self, *, run_time: float = 4.0) -> None:
        """All other rows, one after another."""
        rows = [i for i in self.lines.rows if i != self.done]
        if rows:
            self.scene.play(Settle(self.lines, rows), run_time=run_time)

    def check(self, *, aside: bool = False, run_time: float = theme.LONG) -> Checks:
        """Mean and variance of every row come up; the input goes. ``aside`` also takes the lines away, to
        leave the left of the stage to another picture.
        """
        scene, lines = self.scene, self.lines
        if not aside:
            scene.until_read(run_time)
        checks = Checks(lines)
        room = CONTENT.right - edges(checks).right
        gone: list[VMobject] = [lines.x] if lines.x is not None else []
        kept: list[VMobject] = [lines.y]
        (gone if aside else kept).append(lines.strips)
        shift = shapes.at(room if aside else min(0.0, room), 0)
        lines.remove(*lines.submobjects)
        scene.remove(lines)
        scene.add(*gone, *kept)
        checks.shift(shift)
        scene.play(
            *(FadeOut(m) for m in gone),
            *(m.animate.shift(shift).build() for m in kept),
            run_time=theme.MEDIUM,
        )
        scene.play(FadeIn(checks), run_time=run_time - theme.MEDIUM)
        return checks
