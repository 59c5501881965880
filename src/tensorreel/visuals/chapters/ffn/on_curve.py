"""An activation as it is seen: one token's values drop onto the curve's axis, move to it, and the row is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from manim import Animation, FadeIn, FadeOut, LaggedStart, VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.ffn.curve import Activation, Curve, Inputs, Ride, Units
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.captions import Saying
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.badge import TurningBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.shading import ranged
from tensorreel.visuals.motion.motions import Cover, Fly, SlideBox, Uncover
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST_DOTS = 300  # above this only the units whose digits are shown become dots
CURVE_WIDTH, APART = 5.6, 0.35  # of the curve, and what is between it and the matrix


BECOMES = Text("{word}: {a} becomes {b}, {c} becomes {d}.", "ffn_hidden.others")


class OnCurve(Verb, steps="open place! rise! others!"):
    """Plays an activation on the result of a product, slowly on its row in focus.

    ``falk.c`` holds the sums before it; ``after`` is the stage's output. ``out`` is its grid at the end. ``counts``
    is the room beside the matrix for what is said of each row.
    """

    counted: ClassVar[float] = 0.0

    def __init__(self, scene: StageScene, falk: Falk, after: DisplayTensor, activation: Activation) -> None:
        self.scene, self.falk, self.after = scene, falk, after
        self.pre, self.i = falk.c, falk.focus
        self.step = self._placement()
        self.out = self._output(after)
        self.curve = Curve(
            activation,
            self.pre.tensor,
            scene.pen,
            left=self._beside(),
            right=CONTENT.right,
            top=CONTENT.top - 0.1,
            bottom=CONTENT.bottom,
        )
        n = after.values.shape[1]
        self.units_shown = list(range(n)) if n <= MOST_DOTS else list(self.pre.cols)

    # ---- geometry -------------------------------------------------------------------------------
    def _placement(self) -> tuple[float, float, float]:
        """Where the sums move to, (x, y, scale), so that the curve has room at the right."""
        c, aside = self.pre, CURVE_WIDTH + self.counted + APART
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
        self._dressed(grid).scale(scale)
        middle = np.array([x, y, 0.0]) + (c.shades.get_center() - c.get_center()) * scale
        grid.shift(middle - grid.shades.get_center())
        ranged(grid.badge, after, self.scene.pen, most=grid.frame.width)
        return grid

    def _dressed(self, grid: TensorGrid) -> TensorGrid:
        return grid

    def _beside(self) -> float:
        """Where the curve begins, behind the matrix and what is said of its rows."""
        return float(self.out.get_right()[0]) + self.counted + APART

    # ---- what goes with a row ---------------------------------------------------------------------
    def _noted(self, i: int) -> Sequence[VGroup]:
        """What comes with a row that has been rewritten."""
        return ()

    def _forgotten(self) -> Sequence[VGroup]:
        """What goes before the next row."""
        return ()

    def _fade(self) -> list[Animation]:
        """What becomes of the inputs' digits."""
        return []

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

    @property
    def ends(self) -> list[tuple[int, int]]:
        """Where the least and the greatest sum of the slow row stand, of those that show digits."""
        row, cols = self.pre.tensor.values[self.i], self.pre.cols
        return [(self.i, min(cols, key=lambda j: row[j])), (self.i, max(cols, key=lambda j: row[j]))]

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
        """Units move to the curve, and the row's sums give way to what it makes of them."""
        scene, i = self.scene, self.i
        scene.until_read(theme.LONG + 2 * theme.SHORT)
        scene.play(Ride(self.units, self.units.xs), run_time=theme.LONG)
        scene.play(*self._rewrite(i), *self._fade(), *self._name(), run_time=theme.SHORT)
        if noted := self._noted(i):
            scene.play(*map(FadeIn, noted), run_time=theme.SHORT)

    def _name(self) -> list[Animation]:
        """With the first row the badge says that rows turn from sums into what is made of them."""
        old = self.pre.badge
        self.pre.remove(old)
        self.badge = TurningBadge(self.pre.tensor, self.after, self.scene.pen, self.pre.frame.width)
        self.scene.add(old)
        return [FadeOut(old), FadeIn(self.badge.in_place_of(old))]

    def _rewrite(self, i: int) -> list[Cover | Uncover]:
        """The row's sums give way to what is made of them."""
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
        scene, old = self.scene, self._forgotten()
        xs = [q.value for q in self._row(i)]
        new = self._noted(i)
        turn = [SlideBox(self.box, self.out.box(rows=[i])), Ride(self.units, xs)]
        scene.play(*turn, *map(FadeOut, old), run_time=each * 0.55)
        scene.play(*self._rewrite(i), *([FadeIn(*new)] if new else []), run_time=each * 0.45)


def softened(bend: OnCurve) -> Saying:
    """What an activation has made of the least and of the greatest sum of a word."""
    before, after = bend.pre.tensor, bend.after
    found = [(t[place], t.decimals) for place in bend.ends for t in (before, after)]
    return Saying(BECOMES, {"word": bend.scene.spoken(bend.i), **dict(zip("abcd", found, strict=True))})
