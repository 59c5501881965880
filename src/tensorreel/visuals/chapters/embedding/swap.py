"""Two words change places: the rows of X go with them, the rows of P stay, and the sums come out differently."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.largest import largest_that_fits
from tensorreel.visuals.lettering.glyphs import Label, Sign, printed_digits, shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.residual import AddGrids

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


def swappable(sums: AddGrids, tokens: tuple[int, ...]) -> tuple[int, int] | None:
    """Two neighbouring shown rows with different words whose printed numbers differ, and their positions', or None."""

    def printed(grid: TensorGrid, i: int) -> list[str]:
        return [printed_digits(grid.tensor[i, j], grid.tensor.decimals) for j in grid.cols]

    def differ(i: int, j: int) -> bool:
        return tokens[i] != tokens[j] and all(printed(g, i) != printed(g, j) for g in (sums.a, sums.b))

    return next((pair for pair in pairwise(sums.a.rows) if differ(*pair)), None)


class Pass(Animation):
    """A row goes up or down by a step."""

    def __init__(self, row: VGroup, step: float, **kwargs: Any) -> None:
        self.step = step
        super().__init__(row, **kwargs)

    def begin(self) -> None:
        """Keep the outlines, and the opacities to return to."""
        self.pieces = [m for m in self.mobject.get_family() if len(m.points)]
        self.outlines = [m.points.copy() for m in self.pieces]
        self.opacities = [(m.get_fill_opacity(), m.get_stroke_opacity()) for m in self.pieces]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Every piece at its share of the step."""
        for piece, outline in zip(self.pieces, self.outlines, strict=True):
            piece.points = outline + np.array([0.0, self.step * self.rate_func(alpha), 0.0])


class Duck(Pass):
    """A row that passes behind another one: faint where they meet, so that digits never mix."""

    def interpolate_mobject(self, alpha: float) -> None:
        """The step, and the opacities down to a tenth and back."""
        super().interpolate_mobject(alpha)
        seen = 1.0 - 0.9 * float(np.sin(np.pi * self.rate_func(alpha))) ** 0.5
        for piece, (fill, line) in zip(self.pieces, self.opacities, strict=True):
            piece.set_fill(opacity=fill * seen, family=False).set_stroke(opacity=line * seen, family=False)


class RowSwap(Verb, steps="play! back"):
    """Plays the exchange of rows i and j on ``AddGrids`` and, with ``back``, undoes it.

    The new sums are cells of a, exchanged, plus the cells of b that stayed.
    """

    def __init__(self, scene: StageScene, sums: AddGrids, i: int, j: int) -> None:
        self.scene, self.sums, self.i, self.j = scene, sums, i, j
        self.old = VGroup(*(m for m in sums.c.parts([i, j]) if m is not None))
        self.new = VGroup(*self._row(i, j), *self._row(j, i))
        self.frames: list[VMobject] = []

    def play(self, *, run_time: float = 2.2) -> None:
        """Rows of a travel, then c's old sums give way to the new ones; frames mark the two rows of each."""
        scene, sums = self.scene, self.sums
        scene.until_read(run_time + theme.SHORT)
        stay = [sums.b.box(rows=[k], color=sums.b.hue) for k in (self.i, self.j)]
        scene.play(*(FadeIn(f) for f in stay), *self._cross(sums.a), run_time=run_time * 0.55)
        changed = sums.c.box(rows=[self.i, self.j])
        turns = [FadeOut(self.old), FadeIn(self.new), FadeIn(changed), *self._cross(sums.c, words=True)]
        scene.play(*turns, run_time=run_time * 0.45)
        self.frames = [*stay, changed]
        line = self._twice()
        if len(line):
            scene.play(FadeIn(line), run_time=theme.SHORT)
            self.frames.append(line)

    def back(self, *, run_time: float = theme.MEDIUM) -> None:
        """Everything returns to its place."""
        scene, sums = self.scene, self.sums
        gone = [FadeOut(m) for m in (self.new, *self.frames)]
        scene.play(
            *gone,
            FadeIn(self.old),
            *self._cross(sums.a, back=True),
            *self._cross(sums.c, words=True, back=True),
            run_time=run_time,
        )

    def _cross(self, grid: TensorGrid, *, words: bool = False, back: bool = False) -> list[Animation]:
        """Rows i and j of a grid (or only their words) go to each other's place, or ``back``."""
        at = {k: n for n, k in enumerate(grid.rows)}
        moves: list[Any] = []
        for here, there in ((self.i, self.j), (self.j, self.i)):
            name = [grid.row_names[at[here]]] if len(grid.row_names) else []
            row = VGroup(*([] if words else grid.parts([here])), *name)
            step = self._middle(there) - self._middle(here)
            kind = Duck if here == self.i else Pass
            moves.append(kind(row, -step if back else step))
        return moves

    def _twice(self) -> VGroup:
        """One number of the first word, at its own place and at the other: where the positions differ most."""
        sums, i, j = self.sums, self.i, self.j
        a, b = sums.a.tensor, sums.b.tensor
        col = max(sums.c.cols, key=lambda c: abs(b.values[i, c] - b.values[j, c]))

        def written(size: float) -> VGroup:
            name = shortened(sums.names[i], sums.pen, size, 2.0, among=sums.names)
            word = Label(name, sums.pen, size=max(0.34, size))
            arrow = Sign("→", sums.pen, size=size, color=sums.pen.theme.dim)
            before, after = (
                sums.written.sum_of(a[i, col], b[k, col], a[i, col] + b[k, col], size) for k in (i, j)
            )
            line = VGroup(word, before, arrow, after).arrange(buff=size)
            base = float(before.a.origin[1])
            for piece in (word, arrow):
                piece.sit(float(piece.origin[0]), base)
            return line.shift([0, -0.72 * size - base, 0])

        most = sums.written.width
        line = largest_that_fits(sums.written.em, written, lambda line: line.width <= most, step=0.01)
        x, top = sums.foot
        return VGroup() if line is None else line.shift([x - line.get_center()[0], top, 0])

    def _middle(self, k: int) -> float:
        return float(self.sums.b.shade(k, self.sums.b.cols[0]).get_center()[1])

    def _row(self, place: int, word: int) -> list[VMobject]:
        """c's cells at a place, had another word stood there."""
        a, b = self.sums.a.tensor, self.sums.b.tensor
        cells: list[VMobject] = []
        for j in self.sums.c.cols:
            value: Quantity = a[word, j] + b[place, j]
            cells += self.sums.c.cell_with(value, place, j)
        return cells
