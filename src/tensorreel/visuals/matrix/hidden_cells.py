"""The rows and columns of a matrix that show no digits: shaded tiles of real cells, and how many they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import VGroup, VMobject

from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.pitch import REST, REST_ROW

if TYPE_CHECKING:
    from tensorreel.visuals.matrix.grid import TensorGrid

MOST = 24  # tiles along the side that is compressed
LEVELS = 6  # shades of the tiles
GAP = 0.05  # between cells


class Rest(VGroup):
    """What lies outside a grid's window. ``rows_label`` and ``cols_label`` count it; empty where nothing is hidden."""

    def __init__(self, grid: TensorGrid) -> None:
        super().__init__()
        self.rows_label, self.cols_label = VGroup(), VGroup()
        if grid.more_cols:
            self._columns(grid)
        if grid.more_rows:
            self._rows(grid)

    def _columns(self, grid: TensorGrid) -> None:
        """A strip at the right of the window, its count above it."""
        x = grid.inner_width / 2 - REST / 2
        hidden = _hidden(grid.tensor.values.shape[1], grid.cols)
        w, h = (REST - 0.12) / len(hidden), grid.pitch.dy - GAP
        self._tile(
            grid,
            [
                (x - REST / 2 + 0.06 + (b + 0.5) * w, grid.place(a, 0)[1], w, h, i, j)
                for a, i in enumerate(grid.rows)
                for b, j in enumerate(hidden)
            ],
        )
        letter, n = grid.tensor.tensor.dims[-1], grid.tensor.values.shape[1]
        self.cols_label = more_label(grid.pen, letter, n, len(grid.cols))
        self.add(self.cols_label.move_to([x, grid.inner_height / 2 + 0.2, 0]))

    def _rows(self, grid: TensorGrid) -> None:
        """A strip below the window, its count beside it."""
        y = -grid.inner_height / 2 + REST_ROW / 2
        hidden = _hidden(grid.tensor.values.shape[0], grid.rows)
        extent = REST_ROW - 0.12
        w, h = grid.pitch.dx - GAP, extent / len(hidden)
        self._tile(
            grid,
            [
                (grid.place(0, b)[0], y + extent / 2 - (a + 0.5) * h, w, h, i, j)
                for a, i in enumerate(hidden)
                for b, j in enumerate(grid.cols)
            ],
        )
        letter, n = grid.tensor.tensor.dims[0], grid.tensor.values.shape[0]
        self.rows_label = label = more_label(grid.pen, letter, n, len(grid.rows))
        side = -1 if grid.names_at == "left" else 1
        self.add(label.move_to([side * (grid.inner_width / 2 + 0.2 + label.width / 2), y, 0]))

    def _tile(self, grid: TensorGrid, cells: Sequence[tuple[float, float, float, float, int, int]]) -> None:
        """Small shaded tiles (x, y, width, height, row, column), one object for each shade."""
        groups = dict[tuple[bool, int], list[Any]]()
        for x, y, w, h, i, j in cells:
            value = grid.tensor.values[i, j]
            key = (bool(value < 0), round(grid.tensor.strength(value) * LEVELS))
            groups.setdefault(key, []).append(_box(x, y, w * 0.45, h * 0.45))
        self.add(*(_shade(grid, boxes, *key) for key, boxes in sorted(groups.items(), key=lambda g: g[0])))


def _box(x: float, y: float, a: float, b: float) -> Any:
    return shapes.polyline((x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b), closed=True)


def _hidden(n: int, kept: Sequence[int]) -> list[int]:
    """The indices of n that show no digits, thinned out where they are many."""
    hidden = sorted(set(range(n)) - set(kept))
    return hidden[:: max(1, len(hidden) // MOST)][:MOST]


def _shade(grid: TensorGrid, boxes: Sequence[Any], negative: bool, level: int) -> VMobject:
    theme = grid.pen.theme
    opacity = theme.shade_max * (0.15 + 0.85 * level / LEVELS)
    return shapes.filled(np.concatenate(boxes), theme.dim if negative else grid.hue, opacity)
