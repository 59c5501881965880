"""Where a head looks: the words above and below, and lines between them as thick as the attention weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import largest
from tensorreel.visuals.chapters.heads.lanes import INSET, Lane, Readout, chosen
from tensorreel.visuals.lettering.glyphs import Label, Numeral, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.heads import head_tint
from tensorreel.visuals.motion.motions import Fly, swap_fade
from tensorreel.visuals.product.falk import snug
from tensorreel.visuals.stage.scene import StageScene

THICK, THIN = 26.0, 6.0  # line widths of a weight of 1


class Look(VGroup):
    """One row of attention weights in a lane: lines from the token above to the words below, with their digits.

    ``weights`` are those of all lanes, so that every lane shows the same words.
    """

    def __init__(
        self, lane: Lane, weights: Sequence[DisplayTensor], token: int, words: Sequence[str]
    ) -> None:
        super().__init__()
        self.lane, self.pen, self.token = lane, lane.pen, token
        self.weights = next(w for w in weights if w.head == lane.head)
        left, bottom, right, top = lane.area
        aside = 0.0 if lane.tall else lane.tag.width + 0.25
        em = theme.SIZE_NUMBER_MIN + (0.07 if lane.tall else 0.0)
        n, bests = len(words), [int(np.argmax(w.values[token])) for w in weights]
        self.best = int(np.argmax(self.weights.values[token]))
        room = right - left - 2 * INSET - aside
        widest = snug([(w, [token], range(n)) for w in weights], self.pen, em, em).dx + 0.04
        if n > 8:  # not all words fit anyway: keep those that do readable
            widest = max(widest, min(1.1, max(self.pen.width(w, theme.SIZE_LABEL) for w in words) + 0.12))
        most = max(len({*bests, token}), int((room - (0.6 if n * widest > room else 0.0)) / widest))
        self.cols = chosen(n, most, (*bests, token))
        self.step = min(1.25, (room - (0.6 if len(self.cols) < n else 0.0)) / len(self.cols))
        middle = left + INSET + aside + room / 2 - (0.3 if len(self.cols) < n else 0.0)
        self.xs = {j: middle + (k - (len(self.cols) - 1) / 2) * self.step for k, j in enumerate(self.cols)}
        self.top, self.bottom = top - (0.95 if lane.tall else 0.5), bottom + 0.62
        self.lines = self._lines()
        self.names = self._names(words)
        self.numerals = {j: self._numeral(j, em) for j in self.cols}
        self.rest = VGroup()
        if len(self.cols) < n:
            label = more_label(self.pen, "T", n, len(self.cols))
            self.rest.add(label.move_to([self.xs[self.cols[-1]] + self.step / 2 + 0.3, self.bottom - 0.1, 0]))
        self.ring = self._ring()

    def _curve(self, i: int, j: int) -> Any:
        a, b = shapes.at(self.xs[i], self.top - 0.1), shapes.at(self.xs[j], self.bottom + 0.34)
        bend = np.array([0.0, (a[1] - b[1]) * 0.5, 0.0])
        return np.array([a, a - bend, b + bend, b])

    def _lines(self) -> VGroup:
        """Thin lines for every pair of words, strong ones for the token's row."""
        tint, faint = head_tint(self.pen, self.lane.head), self.pen.theme.faint
        values, lines = self.weights.values, VGroup()
        pairs = [(i, j) for i in self.cols if i != self.token for j in self.cols if values[i, j] > 0]
        lines.add(*(shapes.stroke(self._curve(i, j), faint, THIN * values[i, j]) for i, j in pairs))
        own = [(self.token, j) for j in self.cols if values[self.token, j] > 0]
        self.strong = VGroup(
            *(shapes.stroke(self._curve(i, j), tint, max(0.6, THICK * values[i, j])) for i, j in own)
        )
        return lines

    def _names(self, words: Sequence[str]) -> VGroup:
        look, size = self.pen.theme, 0.34 if self.step > 0.95 else 0.33
        names = VGroup()
        for j in self.cols:
            room = self.step - 0.04
            word = shortened(words[j], self.pen, size, room, among=[words[k] for k in self.cols])
            heavy = self.pen.width(word, size, bold=True) <= room
            own = j == self.token
            top = Label(word, self.pen, size=size, color=look.accent if own else look.dim, bold=own and heavy)
            best = j == self.best
            below = Label(
                word, self.pen, size=size, color=look.accent if best else look.ink, bold=best and heavy
            )
            names.add(top.sit(self.xs[j], self.top, "center"), below.sit(self.xs[j], self.bottom, "center"))
        return names

    def _numeral(self, j: int, em: float) -> Numeral:
        number = Numeral(self.weights[self.token, j], self.pen, decimals=self.weights.decimals, size=em)
        return number.sit(self.xs[j], self.bottom - 0.42, "center")

    def _ring(self) -> VMobject:
        """A frame around the word that gets the largest weight, and its digits."""
        height, word = 0.86, self.names[2 * self.cols.index(self.best) + 1]
        width = max(min(self.step, 0.95) - 0.04, word.advance + 0.08)
        frame = shapes.outline(width, height, self.pen.theme.accent, line=3)
        return frame.move_to([self.xs[self.best], self.bottom - 0.06, 0])

    @property
    def parts(self) -> list[VMobject]:
        """All that is on the stage when the look is shown."""
        return [self.lines, self.strong, self.names, self.rest, *self.numerals.values(), self.ring]


def grow_looks(scene: StageScene, looks: Sequence[Look], readouts: Sequence[Readout]) -> None:
    """The weights' digits leave their row and settle under the words; lines as thick as they are grow."""
    scene.until_read(4 * theme.SHORT + theme.MEDIUM)
    flights, rows, held = [], [], []
    for one, readout in zip(looks, readouts, strict=True):
        for j in one.cols:
            if j in readout.grid.cols:
                held.append(readout.grid.numeral(readout.row, j).copy())
                flights.append(Fly(held[-1], one.numerals[j], arc=0.0))
            else:
                rows.append(FadeIn(one.numerals[j]))
    strips = [FadeOut(m) for one in looks for m in (*one.lane.minis[:5], *one.lane.arrows[:2])]
    scene.add(*held)
    scene.play(*strips, *(FadeOut(r) for r in readouts), run_time=theme.SHORT)
    scene.remove(*held)
    scene.play(*flights, *rows, run_time=theme.MEDIUM)
    scene.play(*(FadeIn(one.names, one.lines, one.rest) for one in looks), run_time=theme.SHORT)
    scene.play(*(FadeIn(one.strong) for one in looks), run_time=theme.SHORT)
    scene.play(*(FadeIn(one.ring) for one in looks), run_time=theme.SHORT)


def looked(looks: Sequence[Look]) -> list[Animation]:
    """The looks go and the strips come back."""
    gone = [m for one in looks for m in one.parts if len(m.get_family()) > 1 or len(m.points)]
    return swap_fade(gone, [m for one in looks for m in (*one.lane.minis[:5], *one.lane.arrows[:2])])


def most_telling(weights: Sequence[DisplayTensor]) -> int:
    """The row in which the heads' largest weights fall on the most different words, then weigh most."""
    n = weights[0].values.shape[0]

    def tells(i: int) -> tuple[int, float]:
        bests = {int(np.argmax(w.values[i])) for w in weights}
        return len(bests), sum(largest(w.row(i)).value for w in weights)

    return max(range(n), key=tells)
