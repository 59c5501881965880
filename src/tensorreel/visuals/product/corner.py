"""The product device for wide matrices: rows with air between them, and a ledger in the corner.

Where six columns leave a narrow ledger at the right, ``AiryFalk`` uses the height that is left over. Where the
matrices need the whole width, ``CornerFalk`` keeps the empty corner over A, at the left of B, for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorreel.visuals.layout.largest import window
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.fit import MOST_NAMES, names_width
from tensorreel.visuals.matrix.pitch import REST, REST_ROW
from tensorreel.visuals.product.falk import LEDGER, Falk, _Plan
from tensorreel.visuals.product.ledger import Ledger
from tensorreel.visuals.product.matmul import MatMul

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

WIDE = CONTENT.width - 3.02  # ten columns need more room than six; the ledger gets by with less
AIR, TOP_AIR = 1.32, 0.1
CLOSE = (1.1, 1.1)  # row pitch in em where the digits' size is set by the height
SPACED, SHARE = 1.16, 0.3  # most by which columns widen; of the width left over
HEIGHT = CONTENT.height
TALLEST = HEIGHT - 0.7  # without the badge above
SUM_ROOM = 0.12  # between B and the row of A, so that the corner reaches lower than B
RIGHT = np.array([1.0, 0.0, 0.0])


class AiryFalk(Falk):
    """A Falk layout whose rows stand wider apart when the digits' size is set by the width."""

    largest = theme.SIZE_NUMBER
    aside = LEDGER  # width that a ledger with hidden terms needs at the right
    tallest = 9.0  # height that B's columns may take when they are rows, before B is transposed

    def _plan(
        self, a: DisplayTensor, b: DisplayTensor, c: DisplayTensor, bias: DisplayTensor | None, width: float
    ) -> _Plan:
        plan = super()._plan(a, b, c, bias, width)
        full = (a.values.shape[0], b.values.shape[0], b.values.shape[1])
        if plan.k < full[1]:  # the line that sums up what is not shown needs a wider ledger
            width = min(width, CONTENT.width - self.aside)
            plan = super()._plan(a, b, c, bias, width)
        free = HEIGHT - TOP_AIR - self._size(plan, full, bias is not None)[1]
        rows = (plan.n + plan.k + (bias is not None)) * plan.left.dy
        wider = min(AIR, 1 + max(0.0, free) / rows, max(1.0, self.tallest / (plan.m * plan.right.dy)))
        left, right = (replace(p, dy=p.dy * wider) for p in (plan.left, plan.right))
        return replace(plan, left=left, right=right)

    def _loosened(self, plan: _Plan, bias: bool, width: float, height: float) -> _Plan:
        """As planned: the air comes after."""
        return plan

    def _aside(self, names: float) -> float:
        """At the margin."""
        return 0.0

    def _place(self) -> None:
        super()._place()
        if self.bias:
            self.bias.shift([0, -0.06, 0])  # so that the two boxes are seen as two
            if self.bias.more_cols:
                self.bias.rest.remove(self.bias.rest.cols_label)  # B above it counts the same columns

    def _place_badges(self) -> None:
        """B's and the bias row's badges stand over A, so what A does not show is counted beside B alone."""
        super()._place_badges()
        self.a.rest.remove(self.a.rest.cols_label)


class SpacedFalk(AiryFalk):
    """An airy layout whose digits' size is set by the height: columns take up some of the width left over."""

    tight = CLOSE

    def _plan(
        self, a: DisplayTensor, b: DisplayTensor, c: DisplayTensor, bias: DisplayTensor | None, width: float
    ) -> _Plan:
        plan = super()._plan(a, b, c, bias, width)
        full = (a.values.shape[0], b.values.shape[0], b.values.shape[1])
        if plan.k < full[1]:
            return plan
        spare = max(0.0, width - self._size(plan, full, bias is not None)[0])
        taken = plan.k * plan.left.dx + plan.m * plan.right.dx
        wider = min(SPACED, 1 + SHARE * spare / taken)
        left, right = (replace(p, dx=p.dx * wider) for p in (plan.left, plan.right))
        return replace(plan, left=left, right=right)


