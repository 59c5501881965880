"""What a layer has changed: the difference of two matrices as a matrix, and its largest entries marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from manim import VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.matrix.alone import wide_grid
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.product.residual import AddGrids


@dataclass(frozen=True, eq=False)
class Difference(DisplayTensor):
    """after − before, cell by cell; no tensor of the trace, but arithmetic on two of them."""

    before: DisplayTensor
    after: DisplayTensor

    @classmethod
    def of(cls, before: DisplayTensor, after: DisplayTensor) -> Difference:
        """The change from one matrix (n, m) to another."""
        values = after.values - before.values
        tensor = replace(after.tensor, name="change", symbol="bold(Delta)", symbol_plain="Δ", values=values)
        return cls(tensor, tensor, before, after)

    def _make(self, i: int, j: int) -> Quantity:
        """A difference with its source."""
        return self.after[i, j] - self.before[i, j]

    def largest(self, i: int) -> int:
        """The column of row i that has changed most."""
        return int(np.abs(self.values[i]).argmax())

    def largest_row(self) -> int:
        """The row that holds the greatest change of all."""
        return int(np.abs(self.values).max(axis=1).argmax())


def marks(change: Difference, grid: TensorGrid) -> VGroup:
    """Frames around each row's largest change; the greatest of all is framed most strongly."""
    made = VGroup()
    for i in grid.rows:
        j = change.largest(i)
        if j in grid.cols:
            made.add(grid.box(rows=[i], cols=[j], line=5.5 if i == change.largest_row() else 2.5))
    return made


def change_view(change: Difference, pen: Pen, names: Sequence[str]) -> tuple[VGroup, list[TensorGrid]]:
    """before + Δ → after where all three fit with every column, otherwise Δ alone; and the grids in it."""
    i = change.largest_row()
    sums = AddGrids(change.before, change, change.after, pen, names=names, focus=i)
    if not sums.c.more_cols:
        return sums, [sums.a, sums.b, sums.c]
    alone = wide_grid(change, pen, names, focus=i, focus_col=change.largest(i))
    return VGroup(alone), [alone]
