"""Heads side by side: a lane for each, with its whole path in small and the current matrix in digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, FadeOut, VGroup, VMobject, smooth

from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import left_of, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.heads import HeadTag, MoreHeads, head_outline
from tensorreel.visuals.motion.motions import FIRST_HALF, SECOND_HALF
from tensorreel.visuals.product.blocks import part
from tensorreel.visuals.product.falk import snug

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

TOP = CONTENT.top - 0.1
PATH = ("query", "key", "value", "attn_scores", "attn_weights", "heads")
LARGEST = 0.34  # em of the digits
MOST, FOOT = 4, 0.36  # lanes, and room below them for the count of the other heads
GAP, INSET, MINI, SMALL, TALL, ASIDE = 0.16, 0.14, 0.72, 0.56, 3.0, 0.2
Area = tuple[float, float, float, float]  # left, bottom, right, top


def areas(n: int, foot: float = 0.0) -> list[Area]:
    """Where n lanes stand: one or two side by side, three or four in two rows; ``foot`` is left free below them."""
    across, down = min(n, 2), (n + 1) // 2
    width = 9.0 if n == 1 else CONTENT.right - GAP / 2
    height = (TOP - CONTENT.bottom - foot - (down - 1) * GAP) / down
    left = -(across * width + (across - 1) * GAP) / 2
    spots = []
    for k in range(n):
        x = left + (k % across) * (width + GAP)
        top = TOP - (k // across) * (height + GAP)
        spots.append((x, top - height, x + width, top))
    return spots


def mini(shown: DisplayTensor, pen: Pen, side: float) -> VGroup:
    """A whole matrix as small shaded tiles; each shade is one object."""
    n, m = shown.values.shape
    step = min(side / n, side / m, 0.18)
    groups: dict[tuple[bool, int], list[shapes.Vec]] = {}
    for (i, j), value in np.ndenumerate(shown.values):
        x, y, r = (j - (m - 1) / 2) * step, ((n - 1) / 2 - i) * step, step * 0.44
        box = shapes.polyline((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r), closed=True)
        key = (bool(value < 0), round(shown.strength(value) * 5))
        groups.setdefault(key, []).append(box)
    hue, dim = pen.theme.role(shown.role), pen.theme.dim
    return VGroup(
        *(
            shapes.filled(np.concatenate(boxes), dim if negative else hue, 0.16 + 0.74 * level / 5)
            for (negative, level), boxes in sorted(groups.items())
        )
    )


class Lane(VGroup):
    """One head's lane: border, name, and a strip of its six matrices in small, left to right."""

    def __init__(self, path: Sequence[DisplayTensor], head: int, pen: Pen, area: Area) -> None:
        super().__init__()
        self.path, self.head, self.pen, self.area = list(path), head, pen, area
        left, bottom, right, top = area
        self.border = head_outline(head, right - left - 0.04, top - bottom - 0.04, pen)
        self.border.move_to([(left + right) / 2, (bottom + top) / 2, 0])
        self.tag = HeadTag(head, pen)
        self.tag.shift(shapes.at(left + INSET, top - INSET - 0.27))
        self.minis, self.arrows = VGroup(), VGroup()
        self._strip()
        self.add(self.border, self.tag)

    @property
    def tall(self) -> bool:
        """Whether there is room for a whole matrix in digits below the strip."""
        return self.area[3] - self.area[1] > TALL

    @property
    def mini(self) -> float:
        """Side of the largest small matrix."""
        return MINI if self.tall else SMALL

    def _strip(self) -> None:
        """The small matrices between the name and the right border, with an arrow at each step."""
        left, _, right, top = self.area
        start, end = left + INSET + self.tag.width + 0.3, right - INSET
        y = top - INSET - self.mini / 2
        pictures = [mini(s, self.pen, self.mini) for s in self.path]
        symbols = ["bold(Z)" if s.name == "heads" else s.symbol for s in self.path]
        gap = (end - start - sum(p.width for p in pictures)) / (len(pictures) - 0.5)
        x = start
        for k, (picture, symbol, shown) in enumerate(zip(pictures, symbols, self.path, strict=True)):
            stand(picture, left=x, y=y)
            if k >= 3:
                self.arrows.add(self._arrow(x - gap * 0.75, x - gap * 0.25, y))
            label = Formula(symbol, self.pen, size=0.38, color=self.pen.theme.role(shown.role))
            stand(label, x=edges(picture).x, y=y - self.mini / 2 - theme.NAME)
            self.minis.add(VGroup(picture, label))
            x += picture.width + gap

    def _arrow(self, x0: float, x1: float, y: float) -> VGroup:
        ends = shapes.at(x0, y), shapes.at(x1, y)
        return shapes.arrow(*ends, self.pen.theme.dim, line=2, head=0.13, short=0.08)

    def readout(self, k: int, token: int, words: Sequence[str]) -> Readout:
        """The k-th matrix of the path in digits, in the room below the strip."""
        left, bottom, right, top = self.area
        room = (left + INSET, bottom + 0.06, right - INSET, top - INSET - self.mini - 0.42)
        return Readout(self.path[k], token, words, self.pen, room, corner=self.tag.width + 0.15)


