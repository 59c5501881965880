"""The Falk layout of a product C = A·B: A at the left, B above, C where they meet.

Row i of A and column j of B cross at the cell they make, so the eye finds the operands by following two
straight lines. Digits are as large as the frame allows; what does not fit becomes a counted rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from manim import VGroup

from tensorreel.visuals import theme as T
from tensorreel.visuals.furniture import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.glyphs import Pen
from tensorreel.visuals.grid import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, TensorGrid, pitch_for, window
from tensorreel.visuals.shown import Shown

GAP = 0.22  # between the corner and the operands
BADGE = 0.46  # room for a badge line
LEDGER = 4.1  # width kept for the ledger at the right


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

    ``a`` (n, k), ``b`` (k, m), ``c`` (n, m); ``bias`` is (1, m).
    """

    def __init__(
        self,
        a: Shown,
        b: Shown,
        c: Shown,
        pen: Pen,
        *,
        names: Sequence[str] | None = None,
        bias: Shown | None = None,
        col_names: Sequence[str] | None = None,
        width: float = 2 * T.SAFE_X - LEDGER,
        focus: int = 0,
    ) -> None:
        super().__init__()
        self.pen, self.names, self.focus = pen, names, focus
        plan = self._plan(a, b, c, bias, width)
        rows, inner, cols = (
            _window_with(a.values.shape[0], plan.n, focus),
            window(b.values.shape[0], plan.k),
            window(b.values.shape[1], plan.m),
        )
        self.a = TensorGrid(a, pen, plan.left, rows=rows, cols=inner, row_names=names)
        self.b = TensorGrid(b, pen, plan.right, rows=inner, cols=cols, col_names=col_names, badge=None)
        self.c = TensorGrid(
            c, pen, plan.right, rows=rows, cols=cols, row_names=names, names_at="right", badge=None
        )
        self.bias = TensorGrid(bias, pen, plan.right, cols=cols, badge=None) if bias is not None else None
        self._place(plan)
        self.add(self.a, self.b, *([self.bias] if self.bias else []), self.c)

    # ---- geometry -------------------------------------------------------------------------------
    def _names_width(self, names: Sequence[str] | None) -> float:
        if names is None:
            return 0.0
        return min(NAME_MAX, max(self.pen.width(s, T.SIZE_LABEL) for s in names)) + NAME_GAP

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
        return wide + GAP + 0.5 + 2 * self._names_width(self.names), tall + GAP + BADGE + (
            0.3 if bias else 0.0
        )

    def _plan(self, a: Shown, b: Shown, c: Shown, bias: Shown | None, width: float) -> _Plan:
        full = (a.values.shape[0], b.values.shape[0], b.values.shape[1])
        height = CONTENT_TOP - CONTENT_BOTTOM
        right = [b, c, *([bias] if bias else [])]
        for em in np.arange(T.SIZE_NUMBER, T.SIZE_NUMBER_MIN - 1e-9, -0.005):
            plan = _Plan(pitch_for([a], self.pen, float(em)), pitch_for(right, self.pen, float(em)), *full)
            wide, tall = self._size(plan, full, bias is not None)
            if wide <= width and tall <= height:
                return plan
        return self._windowed(plan, full, bias is not None, width, height)

    def _windowed(
        self, plan: _Plan, full: tuple[int, int, int], bias: bool, width: float, height: float
    ) -> _Plan:
        """Take digits away, from the longest side first, until the rest fits."""
        while True:
            wide, tall = self._size(plan, full, bias)
            if wide <= width and tall <= height:
                return plan
            if tall > height:
                plan = replace(plan, n=plan.n - 1) if plan.n >= plan.k else replace(plan, k=plan.k - 1)
            elif plan.m >= plan.k:
                plan = replace(plan, m=plan.m - 1)
            else:
                plan = replace(plan, k=plan.k - 1)
            if min(plan.n, plan.k, plan.m) < 1:
                raise ValueError(f"a product of shape {full} leaves no room for one number")

    def _place(self, plan: _Plan) -> None:
        left = -T.SAFE_X + self._names_width(self.names) + 0.12
        a, b, c = self.a, self.b, self.c
        below = b.inner_height + GAP + (self.bias.inner_height + 0.3 if self.bias else 0.0)
        tall = below + a.inner_height + BADGE
        top = (CONTENT_TOP + CONTENT_BOTTOM) / 2 + tall / 2
        ax = left + a.inner_width / 2
        cx = left + a.inner_width + GAP + c.inner_width / 2 + 0.15
        ay = top - below - a.inner_height / 2
        a.shift([ax, ay, 0])
        c.shift([cx, ay, 0])
        b.shift([cx, top - b.inner_height / 2, 0])
        if self.bias:
            self.bias.shift([cx, top - b.inner_height - 0.2 - self.bias.inner_height / 2, 0])
        self._place_badges()

    def _place_badges(self) -> None:
        """B's badge left of B, C's below C, so that nothing stands between an operand and the corner."""
        b, c = self.b, self.c
        b.badge.next_to(b.frame, [-1, 0, 0], buff=0.25)
        b.add(b.badge)
        c.place_badge("below")
        c.add(c.badge)
        if self.bias:
            self.bias.badge.next_to(self.bias.frame, [-1, 0, 0], buff=0.25)
            self.bias.add(self.bias.badge)

    @property
    def right_edge(self) -> float:
        """Where the ledger may begin."""
        return float(max(self.c.get_right()[0], self.b.get_right()[0]))


def _window_with(n: int, most: int, focus: int) -> list[int]:
    """A window of rows that is sure to hold the row shown slowly."""
    rows = window(n, most) if most >= n else list(range(most))
    return rows if focus in rows else sorted([*rows[:-1], focus])
