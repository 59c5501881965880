"""The product device: one cell slowly with all its terms, the rest of its row fast, the other rows swept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, VGroup, VMobject

from tensorreel.quantity import Quantity, total
from tensorreel.visuals import theme as T
from tensorreel.visuals.falk import Falk
from tensorreel.visuals.glyphs import Numeral
from tensorreel.visuals.ledger import Ledger
from tensorreel.visuals.motions import Fly, SlideBox, Sweep, Uncover

if TYPE_CHECKING:
    from tensorreel.visuals.scene import StageScene


class MatMul:
    """Plays a product on a Falk layout. C starts hidden; call ``cell``, ``row``, ``sweep`` in this order.

    ``before`` maps C's final quantity of a cell to the sum that the product makes, for stages that go on
    to change it (a scale, a ReLU); by default they are the same.
    """

    def __init__(self, scene: StageScene, falk: Falk) -> None:
        self.scene, self.falk = scene, falk
        theme = scene.theme
        a, b, c = falk.a, falk.b, falk.c
        self.colors = (a.hue, b.hue, c.hue)
        self.row_box = a.box(rows=[falk.focus], color=theme.accent)
        self.col_box = b.box(cols=[b.cols[0]], color=theme.accent)
        self.cell_box = c.box(rows=[falk.focus], cols=[c.cols[0]], color=theme.accent)
        self.ledger: Ledger | None = None
        self.tally: Numeral | None = None

    # ---- one cell, slowly ------------------------------------------------------------------------
    def cell(self, i: int, j: int, *, slow: float = T.MEDIUM) -> None:
        """Frame row i and column j in place, copy their digits pair by pair, and let the target count up."""
        scene, falk = self.scene, self.falk
        self.ledger = ledger = self._ledger(i, j)
        scene.play(FadeIn(self.row_box), FadeIn(self.col_box), FadeIn(self.cell_box), run_time=T.SHORT)
        so_far: list[Quantity] = []
        for k, (line, p) in enumerate(zip(ledger.lines, falk.a.cols, strict=True)):
            pace = slow if k == 0 else slow * 0.55
            scene.play(Fly(falk.a.numeral(i, p), line.a), Fly(falk.b.numeral(p, j), line.b), run_time=pace)
            so_far.append(line.product.quantity)
            scene.play(
                FadeIn(line.times, line.relation, line.product),
                *self._count_up(i, j, so_far),
                run_time=pace * 0.6,
            )
        self._close(i, j, so_far)

    def _close(self, i: int, j: int, so_far: list[Quantity]) -> None:
        """The hidden terms, the bias and the sum; the sum lands in the target cell."""
        scene, falk, ledger = self.scene, self.falk, self.ledger
        assert ledger is not None
        others = [m for m in ledger.extra if m is not ledger.bias_numeral]
        if others:
            scene.play(FadeIn(*others), run_time=T.SHORT)
        if ledger.bias_numeral is not None and falk.bias is not None:
            scene.play(Fly(falk.bias.numeral(0, j), ledger.bias_numeral), run_time=T.MEDIUM)
        scene.play(FadeIn(ledger.rule, ledger.relation, ledger.sum), run_time=T.SHORT)
        gone = [FadeOut(self.tally)] if self.tally is not None else []
        landed = Numeral(
            ledger.sum.quantity,
            scene.pen,
            decimals=falk.c.tensor.decimals,
            size=falk.c.pitch.em,
            color=falk.c.hue,
            bold=True,
        )
        landed.move_to(falk.c.numeral(i, j))
        scene.play(Fly(ledger.sum, landed), *gone, Uncover([falk.c.shade(i, j)]), run_time=T.SHORT)
        falk.c.numeral(i, j).set_fill(opacity=1)
        scene.remove(landed)
        self.tally = None

    def _count_up(self, i: int, j: int, so_far: Sequence[Quantity]) -> list[FadeIn | FadeOut]:
        """The target cell turns from the last partial sum to the next one."""
        assert self.ledger is not None
        old, falk = self.tally, self.falk
        decimals = max(self.ledger.product_decimals, falk.c.tensor.decimals)
        self.tally = Numeral(
            total(so_far), self.scene.pen, decimals=decimals, size=falk.c.pitch.em, color=self.scene.theme.dim
        )
        widest = falk.c.pitch.dx - 0.06
        if self.tally.width > widest:
            self.tally.set_opacity(0)
        self.tally.move_to(falk.c.numeral(i, j))
        return [FadeIn(self.tally), *([FadeOut(old)] if old is not None else [])]

    # ---- the rest of the row, then the other rows --------------------------------------------------
    def row(self, i: int, *, each: float = 0.55, most: int = 3) -> None:
        """Slide the frames along row i; the ledger is rewritten for the first cells, then only results come."""
        scene, falk = self.scene, self.falk
        for n, j in enumerate(falk.c.cols[1:]):
            col, target = falk.b.box(cols=[j]), falk.c.box(rows=[i], cols=[j])
            turns = [SlideBox(self.col_box, col), SlideBox(self.cell_box, target)]
            if n < most:
                old, self.ledger = self.ledger, self._ledger(i, j)
                scene.play(*turns, *([FadeOut(old)] if old else []), run_time=each * 0.5)
                scene.play(FadeIn(self.ledger), Uncover(falk.c.parts([i], [j])), run_time=each * 0.6)
            else:
                scene.play(*turns, Uncover(falk.c.parts([i], [j])), run_time=max(0.18, each * 0.4))
        if falk.c.more_cols:
            scene.play(Uncover(falk.c.rest), run_time=T.QUICK)

    def sweep(self, done: int, *, run_time: float = 1.6) -> None:
        """All other rows come up one after another; the frames go."""
        scene, falk = self.scene, self.falk
        rest = [i for i in falk.c.rows if i != done]
        gone: list[VMobject] = [
            m for m in (self.row_box, self.col_box, self.cell_box, self.ledger) if m is not None
        ]
        shown = [m for m in gone if m in scene.mobjects]
        if shown:
            scene.play(*(FadeOut(m) for m in shown), run_time=T.SHORT)
        self.ledger = None
        if rest:
            scene.play(Sweep([falk.c.parts([i]) for i in rest]), run_time=run_time)
        if falk.c.more_rows or falk.c.more_cols:
            scene.play(Uncover(falk.c.rest), run_time=T.QUICK)

    def _ledger(self, i: int, j: int) -> Ledger:
        falk, a, b = self.falk, self.falk.a.tensor, self.falk.b.tensor
        shown = set(falk.a.cols)
        hidden = [a[i, p] * b[p, j] for p in range(a.values.shape[1]) if p not in shown]
        into = falk.c.tensor[i, j]
        bias = falk.bias.tensor[0, j] if falk.bias else None
        return Ledger(
            [(a[i, p], b[p, j]) for p in falk.a.cols],
            into,
            self.scene.pen,
            decimals=(
                a.decimals,
                max(b.decimals, falk.bias.tensor.decimals if falk.bias else 0),
                falk.c.tensor.decimals,
            ),
            colors=self.colors,
            hidden=hidden,
            bias=bias,
            left=falk.right_edge + 0.45,
        )


def prepared(falk: Falk) -> Falk:
    """Hide C's numbers (its frame, names and badge stay) so that a product can uncover them."""
    falk.c.hide()
    hide_rest(falk.c.rest)
    return falk


def hide_rest(rest: VGroup) -> None:
    """Hide the counted rest of a grid until its cells are known."""
    from tensorreel.visuals.grid import remember

    for part in rest.get_family():
        if len(part.points):
            remember(part)
            part.set_fill(opacity=0).set_stroke(opacity=0)
