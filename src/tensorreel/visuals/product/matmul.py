"""The product device: one cell slowly with all its terms, the rest of its row fast, the other rows swept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, FadeIn, FadeOut, linear

from tensorreel.core.quantity import Quantity, total
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.motions import Fly, SlideBox, Sweep, Uncover
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.ledger import Ledger
from tensorreel.visuals.product.whole import operand

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST_WORKED = 6  # rows that are swept with their work shown


class MatMul(Verb, steps="enter? cell! row! sweep|work_down! clear? scan*!"):
    """Plays a product on a Falk layout, whose C it hides: the row in focus, from its first cell on, then the others."""

    def __init__(self, scene: StageScene, falk: Falk) -> None:
        self.scene, self.falk, self.i = scene, falk, falk.focus
        falk.c.hide_all()
        look = scene.theme
        a, b, c = falk.a, falk.b, falk.c
        self.colors = (a.hue, b.hue, c.hue)
        self.row_box = a.box(rows=[falk.focus], color=look.accent)
        self.col_box = b.box(cols=[b.cols[0]], color=look.accent)
        self.cell_box = c.box(rows=[falk.focus], cols=[c.cols[0]], color=look.accent)
        self.ledger: Ledger | None = None
        self.moved: float | None = None  # how far the ledgers stand from the layout, the first one centred
        self.tally: Numeral | None = None

    def enter(self) -> None:
        """The operands take the stage, B with all its numbers first, and the place of the result."""
        falk = self.falk
        operand(self.scene, falk.b)
        self.scene.enter(falk.a)
        self.scene.until_read(theme.MEDIUM + theme.HOLD_ENTRANCE)
        self.scene.enter(*falk.right_hand)

    # ---- one cell, slowly ------------------------------------------------------------------------
    def cell(self, *, slow: float = theme.MEDIUM) -> None:
        """Frame the row and the first column in place, copy their digits pair by pair, and let the target count up."""
        scene, falk, i, j = self.scene, self.falk, self.i, self.falk.c.cols[0]
        self.ledger = ledger = self._ledger(i, j)
        scene.play(FadeIn(self.row_box), FadeIn(self.col_box), FadeIn(self.cell_box), run_time=theme.SHORT)
        so_far: list[Quantity] = []
        for k, (line, p) in enumerate(zip(ledger.lines, falk.a.cols, strict=True)):
            pace = slow if k == 0 else slow * 0.55 * min(2.0, 3 / (len(ledger.lines) - 1))
            pair = (falk.a.numeral(i, p), line.a), (falk.b.numeral(p, j), line.b)
            low = [Fly(digits, place, arc=-0.15) for digits, place in pair]  # over no line that is written
            scene.play(*low, run_time=pace)
            so_far.append(line.product.quantity)
            scene.play(
                FadeIn(line.times, line.relation, line.product),
                *self._count_up(i, j, so_far),
                run_time=pace * 0.6,
            )
        scene.until_read(2 * theme.SHORT)
        self._close(i, j, so_far)

    def _close(self, i: int, j: int, so_far: list[Quantity]) -> None:
        """The hidden terms, the bias and the sum; the sum lands in the target cell."""
        scene, falk, ledger = self.scene, self.falk, self.ledger
        assert ledger is not None
        others = [m for m in ledger.extra if m is not ledger.bias_numeral]
        if others:
            scene.play(FadeIn(*others), run_time=theme.SHORT)
        if ledger.bias_numeral is not None and falk.bias is not None:
            scene.play(Fly(falk.bias.numeral(0, j), ledger.bias_numeral), run_time=theme.MEDIUM)
        scene.play(FadeIn(ledger.rule, ledger.relation, ledger.sum), run_time=theme.SHORT)
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
        scene.play(Fly(ledger.sum, landed), *gone, Uncover([falk.c.shade(i, j)]), run_time=theme.SHORT)
        falk.c.numeral(i, j).set_fill(opacity=1)
        scene.remove(landed)
        scene.add(ledger)  # its parts came one by one; from here on it is one thing
        self.tally = None

    def _count_up(self, i: int, j: int, so_far: Sequence[Quantity]) -> list[FadeIn | FadeOut]:
        """The target cell turns from the last partial sum to the next one."""
        assert self.ledger is not None
        old, falk = self.tally, self.falk
        decimals = max(self.ledger.given["product"], falk.c.tensor.decimals)
        self.tally = Numeral(
            total(so_far), self.scene.pen, decimals=decimals, size=falk.c.pitch.em, color=self.scene.theme.dim
        )
        widest = falk.c.pitch.dx - 0.06
        if self.tally.width > widest:
            self.tally.set_opacity(0)
        self.tally.move_to(falk.c.numeral(i, j))
        return [FadeIn(self.tally), *([FadeOut(old)] if old is not None else [])]

    # ---- the rest of the row, then the other rows --------------------------------------------------
    def row(
        self,
        *,
        each: float = 0.55,
        most: int = 3,
        beside: Callable[[int], Sequence[Animation]] = lambda j: (),
    ) -> None:
        """Slide the frames along the row; the ledger is rewritten for the first cells, then only results come.

        ``beside(j)`` gives further motions that play while column j's result comes up.
        """
        scene, falk, i = self.scene, self.falk, self.i
        columns = range(len(falk.c.cols) - 1)
        scene.until_read(sum(each * 1.1 if n < most else max(0.18, each * 0.4) for n in columns))
        for n, j in enumerate(falk.c.cols[1:]):
            col, target = falk.b.box(cols=[j]), falk.c.box(rows=[i], cols=[j])
            turns = [SlideBox(self.col_box, col), SlideBox(self.cell_box, target)]
            if n < most:
                old, self.ledger = self.ledger, self._ledger(i, j)
                scene.play(*turns, *([FadeOut(old)] if old else []), run_time=each * 0.5)
                scene.play(
                    FadeIn(self.ledger), Uncover(falk.c.parts([i], [j])), *beside(j), run_time=each * 0.6
                )
            else:
                scene.play(
                    *turns, Uncover(falk.c.parts([i], [j])), *beside(j), run_time=max(0.18, each * 0.4)
                )
        if falk.c.more_cols:
            scene.play(Uncover(falk.c.rest), run_time=theme.QUICK)

    def work_down(self, *, run_time: float = 2.4) -> None:
        """All other rows come up, each with the work of its last cell in the ledger, which stays."""
        scene, falk = self.scene, self.falk
        rest, j = self._others(), falk.c.cols[-1]
        if not rest or len(rest) > MOST_WORKED or self.ledger is None:
            self.sweep(run_time=run_time)
            return
        each = run_time / len(rest)
        scene.until_read(run_time)
        for i in rest:
            old, self.ledger = self.ledger, self._ledger(i, j)
            turns = [SlideBox(self.row_box, falk.a.box(rows=[i]))]
            turns.append(SlideBox(self.cell_box, falk.c.box(rows=[i], cols=[j])))
            scene.play(*turns, FadeOut(old), run_time=each * 0.4)
            scene.play(FadeIn(self.ledger), Uncover(falk.c.parts([i])), run_time=each * 0.6)
        if falk.c.more_rows or falk.c.more_cols:
            scene.play(Uncover(falk.c.rest), run_time=theme.QUICK)

    def clear(self) -> None:
        """Frames and ledger go."""
        boxes = (self.row_box, self.col_box, self.cell_box, self.ledger)
        gone = [FadeOut(m) for m in boxes if m in self.scene.mobjects]
        if gone:
            self.scene.play(*gone, run_time=theme.SHORT)
        self.ledger = None

    def _others(self) -> list[int]:
        """The shown rows but the one in focus."""
        return [i for i in self.falk.c.rows if i != self.i]

    def sweep(self, *, run_time: float = 1.6, beside: Sequence[Animation] = ()) -> None:
        """All other rows come up one after another while the frame slides down A; then the frames go.

        ``beside`` plays at the same time.
        """
        scene = self.scene
        on_stage = [m for m in (self.col_box, self.cell_box, self.ledger) if m in scene.mobjects]
        if on_stage:
            scene.play(*(FadeOut(m) for m in on_stage), run_time=theme.SHORT)
        self.ledger = None
        self.scan([self.falk.c], self._others(), run_time=run_time, beside=beside)

    def scan(
        self,
        products: Sequence[TensorGrid],
        rows: Sequence[int],
        *,
        run_time: float,
        beside: Sequence[Animation] = (),
    ) -> None:
        """The frame slides down some rows of A and the same rows of the products come up; then it goes."""
        scene, a = self.scene, self.falk.a
        if rows:
            first, last = a.box(rows=[rows[0]]), a.box(rows=[rows[-1]])
            if self.row_box in scene.mobjects:
                scene.play(SlideBox(self.row_box, first), run_time=theme.QUICK)
            else:
                scene.play(FadeIn(self.row_box.move_to(first)), run_time=theme.QUICK)
            lines = [[part for c in products for part in c.parts([i])] for i in rows]
            slide = SlideBox(self.row_box, last, rate_func=linear)
            scene.play(slide, Sweep(lines), *beside, run_time=run_time)
        rests = [Uncover(c.rest) for c in products if c.more_rows or c.more_cols]
        gone = [FadeOut(self.row_box)] if self.row_box in scene.mobjects else []
        if rests or gone:
            scene.play(*rests, *gone, run_time=theme.QUICK)

    def _room(self) -> dict[str, Any]:
        """Where the ledger stands: at the right of the layout."""
        return {"left": self.falk.right_edge + 0.45}

    def _ledger(self, i: int, j: int) -> Ledger:
        falk, a, b = self.falk, self.falk.a.tensor, self.falk.b.tensor
        shown = set(falk.a.cols)
        hidden = [a[i, p] * b[p, j] for p in range(a.values.shape[1]) if p not in shown]
        into = falk.c.tensor[i, j]
        bias = falk.bias.tensor[0, j] if falk.bias else None
        ledger = Ledger(
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
            **self._room(),
        )
        return self._centred(ledger)

    def _centred(self, ledger: Ledger) -> Ledger:
        """In the middle of the room at the right; all ledgers of a product stand where the first one does."""
        if self.moved is None:
            self.moved = max(0.0, (CONTENT.right - ledger.xp - 0.2) / 2)
        free = max(0.0, CONTENT.right - 0.08 - ledger.xp)
        return ledger.shift([min(self.moved, free), 0, 0])


class QuickMatMul(MatMul, steps="fast! clear? scan*!"):
    """The device for those who know it."""

    def fast(self, *, run_time: float = 2.4) -> None:
        """One cell with its ledger at a glance, then all rows; the ledger steps back for them and returns."""
        scene, falk, i, j = self.scene, self.falk, self.i, self.falk.c.cols[0]
        self.ledger = self._ledger(i, j)
        boxes = (self.row_box, self.col_box, self.cell_box)
        scene.play(*(FadeIn(m) for m in (*boxes, self.ledger)), run_time=theme.SHORT)
        scene.play(Uncover(falk.c.parts([i], [j])), run_time=theme.SHORT)
        rest = self._others()
        scene.wait(run_time * (0.3 if rest else 0.8) / scene.speed)
        self._row_and_others(rest, run_time * 0.5)

    def _row_and_others(self, rest: Sequence[int], run_time: float) -> None:
        """The frames widen from the cell to its row, then slide together; at the end they show the cell again."""
        scene, falk, i = self.scene, self.falk, self.i
        if not (rest or falk.c.cols[1:]):
            return
        work = (self.ledger, self.col_box)
        wide, cell = falk.c.box(rows=[i]), self.cell_box.copy()
        turns = [SlideBox(self.cell_box, wide), Uncover(falk.c.parts([i], falk.c.cols[1:]))]
        scene.play(*turns, *(FadeOut(m) for m in work if m is not None), run_time=theme.SHORT)
        if rest:
            self._slide_both(rest, run_time)
        boxes = (self.row_box.move_to(falk.a.box(rows=[i])), cell, self.col_box)
        self.cell_box = cell
        counted = [Uncover(falk.c.rest)] if falk.c.more_rows or falk.c.more_cols else []
        back = [FadeIn(m) for m in (*boxes, self.ledger) if m is not None]
        scene.play(*back, *counted, run_time=theme.QUICK)

    def _slide_both(self, rows: Sequence[int], run_time: float) -> None:
        """The frames of the row and of its result go down together."""
        scene, falk = self.scene, self.falk
        pairs = ((self.row_box, falk.a), (self.cell_box, falk.c))
        first = [SlideBox(box, grid.box(rows=[rows[0]])) for box, grid in pairs]
        scene.play(*first, run_time=theme.QUICK)
        down = [SlideBox(box, grid.box(rows=[rows[-1]]), rate_func=linear) for box, grid in pairs]
        scene.play(*down, Sweep([falk.c.parts([r]) for r in rows]), run_time=run_time)
        scene.play(*(FadeOut(box) for box, _ in pairs), run_time=theme.QUICK)
