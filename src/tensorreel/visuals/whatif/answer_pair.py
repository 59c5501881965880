"""What a change does to the answer: two words, each with its real probability and the one that comes out now."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup, VMobject

from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.shares.bars import THIN, bar

WIDE, GAP, SLOT = 0.56, 0.18, 1.5  # a bar, between the two of a word, and a word's least room
AIR = 0.12  # between two numbers that ask for more
TALLEST, NUMBER, WORD = 2.1, 0.36, 0.4


class AnswerPair(VGroup):
    """Around x = 0, on a base line at y = 0: for each of some words the real bar, hollow, and the new one, filled.

    ``real`` and ``new`` are the last rows' bars, ``real_numbers`` and ``new_numbers`` stand on them.
    """

    def __init__(
        self,
        before: DisplayTensor,
        after: DisplayTensor,
        words: Sequence[int],
        labels: Sequence[str],
        pen: Pen,
    ) -> None:
        super().__init__()
        self.pen, self.hue = pen, pen.theme.role(before.role)
        self.real, self.new, self.names = VGroup(), VGroup(), VGroup()
        self.real_numbers, self.new_numbers = VGroup(), VGroup()
        self.highest = max(float(p.values[-1, k]) for p in (before, after) for k in words)
        self.apart = self._apart(before, after, words)
        self.slot = max(SLOT, 2 * self.apart)
        for n, k in enumerate(words):
            x = (n - (len(words) - 1) / 2) * self.slot
            self._of(x, before, k, self.real, self.real_numbers, new=False)
            self._of(x, after, k, self.new, self.new_numbers, new=True)
            text = shortened(labels[k], pen, WORD, self.slot - 0.15, among=[labels[j] for j in words])
            self.names.add(Label(text, pen, size=WORD).sit(x, -0.44, "center"))
        self.add(self.real, self.real_numbers, self.new, self.new_numbers, self.names)

    @property
    def as_it_is(self) -> list[VMobject]:
        """What is there before the new bars grow."""
        return [self.real, self.real_numbers, self.names]

    def _of(self, x: float, p: DisplayTensor, k: int, bars: VGroup, numbers: VGroup, *, new: bool) -> None:
        """One bar with its number, to the left or to the right of a word's middle."""
        x += self.apart / 2 * (1 if new else -1)
        number = self._number(p, k, new=new)
        height = self._height(p, k)
        bars.add(stand(self._bar(height, new), x=x, bottom=0.0))
        numbers.add(number.sit(x, height + 0.12, "center"))

    def _apart(self, before: DisplayTensor, after: DisplayTensor, words: Sequence[int]) -> float:
        """From the middle of a word's first bar to that of its second: farther only where their numbers would meet."""
        side_by_side = [
            (self._number(before, k, new=False).advance + self._number(after, k, new=True).advance) / 2
            for k in words
            if abs(self._height(before, k) - self._height(after, k)) < NUMBER
        ]
        return max([WIDE + GAP, *(most + AIR for most in side_by_side)])

    def _number(self, p: DisplayTensor, k: int, *, new: bool) -> Numeral:
        color = self.hue if new else self.pen.theme.dim
        return Numeral(p[-1, k], self.pen, decimals=p.decimals, size=NUMBER, color=color, bold=new)

    def _height(self, p: DisplayTensor, k: int) -> float:
        return max(THIN, TALLEST * float(p.values[-1, k]) / self.highest)

    def _bar(self, height: float, new: bool) -> VMobject:
        if new:
            return bar(WIDE, height, self.pen, self.hue)
        return shapes.outline(WIDE, height, self.pen.theme.dim, radius=0.04, line=2)


def ghostly(grid: TensorGrid, pen: Pen) -> TensorGrid:
    """The same matrix, dim: it is what really is, while something else is looked at."""
    grounds = {id(part) for part in grid.shades.get_family()}
    for part in grid.family_members_with_points():
        if part.get_fill_opacity():
            faded = 0.4 if id(part) in grounds else 1.0
            part.set_fill(pen.theme.dim, opacity=faded * part.get_fill_opacity())
        if part.get_stroke_width():
            part.set_stroke(pen.theme.dim, opacity=0.6)
    return grid
