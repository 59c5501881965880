"""The Falk layout of a product C = A·B: A at the left, B above, C where they meet.

Row i of A and column j of B cross at the cell they make, so the eye finds the operands by following two
straight lines. Digits are as large as the frame allows; what does not fit becomes a counted rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from manim import VGroup

from tensorreel.visuals.layout.largest import first_with, largest_that_fits, window
from tensorreel.visuals.layout.placing import left_of, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Pen, printed_digits
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import LOW
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.heads import HeadTag
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

GAP = 0.22  # between the corner and the operands
BADGE = 0.46  # room for a badge line
LEDGER = 4.1  # width kept for the ledger at the right
MOST = (8, 6, 6)  # rows, inner indices and columns with digits where not all fit
WINDOWED = 0.27  # their em
COUNT = 0.3  # room for "+ n" above B
DENSE = 1.045  # row pitch in em: rows as close as they can be read
SPARE = 0.5  # of the ledger's width, when that keeps every digit on screen
TIGHT, ROOMY = (1.18, 1.26), 1.5  # row pitch in em: the least, for small and large digits, and the most
WIDER = 1.3  # most by which columns grow where there is room
ASIDE = 0.25  # between B and what is written at its left
HEADS = 0.42  # room for the names of the columns
BLOCK = 2.0  # room for the gap and the badge of a further block


@dataclass(frozen=True)
class _Plan:
    """Digit size, pitches and how many rows, inner indices and columns show digits."""

    left: Pitch
    right: Pitch
    n: int
    k: int
    m: int


class Falk(VGroup):
    """A, B, an optional bias row, and C, laid out in the content area with room for a ledger at the right.

    ``a`` (n, k), ``b`` (k, m), ``c`` (n, m); ``bias`` is (1, m). ``focus`` is the row shown slowly, ``head`` names
    the head that B belongs to, ``inner`` chooses which inner indices show digits: (how many, at most) → indices, and
    ``outer`` which columns of B and C.
    ``later`` are matrices that will take C's place: cells are wide enough for their digits too. ``beside``
    keeps room at the right for another block of B's and C's columns.
    """

    largest: ClassVar[float] = 0.42  # em of the digits where the frame allows it
    tight: ClassVar[tuple[float, float]] = TIGHT

    def __init__(
        self,
        a: DisplayTensor,
        b: DisplayTensor,
        c: DisplayTensor,
        pen: Pen,
        *,
        names: Sequence[str] | None = None,
        bias: DisplayTensor | None = None,
        col_names: Sequence[str] | None = None,
        width: float = CONTENT.width - LEDGER,
        focus: int = 0,
        head: int | None = None,
        inner: Callable[[int, int], list[int]] = window,
        outer: Callable[[int, int], list[int]] = window,
        later: Sequence[DisplayTensor] = (),
        beside: bool = False,
    ) -> None:
        super().__init__()
        self.heads, self.later = HEADS if col_names is not None else 0.0, list(later)
        self.pen, self.names, self.focus, self.inner = pen, names, focus, inner
        self.outer = outer
        self.tag = HeadTag(head, pen) if head is not None else VGroup()
        self.beside, self.width_given = beside, width
        plan = self._plan(a, b, c, bias, width)
        (k, m), rows = b.values.shape, first_with(a.values.shape[0], plan.n, focus)
        between, cols = inner(k, plan.k + (plan.k < k)), outer(m, plan.m + (plan.m < m))
        self.a = TensorGrid(a, pen, plan.left, rows=rows, cols=between, row_names=names, badge=None)
        self.b = TensorGrid(
            b,
            pen,
            plan.right,
            rows=between,
            cols=cols,
            col_names=col_names,
            names_at="right",
            badge=None,
        )
        self.c = TensorGrid(
            c, pen, plan.right, rows=rows, cols=cols, row_names=names, names_at="right", badge=None
        )
        self.bias = TensorGrid(bias, pen, plan.right, cols=cols, badge=None) if bias is not None else None
        self.c.rest.remove(self.c.rest.cols_label)  # B's, right above it, says the same
        self._place()
        self.add(self.a, self.b, *([self.bias] if self.bias else []), self.c)

    # ---- geometry -------------------------------------------------------------------------------
    def _names_width(self, names: Sequence[str] | None, pitch: Pitch) -> float:
        """Room for the names at rows of a pitch (they shrink with it)."""
        if names is None:
            return 0.0
        size = name_size(names, pitch)
        return min(NAME_MAX, max(self.pen.width(s, size) for s in names)) + NAME_GAP

    def _size(self, plan: _Plan, full: tuple[int, int, int], bias: bool) -> tuple[float, float]:
        n, k, m = full
        wide = (
            plan.k * plan.left.dx
            + plan.m * plan.right.dx
            + (REST if plan.k < k else 0)
            + (REST if plan.m < m else 0)
        )
        tall = (
            (plan.n + plan.k + bias) * plan.left.dy
            + (REST_ROW if plan.n < n else 0)
            + (REST_ROW if plan.k < k else 0)
        )
        tall += GAP + BADGE + self.heads + (0.3 if bias else 0.0) + (COUNT if plan.m < m else 0.0)
        return wide + GAP + 0.5 + 2 * self._names_width(self.names, plan.left), tall

    def _plan(
        self, a: DisplayTensor, b: DisplayTensor, c: DisplayTensor, bias: DisplayTensor | None, width: float
    ) -> _Plan:
        full = (a.values.shape[0], b.values.shape[0], b.values.shape[1])
        right = [b, c, *([bias] if bias else []), *self.later]
        height = CONTENT.height

        def fits(plan: _Plan) -> bool:
            wide, tall = self._size(plan, full, bias is not None)
            return wide <= width and tall <= height

        whole = largest_that_fits(
            self.largest, lambda em: _Plan(self._pitch([a], em), self._pitch(right, em), *full), fits
        )
        if whole is not None:
            wide, tall = self._size(whole, full, bias is not None)
            return self._loosened(whole, bias is not None, width - wide, height - tall)
        left, over = (self._dense(self._pitch(s, theme.SIZE_NUMBER_MIN)) for s in ([a], right))
        dense = _Plan(left, over, *full)
        wide, tall = self._size(dense, full, bias is not None)
        if wide <= width + SPARE and tall <= height + LOW:
            return self._loosened(dense, bias is not None, 0.0, height - tall)
        return self._windowed(a, b, c, bias, width, height)

    def _pitch(self, tensors: Sequence[DisplayTensor], em: float) -> Pitch:
        """Cells as tight as they read well at a digit size, and no name touching the next."""
        loose = float(np.interp(em, [theme.SIZE_NUMBER_MIN, 0.36], self.tight))
        return self._clear(replace(pitch_for(tensors, self.pen, em), dy=loose * em))

    def _dense(self, pitch: Pitch) -> Pitch:
        """Rows as close as they can be read, before any digits are taken away."""
        return self._clear(replace(pitch, dy=DENSE * pitch.em))

    def _clear(self, pitch: Pitch) -> Pitch:
        if self.names is None:
            return pitch
        return replace(pitch, dy=max(pitch.dy, least_dy(self.names, pitch, self.pen)))

    def _loosened(self, plan: _Plan, bias: bool, width: float, height: float) -> _Plan:
        """Rows and columns further apart where there is room to spare."""
        dy = plan.left.dy + height / (plan.n + plan.k + bias)
        dy = max(plan.left.dy, min(dy, ROOMY * plan.left.em))
        taken = plan.k * plan.left.dx + plan.m * plan.right.dx
        if self.beside:
            block = BLOCK + plan.m * plan.right.dx + self._names_width(self.names, plan.left)
            width -= max(0.0, block - (CONTENT.width - self.width_given))
            taken += plan.m * plan.right.dx
        wider = max(1.0, min(WIDER, 1 + width / taken))
        left, right = (replace(p, dx=p.dx * wider, dy=dy) for p in (plan.left, plan.right))
        return replace(plan, left=left, right=right)

    def _windowed(
        self,
        a: DisplayTensor,
        b: DisplayTensor,
        c: DisplayTensor,
        bias: DisplayTensor | None,
        width: float,
        height: float,
    ) -> _Plan:
        """Take digits away, from the longest side first, until the rest fits."""
        full = (a.values.shape[0], b.values.shape[0], b.values.shape[1])
        for em in (WINDOWED, theme.SIZE_NUMBER_MIN):
            n, k, m = (min(size, most) for size, most in zip(full, MOST, strict=True))
            while min(n, k, m) >= 1:
                plan = self._window(a, b, c, bias, (n, k, m), em)
                wide, tall = self._size(plan, full, bias is not None)
                if wide <= width and tall <= height:
                    return self._loosened(plan, bias is not None, width - wide, height - tall)
                if tall > height:
                    n, k = (n - 1, k) if n >= k else (n, k - 1)
                else:
                    k, m = (k, m - 1) if m >= k else (k - 1, m)
        raise ValueError(f"a product of shape {full} leaves no room for one number")

    def _window(
        self,
        a: DisplayTensor,
        b: DisplayTensor,
        c: DisplayTensor,
        bias: DisplayTensor | None,
        shown: tuple[int, int, int],
        em: float,
    ) -> _Plan:
        """The plan in which so many rows, inner indices and columns show digits."""
        (n, k, m), full = shown, (a.values.shape[0], *b.values.shape)
        rows, cols = first_with(full[0], n, self.focus), window(full[2], m + (m < full[2]))
        inner = self.inner(full[1], k + (k < full[1]))
        kept = [(b, inner, cols), (c, rows, cols), *([(bias, [0], cols)] if bias else [])]
        kept += [(s, rows, cols) for s in self.later]
        left = snug([(a, rows, inner)], self.pen, em, 1.3 * em)
        return _Plan(left, snug(kept, self.pen, em, left.dy), n, len(inner), m)

    def _place(self) -> None:
        a, b, c = self.a, self.b, self.c
        names = self._names_width(self.names, a.pitch)
        left = CONTENT.left + names + 0.12 + self._aside(names)
        below = b.inner_height + GAP + (self.bias.inner_height + 0.3 if self.bias else 0.0)
        above = max(COUNT if b.more_cols else 0.0, self.heads)
        tall = above + below + a.inner_height + BADGE
        top = min(CONTENT.top, CONTENT.y + tall / 2) - above
        a.stand(left=left, top=top - below)
        c.stand(left=a.cells.right + GAP + 0.15, top=top - below)
        b.stand(x=c.cells.x, top=top)
        if self.bias:
            self.bias.stand(x=c.cells.x, top=b.cells.bottom - 0.2)
        self._place_badges()

    def _aside(self, names: float) -> float:
        """How far the layout moves in from the margin, so that it and what comes at its right stand centred."""
        wide = self.a.inner_width + self.c.inner_width + GAP + 0.5 + 2 * names
        room = CONTENT.width - self.width_given
        if self.beside:
            room = max(room, BLOCK + self.c.inner_width + names)
        return max(0.0, (CONTENT.width - wide - room) / 2)

    def _place_badges(self) -> None:
        """B's badge left of B, the others below, so that nothing stands between an operand and the corner."""
        b, c = self.b, self.c
        sit_beside(b, self.tag)
        for grid in (self.a, c):
            grid.place_badge("below")
            grid.add(grid.badge)
        self.a.badge.shift([0, c.badge.baseline - self.a.badge.baseline, 0])
        if self.bias:
            self.bias.add(left_of(self.bias.badge, self.bias.frame, ASIDE))

    def beside_a(self) -> tuple[float, float]:
        """The corner by which B's transpose, with names at its rows, hangs beside A."""
        return clear_of(self.a, self.b, self._names_width(self.names, self.a.pitch))

    @property
    def right_hand(self) -> list[TensorGrid]:
        """B, the bias where there is one, and C."""
        return [grid for grid in (self.b, self.bias, self.c) if grid is not None]

    @property
    def right_edge(self) -> float:
        """Where the ledger may begin."""
        return max(edges(self.c).right, edges(self.b).right)


def clear_of(a: TensorGrid, b: TensorGrid, names: float) -> tuple[float, float]:
    """Where a matrix hangs by its corner: as high as B, and right of A by the width of its names."""
    return max(edges(a).right + names + 0.25, b.cells.left), b.cells.top


def snug(
    kept: Sequence[tuple[DisplayTensor, Sequence[int], Sequence[int]]], pen: Pen, em: float, dy: float
) -> Pitch:
    """A pitch for the cells that show digits only: (matrix, rows, columns)."""
    widest = max(
        pen.width(printed_digits(s[i, j], s.decimals), em)
        for s, rows, cols in kept
        for i in rows
        for j in cols
    )
    return Pitch(em, widest + 0.42 * em, dy)


def sit_beside(b: TensorGrid, tag: VGroup) -> None:
    """B's badge at its left, and above it the name of its head; both belong to B."""
    side, y = edges(b.frame).left - ASIDE + 0.08, b.cells.y
    if len(tag):
        b.add(stand(tag, right=side, y=y + 0.27))
    b.add(stand(b.badge, right=side, y=y - (0.22 if len(tag) else 0.0)))
