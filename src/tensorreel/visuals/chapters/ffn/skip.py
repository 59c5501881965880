"""The product device after ReLU: units that are off contribute nothing, so their rows of B go grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.ffn.curve import is_on
from tensorreel.visuals.chapters.ffn.units import RowCounts, hollow_out
from tensorreel.visuals.layout.largest import window
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.motions import Fly
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.ledger import Ledger
from tensorreel.visuals.product.matmul import MatMul

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

DASH = (0.09, 0.06)


def mixed(row: Sequence[float]) -> Callable[[int, int], list[int]]:
    """A window over the units of a row that shows some that are on as well as some that are off."""

    def choose(n: int, most: int) -> list[int]:
        kept = len(window(n, most))
        on, off = ([p for p in range(n) if is_on(row[p]) is state] for state in (True, False))
        some = max(kept - len(off), min(len(on), -(-2 * kept // 3)))
        return sorted([*on[:some], *off[: kept - some]])

    return choose


class SkipMatMul(MatMul, steps="enter skip cell! row! sweep!"):
    """A product whose left side has zeros."""

    def __init__(self, scene: StageScene, falk: Falk) -> None:
        super().__init__(scene, falk)
        hollow_out(falk.a)
        self.struck = VGroup()

    def _off(self, i: int) -> list[int]:
        """The shown units that are off in row i."""
        return [p for p in self.falk.a.cols if not is_on(self.falk.a.tensor.values[i, p])]

    # ---- time -----------------------------------------------------------------------------------
    def skip(self) -> None:
        """Frame the row; one after another, the rows of B that its zeros would multiply lose their colour."""
        scene, falk, i = self.scene, self.falk, self.i
        off = self._off(i)
        each = min(0.5, 1.5 / max(1, len(off)))
        scene.until_read(theme.SHORT + each * len(off) + theme.HOLD_ENTRANCE)
        scene.play(FadeIn(self.row_box), run_time=theme.SHORT)
        for p in off:
            ring = falk.a.box(rows=[i], cols=[p], color=scene.theme.dim, line=2.5)
            frame = self._struck(p)
            self.struck.add(frame)
            scene.play(FadeIn(ring, frame), *self._grey(p), run_time=each)
            scene.remove(ring)

    def _struck(self, p: int) -> VMobject:
        """A dashed frame around a row of B."""
        row = VGroup(*(self.falk.b.shade(p, j) for j in self.falk.b.cols))
        (x0, y0, _), (x1, y1, _) = row.get_corner([-1, -1, 0]), row.get_corner([1, 1, 0])
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
        return shapes.stroke(shapes.dashed(corners, DASH), self.scene.theme.dim, 2)

    def _grey(self, p: int) -> list[Animation]:
        dim, b = self.scene.theme.dim, self.falk.b
        grounds = [b.shade(p, j) for j in b.cols]
        for ground in grounds:
            ground.before_grey = ground.copy()
        return [
            *(g.animate.set_fill(dim, opacity=0).set_stroke(dim, opacity=0).build() for g in grounds),
            *(b.numeral(p, j).animate.set_color(dim).build() for j in b.cols),
        ]

    def _colour(self, p: int) -> list[Animation]:
        """A row of B in its own look again."""
        b, ink = self.falk.b, self.scene.theme.ink
        return [
            *(b.shade(p, j).animate.become(b.shade(p, j).before_grey).build() for j in b.cols),
            *(b.numeral(p, j).animate.set_color(ink).build() for j in b.cols),
        ]

    def cell(self, *, slow: float = theme.MEDIUM) -> None:
        """One cell: the zero terms stand there at once, only the others are worked out."""
        scene, falk, i, j = self.scene, self.falk, self.i, self.falk.c.cols[0]
        self.ledger = ledger = self._ledger(i, j)
        off = self._off(i)
        zeros = [line for line, p in zip(ledger.lines, falk.a.cols, strict=True) if p in off]
        boxes = [m for m in (self.row_box, self.col_box, self.cell_box) if m not in scene.mobjects]
        scene.play(*(FadeIn(m) for m in (*boxes, *zeros)), run_time=theme.SHORT)
        so_far: list[Quantity] = []
        worked = [(line, p) for line, p in zip(ledger.lines, falk.a.cols, strict=True) if p not in off]
        for k, (line, p) in enumerate(worked):
            pace = slow if k == 0 else slow * 0.55 * min(1.0, 3 / (len(worked) - 1))
            scene.play(Fly(falk.a.numeral(i, p), line.a), Fly(falk.b.numeral(p, j), line.b), run_time=pace)
            so_far.append(line.product.quantity)
            shown = FadeIn(line.times, line.relation, line.product)
            scene.play(shown, *self._count_up(i, j, so_far), run_time=pace * 0.6)
        self._close(i, j, so_far)

    def sweep(self, *, run_time: float = 1.6, beside: Sequence[Animation] = ()) -> None:
        """B gets its colour back, because every row has zeros of its own; then the other rows are swept."""
        off = self._off(self.i)
        if off:
            back = [turn for p in off for turn in self._colour(p)]
            self.scene.play(FadeOut(self.struck), *back, run_time=theme.SHORT)
        super().sweep(run_time=run_time, beside=beside)
        counts = RowCounts(self.falk.a, self.scene.pen, x=self.falk.right_edge + 0.35, named=True)
        self.scene.play(FadeIn(counts), run_time=theme.SHORT)

    def _ledger(self, i: int, j: int) -> Ledger:
        ledger = super()._ledger(i, j)
        off = self._off(i)
        for line, p in zip(ledger.lines, self.falk.a.cols, strict=True):
            if p in off:
                line.set_color(self.scene.theme.dim)
        return ledger
