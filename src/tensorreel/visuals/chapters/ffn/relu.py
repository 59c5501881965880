"""ReLU as it is seen: one token's values drop onto the curve's axis, rise to it, and the row is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut, LaggedStart, VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.ffn.relu_curve import (
    Inputs,
    OnOff,
    ReluCurve,
    Ride,
    RowCounts,
    Units,
    hollow_out,
    is_on,
)
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.badge import TurningBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.shading import ranged
from tensorreel.visuals.motion.motions import Cover, Fly, SlideBox, Uncover
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST_DOTS = 300  # above this only the units whose digits are shown become dots
CURVE_WIDTH, COUNTS, APART = 5.6, 0.95, 0.25  # and between wide counts and the curve


class Rectify(Verb, steps="open place! rise! others!"):
    """Plays ReLU on the result of a product, slowly on its row in focus.

    ``falk.c`` holds the sums before ReLU; ``after`` is the stage's output. ``out`` is its grid at the end.
    """

    def __init__(self, scene: StageScene, falk: Falk, after: DisplayTensor) -> None:
        self.scene, self.falk, self.after = scene, falk, after
        self.pre, self.i = falk.c, falk.focus
        self.step = self._placement()
        self.out = self._output(after)
        self.counts = RowCounts(self.out, scene.pen, x=self.out.get_right()[0] + 0.18)
        left = max(self.out.get_right()[0] + COUNTS + 0.35, self.counts.get_right()[0] + APART)
        self.curve = ReluCurve(
            self.pre.tensor,
            scene.pen,
            left=left,
            right=CONTENT.right,
            top=CONTENT.top - 0.1,
            bottom=CONTENT.bottom,
        )
        n = after.values.shape[1]
        self.units_shown = list(range(n)) if n <= MOST_DOTS else list(self.pre.cols)
        self.note: OnOff | None = None

    # ---- geometry -------------------------------------------------------------------------------
    def _placement(self) -> tuple[float, float, float]:
        """Where the sums move to, (x, y, scale), so that the curve has room at the right."""
        c, aside = self.pre, CURVE_WIDTH + COUNTS + 0.35
        tall = CONTENT.height - 0.3
        scale = min((CONTENT.width - aside) / c.width, tall / c.height, theme.SIZE_NUMBER * 1.12 / c.pitch.em)
        scale = max(scale, theme.SIZE_NUMBER_MIN / c.pitch.em)
        return CONTENT.left + 0.1 + c.width * scale / 2, CONTENT.y, scale

    def _output(self, after: DisplayTensor) -> TensorGrid:
        """The output's grid where the sums will stand, same window, hidden."""
        c = self.pre
        x, y, scale = self.step
        grid = TensorGrid(
            after,
            self.scene.pen,
            c.pitch,
            rows=c.rows,
            cols=c.cols,
            row_names=self.falk.names,
            names_at="right",
            badge="below",
        )
        hollow_out(grid).scale(scale)
        middle = np.array([x, y, 0.0]) + (c.shades.get_center() - c.get_center()) * scale
        grid.shift(middle - grid.shades.get_center())
        ranged(grid.badge, after, self.scene.pen, most=grid.frame.width)
        return grid

    # ---- time -----------------------------------------------------------------------------------
    def open(self) -> None:
        """The operands go, the sums move aside, the curve is drawn."""
        scene, falk = self.scene, self.falk
        x, y, scale = self.step
        gone = [FadeOut(m) for m in (falk.a, falk.b, falk.bias) if m is not None]
        scene.play(*gone, run_time=theme.SHORT)
        scene.play(self.pre.animate.scale(scale).move_to([x, y, 0]), run_time=theme.MEDIUM)
        scene.play(FadeIn(self.curve), run_time=theme.SHORT)
        self.out.hide()
        scene.add(self.out.shades, self.out.numerals)

    def _row(self, i: int) -> list[Quantity]:
        return [self.pre.tensor[i, j] for j in self.units_shown]

    def place(self) -> None:
        """The row's digits drop under the x-axis, and each unit stands on it at its own value."""
        scene, i = self.scene, self.i
        row = self._row(i)
        self.box = self.pre.box(rows=[i], color=scene.theme.accent)
        self.inputs = Inputs(self.curve, row, scene.pen, decimals=self.pre.tensor.decimals)
        self.units = Units(self.curve, [q.value for q in row])
        scene.play(FadeIn(self.box), run_time=theme.QUICK)
        seen = [(n, j) for n, j in zip(self.inputs.numerals, self.units_shown, strict=False)]
        flights = [Fly(self.pre.numeral(i, j), n, arc=0.1) for n, j in seen if j in self.pre.cols]
        others = [FadeIn(n) for n, j in seen if j not in self.pre.cols]
        scene.play(LaggedStart(*flights, *others, lag_ratio=0.4), run_time=theme.LONG)
        scene.play(FadeIn(self.inputs.leaders), FadeIn(self.units), run_time=theme.SHORT)

    def rise(self) -> None:
        """Units rise to the curve; those below zero stay flat and go hollow, and so do their cells."""
        scene, i = self.scene, self.i
        scene.until_read(theme.LONG + 2 * theme.SHORT)
        off = [n for n in self.inputs.numerals if not is_on(n.quantity.value)]
        scene.play(Ride(self.units, self.units.xs), run_time=theme.LONG)
        dimmed = [n.animate.set_color(scene.theme.dim) for n in off]
        scene.play(*self._rewrite(i), *dimmed, *self._name(), run_time=theme.SHORT)
        self.note = OnOff(scene.words[i], self.pre.tensor.row(i), self.curve)
        scene.play(FadeIn(self.note), FadeIn(self.counts.head, self.counts.rows[i]), run_time=theme.SHORT)

    def _name(self) -> list[Animation]:
        """With the first row the badge says that rows turn from sums into what ReLU leaves of them."""
        old = self.pre.badge
        self.pre.remove(old)
        self.badge = TurningBadge(self.pre.tensor, self.after, self.scene.pen, self.pre.frame.width)
        self.scene.add(old)
        return [FadeOut(old), FadeIn(self.badge.in_place_of(old))]

    def _rewrite(self, i: int) -> list[Cover | Uncover]:
        """The row's sums give way to what ReLU leaves of them."""
        return [Cover(self.pre.parts([i])), Uncover(self.out.parts([i]))]

    def others(self, *, run_time: float = 3.6) -> None:
        """The other rows ride along the curve, one after another; then the matrix bears its new name."""
        scene = self.scene
        rest = [i for i in self.pre.rows if i != self.i]
        scene.play(FadeOut(self.inputs), run_time=theme.QUICK)
        each = min(1.1, max(0.4, run_time / max(1, len(rest))))
        for i in rest:
            self._next(i, each)
        gone = [self.box, self.pre.frame, self.pre.row_names, self.pre.rest, self.badge]
        fresh: Sequence[VGroup] = (self.out.frame, self.out.row_names, self.out.rest, self.out.badge)
        scene.remove(self.pre)
        scene.add(*gone)
        scene.play(*(FadeOut(m) for m in gone), *(FadeIn(m) for m in fresh), run_time=theme.SHORT)
        scene.remove(self.out.shades, self.out.numerals, *fresh)
        scene.add(self.out)

    def _next(self, i: int, each: float) -> None:
        scene, old = self.scene, self.note
        xs = [q.value for q in self._row(i)]
        self.note = OnOff(scene.words[i], self.pre.tensor.row(i), self.curve)
        turn = [SlideBox(self.box, self.out.box(rows=[i])), Ride(self.units, xs)]
        scene.play(*turn, *([FadeOut(old)] if old else []), run_time=each * 0.55)
        scene.play(*self._rewrite(i), FadeIn(self.note, self.counts.rows[i]), run_time=each * 0.45)
