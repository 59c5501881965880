"""Parts of matrices: some rows of a tensor, and further blocks of columns beside a product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from manim import FadeOut, VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.largest import largest_that_fits, sizes, window
from tensorreel.visuals.layout.placing import left_of, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.heads import HeadTag, MoreHeads
from tensorreel.visuals.matrix.pitch import Pitch, pitch_for
from tensorreel.visuals.product.falk import ASIDE, Falk, sit_beside, snug
from tensorreel.visuals.product.matmul import MatMul

APART, WORDS = 0.35, 0.36
BEHIND = 0.12  # between the count of what is not drawn and C
LEAST, MOST_PAGES = 0.25, 3  # seconds that a page takes at least; pages


class Block(NamedTuple):
    """Further columns: of B, of C, the head they belong to, and their bias."""

    b: DisplayTensor
    c: DisplayTensor
    head: int | None = None
    bias: DisplayTensor | None = None


@dataclass(frozen=True, eq=False)
class RowsOf(DisplayTensor):
    """Some rows of a tensor; its numbers are still that tensor's cells, printed and shaded like all of them, or with
    ``further`` decimals."""

    rows: tuple[int, ...] = ()
    further: int = 0

    @property
    def decimals(self) -> int:
        """Those of the whole tensor, and the further ones."""
        return self.whole.decimals + self.further

    @cached_property
    def values(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The numbers of the kept rows."""
        return self._of.values[list(self.rows)]

    def _make(self, i: int, j: int) -> Quantity:
        """The quantity of a kept row's cell, with its own index."""
        return self._of[self.rows[i], j]

    @cached_property
    def _of(self) -> DisplayTensor:
        return DisplayTensor(self.tensor, self.whole)


def part(shown: DisplayTensor, rows: Sequence[int], further: int = 0) -> RowsOf:
    """Some rows of a shown tensor, with ``further`` decimals."""
    return RowsOf(shown.tensor, shown.whole, tuple(rows), further)


class Beside(VGroup):
    """Another block of columns of a product, in line with its Falk layout: B above, C below, same rows as A; between
    them the bias where there is one.

    Digits shrink, then the names (they stand in line at the left) and columns go, until it fits between ``left`` and
    the margin.
    """

    def __init__(self, falk: Falk, block: Block, left: float) -> None:
        super().__init__()
        self.tag = HeadTag(block.head, falk.pen) if block.head is not None else VGroup()
        for cols, pitch, names in self._tries(falk, block):
            self._build(falk, block, left, cols, pitch, names)
            if self.right_edge <= CONTENT.right:
                break
        if self.right_edge > CONTENT.right:  # B of the product counts the same rows
            self.b.rest.remove(self.b.rest.rows_label)
        sit_beside(self.b, self.tag)
        self.c.place_badge("below")
        self.c.add(self.c.badge)
        self.c.hide_all()
        self.add(*self.grids)

    @property
    def grids(self) -> list[TensorGrid]:
        """B, the bias where there is one, and C."""
        return [grid for grid in (self.b, self.bias, self.c) if grid is not None]

    @staticmethod
    def _tries(falk: Falk, block: Block) -> Iterator[tuple[Sequence[int], Pitch, Sequence[str] | None]]:
        """Columns, pitch and names: first as the product has them, then smaller and fewer."""
        cols, em, names, smallest = falk.b.cols, falk.b.pitch.em, falk.names, theme.SIZE_NUMBER_MIN

        def closer(cols: Sequence[int], em: float) -> Pitch:
            kept = [(block.b, falk.b.rows, cols), (block.c, falk.c.rows, cols)]
            kept += [(block.bias, [0], cols)] if block.bias else []
            return snug(kept, falk.pen, em, falk.b.pitch.dy)

        yield cols, falk.b.pitch, names
        for smaller in [*sizes(em, step=0.01)[1:], smallest] if em > smallest else ():
            yield cols, closer(cols, smaller), names
        if names:
            yield cols, closer(cols, smallest), None
        least = 1 if block.b.values.shape[1] > 2 else 2  # of two columns, to count one takes more room
        for m in range(len(cols) - 1, least - 1, -1):
            yield cols[:m], closer(cols[:m], smallest), None

    def _build(
        self,
        falk: Falk,
        block: Block,
        left: float,
        cols: Sequence[int],
        pitch: Pitch,
        names: Sequence[str] | None,
    ) -> None:
        pen = falk.pen
        self.b = TensorGrid(block.b, pen, pitch, rows=falk.b.rows, cols=cols, names_at="right", badge=None)
        self.bias = TensorGrid(block.bias, pen, pitch, cols=cols, badge=None) if block.bias else None
        self.c = TensorGrid(
            block.c,
            pen,
            pitch,
            rows=falk.c.rows,
            cols=cols,
            row_names=names,
            names_at="right",
            badge=None,
        )
        self.c.rest.remove(self.c.rest.cols_label)
        aside = max(self.b.badge.width, self.tag.width) + ASIDE
        self.b.stand(left=left + aside, y=falk.b.cells.y)
        self.c.stand(left=left + aside, y=falk.c.cells.y)
        if self.bias is not None and falk.bias is not None:
            self.bias.stand(left=left + aside, y=falk.bias.cells.y)

    def count(self, hidden: int, drawn: int) -> None:
        """How many heads have no block, beside those that have one: at the left of C, coming and going with B."""
        label = MoreHeads(hidden, drawn, self.b.pen)
        self.b.add(left_of(label, self.c.frame, BEHIND))

    @property
    def right_edge(self) -> float:
        """Where it ends."""
        return max(edges(self.b).right, edges(self.c).right)