class Readout(VGroup):
    """A matrix in digits as large as a room allows: all its rows, or the chosen token's row alone.

    The badge of a row stands before it, or, where the row takes the whole width, under the head's name, where
    a badge may be ``corner`` wide.
    """

    def __init__(
        self, shown: DisplayTensor, token: int, words: Sequence[str], pen: Pen, room: Area, *, corner: float
    ) -> None:
        super().__init__()
        left, bottom, right, top = room
        self.corner = corner
        self.grid = self._fitted(shown, token, words, pen, (right - left, top - bottom))
        badge, alone = self.grid.badge, self.grid.tensor is not shown
        beside = alone and self.grid.width + badge.width + ASIDE <= right - left
        if beside:
            self.grid.add(left_of(badge, self.grid, ASIDE))
        stand(self.grid, x=(left + right) / 2, y=(bottom + top) / 2)
        self.add(self.grid)
        self.row = 0 if alone else token
        if alone and not beside:
            self.add(stand(badge, left=left, y=top + 0.22))
        if not alone and len(self.grid.rows) > 1:
            self.add(self.grid.box(rows=[token]))

    def _fitted(
        self, shown: DisplayTensor, token: int, words: Sequence[str], pen: Pen, room: tuple[float, float]
    ) -> TensorGrid:
        """All rows where they have room, or one; all columns, or as many as have room with the strongest one."""
        one, (n, m) = part(shown, [token]), shown.values.shape
        square = shown.tensor.dims[-1] == "S"
        best, heads = (int(np.argmax(shown.values[token])), words) if square else (0, None)
        wholes = [(shown, m, words)] if n <= 12 and m <= 12 else []
        for matrix, most, names in [*wholes, *((one, k, [words[token]]) for k in range(min(m, 12), 0, -1))]:
            whole, cols = matrix is shown, chosen(m, most, (best,))
            make = partial(self._grid, matrix, cols, names, heads, pen, "above" if whole else None)
            fits = partial(self._fits, whole=whole, room=room)
            grid = largest_or_least(LARGEST, make, fits, step=0.015)
            if fits(grid):
                break
        return grid

    @staticmethod
    def _grid(
        matrix: DisplayTensor,
        cols: Sequence[int],
        names: Sequence[str],
        heads: Sequence[str] | None,
        pen: Pen,
        badge: str | None,
        em: float,
    ) -> TensorGrid:
        """A matrix at a digit size; ``heads`` name its columns."""
        pitch = snug([(matrix, range(len(names)), cols)], pen, em, em * 1.32)
        if (
            heads and len(cols) < matrix.values.shape[1]
        ):  # those that are shown stand for words that can be read
            widest = max(pen.width(w, theme.SIZE_LABEL) for w in heads) + 0.08
            pitch = replace(pitch, dx=max(pitch.dx, min(1.0, widest)))
        return TensorGrid(matrix, pen, pitch, cols=cols, row_names=names, col_names=heads, badge=badge)

    def _fits(self, grid: TensorGrid, *, whole: bool, room: tuple[float, float]) -> bool:
        """Whether it has room, with its badge before it where that has none under the head's name."""
        apart = whole or grid.badge.width <= self.corner
        wide = grid.width + (0.0 if apart else grid.badge.width + ASIDE)
        return wide <= room[0] and grid.height <= room[1]


def chosen(n: int, most: int, wanted: Sequence[int]) -> list[int]:
    """The first indices of n, at most so many, with some that must be among them."""
    if n <= most:
        return list(range(n))
    kept = dict.fromkeys([*wanted, *range(n)])
    return sorted(list(kept)[:most])


def uncounted(lanes: Sequence[Lane], heads: int, pen: Pen) -> MoreHeads:
    """Below the lanes, how many heads have none."""
    label = MoreHeads(heads - len(lanes), len(lanes), pen)
    return label.shift(shapes.at(-label.width / 2, CONTENT.bottom + 0.04))


def station(
    scene: StageScene, lanes: Sequence[Lane], k: int, token: int, old: Sequence[VMobject], *, run_time: float
) -> list[Readout]:
    """In every lane the k-th small matrix comes up and opens into its digits; the last one closes."""
    new = [lane.readout(k, token, scene.words) for lane in lanes]
    turns = [FadeOut(m, rate_func=FIRST_HALF) for m in old]
    opening = SECOND_HALF if old else smooth
    for lane, readout in zip(lanes, new, strict=True):
        mini = lane.minis[k]
        opens = FadeIn(
            readout, target_position=mini, scale=min(0.2, mini.width / readout.width), rate_func=opening
        )
        turns += [FadeIn(mini), opens]
        if k >= 3:
            turns.append(FadeIn(lane.arrows[k - 3]))
    scene.play(*turns, run_time=run_time)
    return new