class CornerFalk(AiryFalk):
    """A Falk layout over the whole width, at the foot of the content area; badges leave the corner free."""

    tallest = TALLEST

    def __init__(
        self,
        a: DisplayTensor,
        b: DisplayTensor,
        c: DisplayTensor,
        pen: Pen,
        *,
        names: Sequence[str],
        bias: DisplayTensor | None = None,
        col_names: Sequence[str] | None = None,
        focus: int = 0,
        outer: Callable[[int, int], list[int]] = window,
    ) -> None:
        seen = outer(b.values.shape[1], MOST_NAMES)
        self.turned_names = names_width([col_names[j] for j in seen], pen) if col_names is not None else 0.0
        self.aside = max(0.1, ShapeBadge(b, pen).width + 0.5 - names_width(names, pen))
        width = CONTENT.width - self.aside
        super().__init__(
            a, b, c, pen, names=names, bias=bias, col_names=col_names, width=width, focus=focus, outer=outer
        )

    def _size(self, plan: _Plan, full: tuple[int, int, int], bias: bool) -> tuple[float, float]:
        wide, tall = super()._size(plan, full, bias)
        return wide, tall + SUM_ROOM + 0.12  # the words over B stand a little higher than planned

    def _place(self) -> None:
        super()._place()
        upper = [g for g in (self.b, self.bias) if g is not None]
        for grid in upper:
            grid.shift([0, SUM_ROOM, 0])
        grids = [self.a, self.c, *upper]
        low = min(g.get_bottom()[1] for g in grids)
        right = max(g.get_right()[0] for g in grids)
        aside = max(0.0, (CONTENT.right - 0.05 - right) / 2)
        for grid in grids:
            grid.shift([aside, CONTENT.bottom + 0.06 - low, 0])

    def _place_badges(self) -> None:
        """A's and C's badges below them, B's and the bias row's at their right: the corner stays free."""
        super()._place_badges()
        for grid in (self.b, self.bias):
            if grid is not None:
                grid.badge.next_to(grid.frame, RIGHT, buff=0.2)
                if grid is self.b and grid.more_rows:
                    grid.badge.shift([0, 0.25, 0])

    def beside_a(self) -> tuple[float, float]:
        """The corner by which B's transpose hangs beside A, inside the margin."""
        x, y = super().beside_a()
        x = max(x, float(self.a.get_right()[0]) + self.turned_names + 0.25)
        b = self.b
        wide = len(b.rows) * b.pitch.dx + (REST if b.more_rows else 0.0)
        tall = len(b.cols) * b.pitch.dy + (REST_ROW if b.more_cols else 0.0)
        return min(x, CONTENT.right - 0.2 - wide), min(
            TALLEST + CONTENT.bottom + 0.15, max(y, CONTENT.bottom + 0.15 + tall)
        )

    @property
    def corner(self) -> tuple[float, float, float, float]:
        """The empty corner: left, right, bottom, top."""
        top_of_a = self.a.frame.get_top()[1]
        return (
            CONTENT.left + 0.05,
            float(self.b.frame.get_left()[0]) - 0.3,
            float(top_of_a) + 0.12,
            CONTENT.top,
        )


class CornerMatMul(MatMul):
    """The product with its ledger in the corner of a ``CornerFalk``, digits as large as the corner allows."""

    def __init__(self, scene: StageScene, falk: CornerFalk) -> None:
        self.left, self.right, self.bottom, self.top = falk.corner
        super().__init__(scene, falk)

    def _room(self) -> dict[str, Any]:
        middle, height = (self.top + self.bottom) / 2, self.top - self.bottom
        return {"left": self.left, "right": self.right, "center_y": middle, "height": height}

    def _centred(self, ledger: Ledger) -> Ledger:
        """Where it was made: the corner decides."""
        return ledger

    def _ledger(self, i: int, j: int) -> Ledger:
        """The same ledger, set against B."""
        ledger = super()._ledger(i, j)
        free = max(0.0, self.right - ledger.xp)
        return ledger.shift([min(free, 0.25 + free / 2), 0, 0])
