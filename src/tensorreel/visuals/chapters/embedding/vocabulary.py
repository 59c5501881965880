"""The vocabulary in one line: every word the model may answer with."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from tensorreel.visuals.layout.largest import window
from tensorreel.visuals.layout.placing import middles, stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Pen, shortened
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.words.glosses import meant

MOST, GAP = 12, 0.16
WORD, MEANING = 0.46, 0.33


class VocabularyRow(VGroup):
    """A small card for every word (of a large vocabulary the first ones, the rest counted), centred at ``y``."""

    def __init__(
        self, words: Sequence[str], pen: Pen, *, glosses: Sequence[str] = (), y: float = -1.9
    ) -> None:
        super().__init__()
        shown = window(len(words), MOST)
        more = len(words) - len(shown)
        meaning = meant(words, glosses, pen.lang)
        room = CONTENT.width - 0.1 - (1.0 if more else 0.0)
        most = room / len(shown) - GAP
        widths = [self._width(words[i], meaning[i], pen) for i in shown]
        if sum(widths) + GAP * (len(shown) - 1) > room:
            widths = [most] * len(shown)
        total = sum(widths) + GAP * (len(shown) - 1)
        left = -total / 2 - (0.5 if more else 0.0)
        self.cards = []
        for i, width, x in zip(shown, widths, middles(widths, GAP, left), strict=True):
            card = self._card(words[i], meaning[i], pen, width, [words[k] for k in shown])
            self.cards.append(card.shift(shapes.at(x, y)))
        self.more = VGroup()
        if more:
            label = more_label(pen, "V", len(words), len(shown))
            self.more.add(stand(label, x=left + total + 0.55, y=y))
        self.add(*self.cards, self.more)

    @staticmethod
    def _width(word: str, gloss: str, pen: Pen) -> float:
        return max(0.8, pen.width(word, WORD) + 0.26, pen.width(gloss, MEANING) + 0.26)

    def _card(self, word: str, gloss: str, pen: Pen, width: float, among: Sequence[str]) -> VGroup:
        look, tall = pen.theme, 1.1 if gloss else 0.75
        ground = shapes.panel(width, tall, look.panel, radius=0.1)
        size = WORD
        label = Label(shortened(word, pen, size, width - 0.12, among=among), pen, size=size)
        label.sit(0, 0.1 if gloss else -0.36 * size, "center")
        card = VGroup(ground, label)
        if gloss:
            text = shortened(gloss, pen, MEANING, width - 0.06)
            card.add(Label(text, pen, size=MEANING, color=look.dim).sit(0, -0.4, "center"))
        return card
