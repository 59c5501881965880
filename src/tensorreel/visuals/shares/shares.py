"""A matrix that softmax turns row by row: scores become shares in place, and every row gets its bar of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, AnimationGroup, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.formatting import leading
from tensorreel.core.quantity import Count, count, total
from tensorreel.visuals.layout.largest import window_with
from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Relation, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import TurningBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.fit import (
    BADGE_ROOM,
    COLUMN_NAME_ROOM,
    MOST_NAMES,
    Fit,
    fit,
    names_width,
)
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.motions import (
    FIRST_HALF,
    SECOND_HALF,
    Cover,
    SlideBox,
    Uncover,
    remember,
    swap_fade,
)
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.bars import Grow, ShareScale, Stack
from tensorreel.visuals.shares.softmax import Softmax

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

STACK_MIN, STACK_MAX, SUM_ROOM, GAP = 2.6, 5.4, 1.15, 0.45
LARGEST, WIDE = 0.36, 1.1  # em of the digits; most that a column grows for its name


class ShareTable(VGroup):
    """Scores and their softmax in one place, and beside each row its bar of length 1 with Σ = 1."""

    def __init__(
        self,
        before: DisplayTensor,
        after: DisplayTensor,
        pen: Pen,
        *,
        row_names: Sequence[str],
        col_names: Sequence[str],
        focus: tuple[int, int],
    ) -> None:
        super().__init__()
        self.pen, self.col_words = pen, list(col_names)
        names = names_width(row_names, pen)
        plan, self.stacked = self._plan((before, after), CONTENT.width - names - SUM_ROOM - 0.3, focus)
        made = {"rows": plan.rows, "cols": plan.cols, "row_names": row_names, "col_names": col_names}
        self.before, self.after = (TensorGrid(t, pen, plan.pitch, **made) for t in (before, after))  # type: ignore[arg-type]
        inner = self.before.inner_width
        self.length = (
            min(STACK_MAX, CONTENT.width - names - inner - SUM_ROOM - GAP - 0.3) if self.stacked else 0.0
        )
        left = -(names + inner + GAP + self.length + SUM_ROOM) / 2
        y = CONTENT.under(BADGE_ROOM + COLUMN_NAME_ROOM - 0.45).y
        for grid in (self.before, self.after):
            grid.stand(x=left + names + inner / 2, y=y)
        self.start = left + names + inner + GAP
        self._rows()

    def _plan(
        self, tensors: tuple[DisplayTensor, DisplayTensor], width: float, focus: tuple[int, int]
    ) -> tuple[Fit, bool]:
        """Digits and window, and whether there is room for the bars: all columns come before the bars."""
        height = CONTENT.height - BADGE_ROOM - COLUMN_NAME_ROOM - 0.55
        seen = window_with(len(self.col_words), MOST_NAMES, focus[1])
        words = max(self.pen.width(self.col_words[j], theme.SIZE_LABEL) for j in seen) + 0.1
        shape: dict[str, Any] = {
            "row": focus[0],
            "col": focus[1],
            "largest": LARGEST,
            "heads": min(WIDE, words),
        }
        beside = fit(tensors, self.pen, width - STACK_MIN - GAP, height, **shape)
        alone = fit(tensors, self.pen, width - 0.2, height, **shape)
        whole = tensors[0].values.shape[1]
        bars = len(beside.cols) == whole or len(alone.cols) < whole
        return (beside, True) if bars else (alone, False)

    def _rows(self) -> None:
        grid, tensor = self.after, self.after.tensor
        self.stacks, self.sums, self.slots = VGroup(), VGroup(), VGroup()
        height = min(0.4, grid.pitch.dy * 0.78)
        for i in grid.rows:
            y = grid.row_y(i)
            self.sums.add(self._sum(tensor, i, y))
            if not self.stacked:
                continue
            stack = Stack(
                tensor.values[i],
                self.col_words,
                self.pen,
                grid.hue,
                length=self.length,
                height=height,
                name_size=0.33,
            )
            self.stacks.add(stack.shift([self.start, y, 0]))
            slot = shapes.outline(self.length, height, self.pen.theme.faint, radius=0.04, line=2)
            self.slots.add(slot.move_to([self.start + self.length / 2, y, 0]))
        if self.stacked:
            bottom = grid.center_of(grid.rows[-1], grid.cols[0])[1] - grid.pitch.dy / 2 - 0.08
            self.slots.add(ShareScale(self.pen, self.length).shift([self.start, bottom, 0]))

    def _sum(self, tensor: DisplayTensor, i: int, y: float) -> VGroup:
        """``Σ = 1`` at the right of a row."""
        size, x = 0.32, self.start + self.length + 0.22
        shares = tensor.row(i)
        one = Numeral(count(1, Count.WHOLE, shares), self.pen, decimals=0, size=size, bold=True)
        sign = Sign("Σ", self.pen, size=size, color=self.pen.theme.dim)
        printed = [n.text for n in self.after.row(i)] if len(self.after.cols) == len(shares) else []
        relation = Relation(total(shares), one, self.pen, size=size, terms=printed)
        write((sign, relation, one), x, y - theme.WORD_EM * size / 2, 0.07)
        return VGroup(sign, relation, one)

    def stack(self, i: int) -> Stack | None:
        """The bar of row i, where there is room for bars."""
        return self.stacks[self.after.rows.index(i)] if self.stacked else None

    def sum_of(self, i: int) -> VGroup:
        """``Σ = 1`` of row i."""
        found: VGroup = self.sums[self.after.rows.index(i)]
        return found

    def best(self, i: int) -> int:
        """The column with the largest share of row i."""
        return int(self.after.tensor.values[i].argmax())


class Turning(Verb, steps="settle others! point_at|point_at_best!"):
    """Plays a ``ShareTable``: ``settle`` brings the slow row from the bench, ``others`` the remaining ones."""

    def __init__(self, scene: StageScene, table: ShareTable, softmax: Softmax) -> None:
        self.scene, self.table, self.softmax, self.i = scene, table, softmax, softmax.i

    def settle(self) -> None:
        """The matrix is back; the slow row is now its shares, and its bar shrinks to its place."""
        table, scene, i, gone = self.table, self.scene, self.i, self.softmax.clear()
        before, after = table.before, table.after
        after.hide([r for r in after.rows if r != i])
        after.remove(after.badge, after.row_names, after.col_names, after.frame, after.rest)
        before.hide([i])
        before.remove(before.badge)
        self.badge = TurningBadge(before.tensor, after.tensor, scene.pen, after.frame.width)
        fresh = VGroup(*after.parts([i]), table.slots, self.badge.in_place_of(before.badge))
        if gone:
            scene.play(*gone, run_time=theme.QUICK)
        home = table.stack(i)
        rise = self._below(home)
        scene.play(FadeIn(before), FadeIn(fresh), *rise, run_time=theme.MEDIUM)
        scene.remove(fresh)
        scene.add(table.slots, after, self.badge, *([home] if home is not None else []))
        scene.play(FadeIn(table.sum_of(i)), run_time=theme.QUICK)

    def _below(self, home: Stack | None) -> list[Animation]:
        """The bar of the bench takes its small size below its row; returns how it rises from there, over no digits.

        Where rows have no bars it goes away.
        """
        scene, start = self.scene, self.softmax.bench.stack
        old = [*start.segments, start.names]
        if home is None or len(start.segments) != len(home.segments):
            scene.play(*(FadeOut(m) for m in old), run_time=theme.QUICK)
            return [] if home is None else [FadeIn(home)]
        way = start.segments.get_center()[1] - home.segments.get_center()[1]
        home.shift([0.0, way, 0.0])
        moves = [SlideBox(a, b) for a, b in zip(start.segments, home.segments, strict=True)]
        scene.play(*moves, *swap_fade([start.names], [home.names]), run_time=theme.SHORT)
        scene.remove(*old, home.names)
        scene.add(home)
        return [home.animate.shift([0.0, -way, 0.0]).build()]

    def others(self, *, slow: int = 2, run_time: float = 3.0) -> None:
        """Row by row the scores turn into shares; the first ones one at a time, the rest in a sweep."""
        table, scene = self.table, self.scene
        rest = [r for r in table.after.rows if r != self.i]
        each = run_time / max(3, len(rest))
        for r in rest[:slow]:
            scene.play(*self._turn(r), run_time=each * 1.5)
            scene.play(FadeIn(table.sum_of(r)), run_time=theme.QUICK * 0.6)
        if rest[slow:]:
            turns = [AnimationGroup(*self._turn(r), FadeIn(table.sum_of(r))) for r in rest[slow:]]
            scene.play(AnimationGroup(*turns, lag_ratio=0.35), run_time=max(0.6, each * len(turns)))
        self._rename()

    def _turn(self, r: int) -> list[Animation]:
        old, stack = self.table.before.parts([r]), self.table.stack(r)
        for part in old:
            remember(part)
        grow = [Grow(stack.segments, (-1, 0)), FadeIn(stack.names)] if stack is not None else []
        return [
            Cover(old, rate_func=FIRST_HALF),
            Uncover(self.table.after.parts([r]), rate_func=SECOND_HALF),
            *grow,
        ]

    def _rename(self) -> None:
        """The badge names the result alone; the frame, names and counted rest are the result's."""
        scene, before, after = self.scene, self.table.before, self.table.after
        scene.play(FadeOut(self.badge), FadeIn(after.badge), run_time=theme.QUICK)
        scene.remove(*before.get_family())
        after.add(after.rest, after.frame, after.row_names, after.col_names, after.badge)
        scene.remove(after.badge)
        scene.add(after)

    def point_at(self, j: int) -> None:
        """Frame one weight of the slow row, its segment of the row's bar, and light the two names."""
        self.scene.until_read(theme.MEDIUM)
        grid, accent, i = self.table.after, self.scene.theme.accent, self.i
        marks, stack = VGroup(), self.table.stack(i)
        if stack is not None:
            marks.add(segment_mark(stack, j, accent))
        names = [grid.row_names[grid.rows.index(i)]]
        if j in grid.cols:
            marks.add(grid.box([i], [j], accent))
            names.append(grid.col_names[grid.cols.index(j)])
        self.scene.play(FadeIn(marks), *(n.animate.set_color(accent) for n in names), run_time=theme.MEDIUM)

    def point_at_best(self) -> None:
        """Frame the largest share of every row, or all that print as it does."""
        grid = self.table.after
        shares = grid.tensor
        best = [(i, j) for i in grid.rows for j in leading(shares.printed(i), shares.decimals)]
        boxes = [grid.box([i], [j], self.scene.theme.accent) for i, j in best if j in grid.cols]
        if boxes:
            self.scene.until_read(theme.SHORT)
            self.scene.play(*(FadeIn(b) for b in boxes), run_time=theme.SHORT)


def segment_mark(stack: Stack, j: int, color: str) -> VMobject:
    """A frame around one segment of a bar."""
    part = stack.segment(j)
    return shapes.outline(part.width + 0.06, part.height + 0.08, color, line=3.5).move_to(part)
