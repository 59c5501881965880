"""Tensors in small: grids of shaded cells without digits, one block a head, every shade a real value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import VGroup, VMobject

from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

if TYPE_CHECKING:
    pass

LEVELS, MOST_COLS, MOST_HEADS = 6, 24, 8
BLOCK_GAP = 0.3  # between heads, in cells


def sampled(n: int, most: int) -> list[int]:
    """At most ``most`` of n indices, evenly spread, the first and the last among them."""
    if n <= most:
        return list(range(n))
    return sorted({round(k) for k in np.linspace(0, n - 1, most)})


class Thumb(VGroup):
    """A tensor as shaded cells around the origin; ``blocks`` are its heads (or the tensor itself).

    Positive cells are filled, negative ones hollow, both stronger where larger. Cells of one strength are one
    object. Of wide tensors evenly spread columns are shown.
    """

    def __init__(
        self, blocks: Sequence[DisplayTensor], pen: Pen, *, rows: Sequence[int], cell: tuple[float, float]
    ) -> None:
        super().__init__()
        self.blocks, self.pen, self.rows, self.cell = list(blocks), pen, list(rows), cell
        self.hue = pen.theme.role(blocks[0].role)
        most = max(1, MOST_COLS // len(blocks))
        self.cols = [sampled(b.values.shape[1], most) for b in blocks]
        self.breadth = breadth(blocks, cell[0])
        left = -self.breadth / 2
        for block, cols in zip(self.blocks, self.cols, strict=True):
            width = len(cols) * cell[0]
            self.add(*self._cells(block, cols, left), self._frame(left + width / 2, width))
            left += width + BLOCK_GAP * cell[0]

    def _cells(self, block: DisplayTensor, cols: Sequence[int], left: float) -> list[VMobject]:
        w, h = self.cell
        groups: dict[tuple[bool, int], list[Any]] = {}
        for a, i in enumerate(self.rows):
            for b, j in enumerate(cols):
                value = block.values[i, j]
                level = round(block.strength(value) * LEVELS)
                x = left + (b + 0.5) * w
                y = (len(self.rows) / 2 - a - 0.5) * h
                groups.setdefault((bool(value < 0), level), []).append(_square(x, y, w * 0.84, h * 0.84))
        return [self._shade(negative, level, boxes) for (negative, level), boxes in sorted(groups.items())]

    def _shade(self, negative: bool, level: int, boxes: Sequence[Any]) -> VMobject:
        points, strength = np.concatenate(boxes), level / LEVELS
        if negative:
            return shapes.stroke(points, self.hue, 1.4, 0.3 + 0.6 * strength)
        return shapes.filled(points, self.hue, 0.08 + 0.87 * strength)

    def _frame(self, x: float, width: float) -> VMobject:
        height = len(self.rows) * self.cell[1]
        frame = shapes.outline(width + 0.08, height + 0.08, self.pen.theme.faint, radius=0.04, line=1.5)
        return frame.move_to([x, 0, 0])

    def docked(self, size: tuple[float, float], place: Sequence[float]) -> Any:
        """The motion that shrinks it to a size at a place; cells become narrow rather than the picture low."""
        smaller = self.animate.stretch_to_fit_width(size[0]).stretch_to_fit_height(size[1])
        return smaller.move_to([*place, 0]).build()


def breadth(blocks: Sequence[DisplayTensor], width: float) -> float:
    """Width of a thumb with cells of a width."""
    most = max(1, MOST_COLS // len(blocks))
    n = sum(min(b.values.shape[1], most) for b in blocks)
    return (n + BLOCK_GAP * (len(blocks) - 1)) * width


def _square(x: float, y: float, w: float, h: float) -> Any:
    corners = [(x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2)]
    return shapes.polyline(*corners, closed=True)
