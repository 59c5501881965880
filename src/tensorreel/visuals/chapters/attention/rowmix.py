"""The row-mix device for Z = A V: one row of Z as a weighted sum of V's rows, then all rows, then the hull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.visuals.chapters.attention.mixsheet import MixSheet, Mixture
from tensorreel.visuals.layout.largest import largest_that_fits, window, window_with
from tensorreel.visuals.layout.placing import middles
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.fit import BADGE_ROOM, COLUMN_NAME_ROOM, names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import REST, REST_ROW, pitch_for
from tensorreel.visuals.motion.motions import Emerge, Fly, SlideBox, Sweep, Uncover, swap_fade
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.bars import Grow
from tensorreel.visuals.space.plane import Plane

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

APART, PLANE_MIN, ADD_UP = 0.55, 3.2, 2.6
LARGEST = 0.38  # em of the digits


@dataclass(frozen=True)
class _Sizes:
    """Digit size, rows and columns with digits, and whether V stands between A and Z."""

    em: float
    rows: int
    a_cols: int
    z_cols: int
    with_v: bool


class MixTable(VGroup):
    """A, V and Z side by side, rows in line. V is left out where three matrices do not fit (the sheet shows it)."""

    def __init__(self, mix: Mixture, words: Sequence[str], pen: Pen) -> None:
        super().__init__()
        self.mix, self.pen, self.words = mix, pen, words
        s = self._sizes()
        n, m = len(words), mix.v.values.shape[1]
        rows = window_with(n, s.rows, mix.i)
        made: dict[str, Any] = {"rows": rows, "row_names": words}
        cols = window_with(n, s.a_cols, mix.heaviest)
        self.a = TensorGrid(mix.a, pen, pitch_for([mix.a], pen, s.em), cols=cols, col_names=words, **made)
        self.v = None
        right = pitch_for([mix.v, mix.z], pen, s.em)
        if s.with_v:
            self.v = TensorGrid(mix.v, pen, right, cols=window(m, s.z_cols), **made)
        self.z = TensorGrid(mix.z, pen, right, cols=window(m, s.z_cols), **made)
        self._place()

    def _sizes(self) -> _Sizes:
        n, m = len(self.words), self.mix.v.values.shape[1]
        for with_v in (True, False):
            whole = largest_that_fits(
                LARGEST, partial(_Sizes, rows=n, a_cols=n, z_cols=m, with_v=with_v), self._fits
            )
            if whole is not None:
                return whole
        rows, a_cols, z_cols = min(n, 8), min(n, 8), m
        while (
            not self._fits(_Sizes(theme.SIZE_NUMBER_MIN, rows, a_cols, z_cols, False))
            and max(a_cols, z_cols) > 2
        ):
            a_cols, z_cols = (a_cols - 1, z_cols) if a_cols > z_cols else (a_cols, z_cols - 1)
        return _Sizes(theme.SIZE_NUMBER_MIN, rows, a_cols, z_cols, False)

    def _fits(self, s: _Sizes) -> bool:
        mix, n, m = self.mix, len(self.words), self.mix.v.values.shape[1]
        a, z = pitch_for([mix.a], self.pen, s.em), pitch_for([mix.v, mix.z], self.pen, s.em)
        names, grids = names_width(self.words, self.pen), 3 if s.with_v else 2
        wide = len(window(n, s.a_cols)) * a.dx + (grids - 1) * len(window(m, s.z_cols)) * z.dx
        wide += (
            REST * (s.a_cols < n)
            + (grids - 1) * REST * (s.z_cols < m)
            + grids * (names + 0.25)
            + (grids - 1) * APART
        )
        tall = s.rows * a.dy + BADGE_ROOM + COLUMN_NAME_ROOM + REST_ROW * (s.rows < n)
        return CONTENT.holds(wide, tall)

    @property
    def grids(self) -> list[TensorGrid]:
        """The matrices that are shown, from left to right."""
        return [g for g in (self.a, self.v, self.z) if g is not None]

    def _place(self) -> None:
        names = names_width(self.words, self.pen)
        widths = [names + 0.25 + g.inner_width for g in self.grids]
        y = CONTENT.under(BADGE_ROOM + COLUMN_NAME_ROOM).y
        for grid, x in zip(self.grids, middles(widths, APART), strict=True):
            grid.stand(x=x + names / 2, y=y)


class RowMix(Verb, steps="operands attach scale! add! rows! hull?!"):
    """Plays the mixing of one row, then all rows; where d_k = 2 the hull."""

    def __init__(self, scene: StageScene, table: MixTable, sheet: MixSheet) -> None:
        self.scene, self.table, self.sheet = scene, table, sheet
        self.mix = sheet.mix
        table.z.hide_all()
        self.on: list[VMobject] = []

    def operands(self) -> None:
        """A and V come out of the map; the row of A is framed."""
        self.scene.enter(*(g for g in self.table.grids if g is not self.table.z))
        self.scene.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
        self.box = self.table.a.box(rows=[self.mix.i])
        self.scene.play(FadeIn(self.box), FadeIn(self.table.z), run_time=theme.SHORT)

    def attach(self) -> None:
        """The weights of the row go to the rows of V, and grow their bars."""
        s, table, scene = self.sheet, self.table, self.scene
        pairs = list(zip(self.mix.kept, s.weights, strict=True))
        held = [(table.a.numeral(self.mix.i, j).copy(), w) for j, w in pairs if j in table.a.cols]
        fresh = [w for j, w in pairs if j not in table.a.cols]
        gone = [FadeOut(g) for g in (*table.grids, self.box) if g is not table.v]
        scene.add(*(number for number, _ in held))
        scene.play(*gone, run_time=theme.SHORT)
        if table.v is None:
            scene.enter(s.v)
        scene.remove(*(number for number, _ in held))
        moves = self._carried(table.v, s.v) if table.v is not None else []
        moves += [Fly(number, w, arc=0.0) for number, w in held]
        scene.play(*moves, *swap_fade([], [*fresh, s.times, s.more]), run_time=theme.LONG)
        self.largest, self.largest_scaled = s.contributor_box(scene.theme.accent)
        scene.play(*(Grow(b, (1, 0)) for b in s.bars), FadeIn(self.largest), run_time=theme.MEDIUM)
        self.on += [s.v, *s.weights, s.times, s.more, *s.bars, self.largest]

    def _carried(self, start: TensorGrid, end: TensorGrid) -> list[Animation]:
        """V goes from its place in the table to its place in the sheet; with other rows or digits, one gives way."""
        same = start.tensor.decimals == end.tensor.decimals
        if not same or (start.rows, start.cols) != (end.rows, end.cols):
            return swap_fade([start], [end])
        self.scene.remove(start)
        home, place = end.frame.get_center(), start.frame.get_center()
        ratio = start.frame.width / end.frame.width
        end.shift(place - home).scale(ratio, about_point=place)
        return [end.animate.scale(1 / ratio, about_point=place).shift(home - place).build()]

    def scale(self) -> None:
        """Every row of V times its weight; the first one alone."""
        s, scene = self.sheet, self.scene
        scene.until_read(theme.QUICK + theme.MEDIUM + theme.LONG)
        scene.play(FadeIn(s.scaled.frame), FadeIn(s.arrows), FadeIn(s.scaled.rest), run_time=theme.QUICK)
        turns = [self._scaled(k) for k in range(s.lines)]
        scene.play(turns[0], run_time=theme.MEDIUM)
        if turns[1:]:
            scene.play(AnimationGroup(*turns[1:], lag_ratio=0.3), run_time=theme.LONG)
        scene.play(FadeIn(self.largest_scaled), run_time=theme.QUICK)
        self.on += [s.scaled.frame, s.arrows, s.scaled.rest, *s.scaled.parts(), self.largest_scaled]

    def _scaled(self, k: int) -> Animation:
        s = self.sheet
        shades = [FadeIn(s.scaled.shade(k, c)) for c in s.scaled.cols]
        numbers = s.scaled.row(k)
        if k >= len(self.mix.kept):
            return AnimationGroup(*shades, *(FadeIn(n) for n in numbers))
        return AnimationGroup(*shades, *(Emerge(a, b) for a, b in zip(s.v.row(k), numbers, strict=True)))

    def add(self) -> None:
        """The scaled rows slide one after another (their frames do: digits stay legible) into Z's row, which counts up."""
        s, scene = self.sheet, self.scene
        come = [
            FadeIn(m)
            for m in (s.plus, s.rule, s.z.frame, s.z.row_names, s.symbol, s.z.rest)
            if len(m.get_family())
        ]
        scene.play(*come, run_time=theme.SHORT)
        old: list[Numeral] = []
        for k in range(s.lines):
            box = s.scaled.box(rows=[k], color=scene.theme.ink, line=3.0)
            new = s.tally(k + 1) if k < s.lines - 1 else s.z.row(0)
            turns = [*(FadeOut(n) for n in old), *(FadeIn(n) for n in new)]
            scene.play(SlideBox(box, s.z.box(rows=[0])), *turns, run_time=ADD_UP / s.lines)
            scene.remove(box)
            old = new
        scene.play(FadeIn(s.z.shades), run_time=theme.QUICK)
        scene.remove(*s.z.row(0))
        scene.add(*s.z.row(0))
        self.on += [s.plus, s.rule, s.z.frame, s.z.row_names, s.symbol, s.z.rest, s.z.shades, *s.z.row(0)]

    def rows(self, run_time: float = 2.4) -> None:
        """The finished row flies into Z; the next two rows follow one at a time, the others in a sweep."""
        s, table, scene, i = self.sheet, self.table, self.scene, self.mix.i
        pairs = [(s.z.numeral(0, c), table.z.numeral(i, c).copy()) for c in s.z.cols if c in table.z.cols]
        landed = [b.set_fill(opacity=1) for _, b in pairs]
        ghosts = [a for a in self.on if a not in s.z.row(0)]
        scene.remove(*s.z.row(0))
        flights = [Fly(a, b) for (a, _), b in zip(pairs, landed, strict=True)]
        scene.play(*swap_fade(ghosts, table.grids), *flights, run_time=theme.LONG * 0.8)
        scene.play(Uncover(table.z.parts([i])), run_time=theme.QUICK)
        scene.remove(*landed)
        rest = [r for r in table.z.rows if r != i]
        box, target = table.a.box(rows=[i]), table.z.box(rows=[i])
        if rest:
            scene.play(FadeIn(box), FadeIn(target), run_time=theme.QUICK)
        for r in rest[:2]:
            slides = [SlideBox(box, table.a.box(rows=[r])), SlideBox(target, table.z.box(rows=[r]))]
            scene.play(*slides, Uncover(table.z.parts([r])), run_time=run_time / 5)
        if rest:
            scene.play(FadeOut(box), FadeOut(target), run_time=theme.QUICK)
        if rest[2:]:
            scene.play(Sweep([table.z.parts([r]) for r in rest[2:]]), run_time=run_time / 2)
        if len(table.z.rest):
            scene.play(Uncover(table.z.rest), run_time=theme.QUICK)

    # ---- the exact plane -------------------------------------------------------------------------
    def hull(self) -> None:
        """V's rows as points with their hull; the weighted rows, laid end to end, lead to Z inside it."""
        scene, mix, table = self.scene, self.mix, self.table
        scene.until_read(theme.QUICK + 3 * theme.SHORT + theme.MEDIUM + theme.LONG)
        left = self._make_room()
        room = CONTENT.right - left
        points = [tuple(map(float, p)) for p in mix.v.values]
        ends = [tuple(map(float, p)) for p in mix.z.values]
        path = [(0.0, 0.0)]
        for row in mix.scaled.products:
            path.append((path[-1][0] + row[0].value, path[-1][1] + row[1].value))
        center = ((left + CONTENT.right) / 2, CONTENT.y)
        plane = Plane([*points, *path], scene.pen, width=room, height=CONTENT.height - 0.1, center=center)
        hull = plane.hull(points, table.z.hue)
        dots = VGroup(*(plane.dot(p, table.z.hue) for p in points))
        steps = [plane.segment(a, b, scene.theme.accent, 3.0) for a, b in pairwise(path)]
        others = VGroup(*(plane.ring(p, scene.theme.ink) for k, p in enumerate(ends) if k != mix.i))
        z = VGroup(
            plane.dot(ends[mix.i], scene.theme.accent, 0.1), plane.ring(ends[mix.i], scene.theme.accent, 0.16)
        )
        named = table.z.rows
        label = Label(
            "Z " + shortened(table.words[mix.i], scene.pen, 0.36, 1.5, among=table.words),
            scene.pen,
            size=0.36,
            color=scene.theme.accent,
        )
        mark = plane.tag([ends[mix.i]], [label])
        names = plane.names(
            [points[j] for j in named], [table.words[j] for j in named], [table.z.hue] * len(named)
        )
        shown = table.v if table.v in scene.mobjects else None
        keys = [_key(plane.dot((0.0, 0.0), table.z.hue), shown)] if shown is not None else []
        scene.play(*map(FadeIn, (plane, dots, names.all, *keys)), run_time=theme.MEDIUM)
        scene.play(FadeIn(hull), run_time=theme.SHORT)
        drawn = [Create(s) for s in steps if len(s.points)]
        if drawn:
            scene.play(AnimationGroup(*drawn, lag_ratio=1.0), run_time=theme.LONG)
        circle = _key(plane.ring((0.0, 0.0), scene.theme.ink), table.z)
        scene.play(*map(FadeIn, (z, mark.all, others, circle)), run_time=theme.SHORT)

    def _make_room(self) -> float:
        """A goes, V and Z move to the left margin. Returns where the plane may begin."""
        table, x = self.table, CONTENT.left
        stay = [g for g in (table.v, table.z) if g is not None]
        while len(stay) > 1 and sum(g.width + APART for g in stay) > CONTENT.width - PLANE_MIN:
            stay.pop(0)
        self.scene.play(*(FadeOut(g) for g in table.grids if g not in stay), run_time=theme.QUICK)
        moves: list[Animation] = []
        for grid in stay:
            moves.append(grid.animate.shift([x - edges(grid).left, 0, 0]).build())
            x += grid.width + APART
        self.scene.play(*moves, run_time=theme.SHORT)
        return float(x)


def _key(point: VMobject, grid: TensorGrid) -> VMobject:
    """A point of the plane before the badge of the matrix whose rows it stands for."""
    badge = grid.badge
    mark = shapes.as_key(point).move_to([edges(badge).left - 0.24, edges(badge).y, 0])
    return shapes.anchored(mark, badge)