def pages(falk: Falk, blocks: Sequence[Block], most: int = MOST_PAGES) -> list[list[Beside]]:
    """Blocks at the right of a product; those that do not fit beside it wait for the next page.

    What ``most`` pages do not hold is counted beside the last block. Only what is shown is made.
    """
    out: list[list[Beside]] = [[]]
    left = start = falk.right_edge + APART
    for n, further in enumerate(blocks):
        block = Beside(falk, further, left)
        if block.right_edge > CONTENT.right and out[-1]:
            if len(out) == most:
                out[-1][-1].count(len(blocks) - n, n + 1)  # the product itself is one head's
                break
            out.append([])
            block = Beside(falk, further, start)
        out[-1].append(block)
        left = block.right_edge + APART
    return [page for page in out if page]


def alongside(product: MatMul, blocks: Sequence[Block], *, run_time: float) -> list[Beside]:
    """Play the same product for further blocks of columns, page by page; returns what stays on the stage.

    There are as many pages as can be seen in the time; further blocks are counted.
    """
    scene, falk = product.scene, product.falk
    scene.until_read(run_time)
    product.clear()
    turn = 2 * theme.QUICK
    todo = pages(falk, blocks, max(1, int((run_time + turn) / (LEAST + turn))))
    share = (run_time - turn * (len(todo) - 1)) / max(1, len(todo))
    for k, page in enumerate(todo):
        gone = [FadeOut(grid) for block in todo[k - 1] for grid in block.grids] if k else []
        if gone:
            scene.play(*gone, run_time=theme.QUICK)
        scene.enter(*(grid for block in page for grid in block.grids), run_time=share * 0.35)
        product.scan([block.c for block in page], falk.c.rows, run_time=share * 0.5)
    return todo[-1] if todo else []


class Purpose(VGroup):
    """One token's row of some tensors, each under its symbol with a few words on what it is for."""

    def __init__(
        self, lines: Sequence[tuple[DisplayTensor, str]], token: int, name: str, pen: Pen, edge: float
    ) -> None:
        super().__init__()
        left, y, dy = edge + 0.5, CONTENT.y, 1.35
        rows = [self._row(shown, token, name, pen, CONTENT.right - left) for shown, _ in lines]
        width = max(
            *(row.width for row in rows),
            *(0.65 + pen.width(words, WORDS) for _, words in lines),
        )
        left += min(
            0.6, (CONTENT.right - 0.05 - left - width) / (2 if left + width < CONTENT.right - 0.05 else 1)
        )
        for k, ((shown, words), row) in enumerate(zip(lines, rows, strict=True)):
            top = y + (len(lines) / 2 - k) * dy
            symbol = Formula(shown.symbol, pen, size=0.5, color=pen.theme.role(shown.role))
            symbol.shift(shapes.at(left, top - 0.45))
            text = Label(words, pen, size=WORDS).sit(left + 0.6, top - 0.45)
            stand(row, left=left)
            row.stand(y=top - 0.93)
            self.add(VGroup(symbol, text, row))

    @staticmethod
    def _row(shown: DisplayTensor, token: int, name: str, pen: Pen, width: float) -> TensorGrid:
        """The token's row, with as large and as many digits as fit."""
        n = shown.values.shape[1]

        def row(em: float, most: int = n) -> TensorGrid:
            pitch, cols = pitch_for([shown], pen, em), window(n, most)
            return TensorGrid(part(shown, [token]), pen, pitch, cols=cols, row_names=[name], badge=None)

        def fits(made: TensorGrid) -> bool:
            return made.width <= width

        if (whole := largest_that_fits(theme.SIZE_NUMBER, row, fits, step=0.01)) is not None:
            return whole
        fewer = [row(theme.SIZE_NUMBER_MIN, most) for most in range(n, 0, -1)]
        return next(filter(fits, fewer), fewer[-1])
