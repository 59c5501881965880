"""Which squares of the picture changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]  # [n, 4]: left, top, right, bottom in pixels, y downwards
Spans = tuple[npt.NDArray[np.intp], ...]  # first column, first row, end column, end row of each box


class Tiles:
    """A grid of ``size``-pixel squares over a ``width`` × ``height`` picture; a set one has changed."""

    def __init__(self, width: int, height: int, size: int) -> None:
        self.width, self.height, self.size = width, height, size
        self.columns, self.rows = -(-width // size), -(-height // size)
        self.grid = np.zeros((self.rows, self.columns), dtype=bool)

    def clear(self) -> None:
        """Nothing changed."""
        self.grid[:] = False

    def fill(self) -> None:
        """Everything changed."""
        self.grid[:] = True

    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.grid.any())

    def spans(self, boxes: Boxes) -> Spans:
        """The tiles under each box, as half-open ranges."""
        cells = np.floor(boxes / self.size)
        cells[:, 2:] += 1
        np.clip(cells, 0, [self.columns, self.rows, self.columns, self.rows], out=cells)
        whole = cells.astype(np.intp)
        return whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3]

    def mark(self, boxes: Boxes) -> None:
        """The tiles under these boxes changed."""
        if not len(boxes):
            return
        grid = self.grid
        for x0, y0, x1, y1 in zip(*(s.tolist() for s in self.spans(boxes)), strict=True):
            grid[y0:y1, x0:x1] = True

    def met(self, boxes: Boxes) -> npt.NDArray[np.bool_]:
        """For each box: whether one of its tiles is set."""
        sums = np.zeros((self.rows + 1, self.columns + 1), dtype=np.intp)
        sums[1:, 1:] = self.grid.cumsum(0).cumsum(1)
        x0, y0, x1, y1 = self.spans(boxes)
        held: npt.NDArray[np.bool_] = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0] > 0
        return held

    def rectangles(self) -> list[tuple[int, int, int, int]]:
        """The set tiles as few disjoint pixel rectangles (left, top, right, bottom)."""
        done: list[list[int]] = []
        above: dict[tuple[int, int], list[int]] = {}
        for row in np.flatnonzero(self.grid.any(1)).tolist():
            edges = np.flatnonzero(np.diff(self.grid[row].astype(np.int8), prepend=0, append=0)).tolist()
            here: dict[tuple[int, int], list[int]] = {}
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                known = above.get((a, b))
                if known is not None and known[3] == row:
                    known[3] = row + 1
                else:
                    known = [a, row, b, row + 1]
                    done.append(known)
                here[a, b] = known
            above = here
        s, w, h = self.size, self.width, self.height
        return [(a * s, b * s, min(c * s, w), min(d * s, h)) for a, b, c, d in done]
