"""The look-up as a product: a row of zeros with a single one, whose digits go to the rows of E."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.chapters.embedding.lookup import LookUp
from tensorreel.visuals.chapters.embedding.picking import PickRows
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Numeral, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.motion.motions import Fly
from tensorreel.visuals.motion.order import Verb

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

PITCH, DROP = 0.4, 0.62


class OneHot(VGroup):
    """The one-hot row of the token in focus, under (or above) its entry, and its digits at the rows of E.

    Digits stand for the rows of E that are shown; the zeros of the others are counted.
    """

    def __init__(self, lookup: LookUp) -> None:
        super().__init__()
        self.lookup, self.pen, self.token = lookup, lookup.pen, lookup.tokens[lookup.focus]
        e = lookup.e
        self.column_x = lookup.e_ids[0].get_right()[0] - 0.34
        if lookup.merged:
            self.column_x = max(self.column_x, CONTENT.left + 0.12)
        self.more = e.more_rows
        end = CONTENT.right - 1.5 if lookup.merged else self.column_x - 0.45
        room = end - lookup.list_x - (0.95 if self.more else 0.0)
        self.pitch = min(PITCH, room / len(e.rows))
        self.size = max(theme.SIZE_NUMBER_MIN, min(theme.SIZE_LABEL, self.pitch * 1.1))
        entry = lookup.entries[lookup.x_rows.index(lookup.focus)]
        y = entry.get_center()[1]
        self.y = y - DROP if y - DROP - 0.7 > e.frame.get_bottom()[1] else y + DROP + 0.45
        if lookup.merged:
            self.y = lookup.x.get_bottom()[1] - 0.33
        self.digits = [self._digit(i).move_to([self._x(k), self.y, 0]) for k, i in enumerate(e.rows)]
        self.column = [self._digit(i).move_to([self.column_x, e.row_y(i), 0]) for i in e.rows]
        self.times = [self._times(m) for m in self.column]
        self.add(*self.digits, *self._frame(), self._shape())

    def _x(self, k: float) -> float:
        return self.lookup.list_x + 0.12 + (k + 0.5) * self.pitch

    def _digit(self, i: int) -> Numeral:
        on = i == self.token
        look = self.pen.theme
        return Numeral(
            count(int(on), Count.ONE_HOT, self.token, i),
            self.pen,
            decimals=0,
            size=self.size,
            color=look.accent if on else look.dim,
            bold=on,
        )

    def _times(self, digit: Numeral) -> Sign:
        sign = Sign("×", self.pen, size=self.size, color=self.pen.theme.dim)
        return sign.move_to([self.column_x + 0.32, digit.get_center()[1], 0])

    def _frame(self) -> list[VMobject]:
        hue, tall = self.pen.theme.ink, self.size * 1.5
        end = self._x(len(self.digits) - 0.5) if self.digits else 0.0
        parts: list[VMobject] = []
        if self.more:
            label = more_label(self.pen, "V", len(self.lookup.vocabulary), len(self.digits))
            parts.append(stand(label, left=end + 0.1, y=self.y))
            end += 0.2 + label.width
        start = self._x(-0.5)
        frame = shapes.brackets(end - start + 0.08, tall, hue, line=2.5)
        return [*stand(frame, x=(start + end) / 2, y=self.y), *parts]

    def _shape(self) -> VGroup:
        """1×V under the row."""
        pen, look, size = self.pen, self.pen.theme, 0.32
        n = len(self.lookup.vocabulary)
        one = Numeral(count(1, Count.ROW), pen, decimals=0, size=size)
        times = Sign("×", pen, size=size, color=look.dim)
        many = Numeral(count(n, Count.SIZE, "V"), pen, decimals=0, size=size, color=look.dims["V"])
        write((one, times, many), 0.0, 0.0, 0.02)
        shape = VGroup(one, times, many)
        if self.lookup.merged:
            return stand(shape, right=CONTENT.right - 0.1, y=self.y)
        middle = (self._x(-0.5) + self._x(len(self.digits) - 0.5)) / 2
        return stand(shape, x=middle, y=self.y - self.size * 0.75 - 0.3)


class Select(Verb, steps="play!"):
    """Plays the one-hot product: the row comes up, its digits go to the rows of E, all rows but one step back."""

    def __init__(self, scene: StageScene, pick: PickRows, hot: OneHot) -> None:
        self.scene, self.pick, self.hot = scene, pick, hot

    def play(self) -> None:
        """The whole beat."""
        scene, hot, lookup = self.scene, self.hot, self.hot.lookup
        k = lookup.x_rows.index(lookup.focus)
        others = [entry for n, entry in enumerate(lookup.entries) if n != k]
        gone = [] if lookup.merged else [FadeOut(m) for m in [*others, lookup.rest]]
        scene.play(*gone, FadeIn(hot), run_time=theme.SHORT)
        scene.play(*(FadeOut(m) for m in lookup.e_ids), run_time=theme.QUICK)
        flights = [Fly(a, b, arc=0.1) for a, b in zip(hot.digits, hot.column, strict=True)]
        scene.until_read(theme.MEDIUM + theme.QUICK + 2 * theme.SHORT)
        scene.play(*flights, run_time=theme.MEDIUM)
        scene.play(FadeIn(*hot.times), run_time=theme.QUICK)
        self.pick.others_than(hot.token, run_time=theme.SHORT)
        frames = [lookup.e.box(rows=[hot.token]), lookup.x.box(rows=[lookup.focus])]
        scene.play(*(FadeIn(f) for f in frames), run_time=theme.SHORT)
