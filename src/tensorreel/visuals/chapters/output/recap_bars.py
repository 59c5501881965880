"""The answer: a bar for every word's probability, and the likeliest word in the open place of the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.captions import meaning_of
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.motion.motions import Fly, SlideBox
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.sentence import Sentence
from tensorreel.words.glosses import meant

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST, TALLEST, BASE = 12, 1.35, -1.75
SENTENCE = 0.95  # its height on the stage, and the size of its words
WORD, LEAST, MEANING = 0.42, 0.34, 0.33


class AnswerBars(VGroup):
    """The last row of p as bars over their words, in the vocabulary's order; of many words the likeliest.

    ``base`` is the height of the line that the bars stand on.
    """

    def __init__(
        self,
        p: DisplayTensor,
        words: Sequence[str],
        pen: Pen,
        *,
        glosses: Sequence[str] = (),
        base: float = BASE,
    ) -> None:
        super().__init__()
        self.pen, self.base = pen, base
        values = p.values[-1]
        self.best = int(np.argmax(values))
        meaning = meant(words, glosses, pen.lang)
        self.meaning = meaning_of(meaning[self.best], pen)  # as a caption adds it to the word
        order = np.argsort(-values)[: MOST if len(words) <= MOST else MOST - 1]
        self.index = sorted(int(i) for i in order)
        self.shown = [words[i] for i in self.index]
        more = len(words) - len(self.index)
        self.slot = min(1.64, (CONTENT.width - (0.9 if more else 0.0)) / len(self.index))
        self.bars, self.words, self.numbers, self.others = VGroup(), VGroup(), VGroup(), VGroup()
        for k, i in enumerate(self.index):
            x = (k - (len(self.index) - 1) / 2) * self.slot - (0.45 if more else 0.0)
            self._column(i, x, TALLEST * values[i] / values[self.best], words[i], meaning[i], p)
        if more:
            edge = edges(self.words[-1]).x + self.slot / 2 + 0.5
            label = more_label(pen, "V", len(words), len(self.index))
            self.others.add(stand(label, x=edge, y=base - 0.35))
        self.add(self.bars, self.words, self.numbers, self.others)

    def _column(self, i: int, x: float, height: float, word: str, gloss: str, p: DisplayTensor) -> None:
        pen, look, best = self.pen, self.pen.theme, i == self.best
        hue = look.role("prob")
        bar = shapes.panel(
            self.slot * 0.56, max(height, 0.02), hue, radius=0.05, opacity=0.95 if best else 0.45
        )
        self.bars.add(stand(bar, x=x, bottom=self.base))
        number = Numeral(
            p[len(p.values) - 1, i],
            pen,
            decimals=p.decimals,
            size=0.4 if best else 0.3,
            color=hue if best else look.dim,
            bold=best,
        )
        self.numbers.add(number.sit(x, self.base + height + 0.1, "center"))
        size = max(LEAST, min(WORD, WORD * (self.slot - 0.1) / pen.width(word, WORD, bold=best)))
        text = shortened(word, pen, size, self.slot - 0.1, bold=best, among=self.shown)
        label = Label(text, pen, size=size, bold=best).sit(x, self.base - 0.42, "center")
        self.words.add(label)
        if gloss:
            meaning = shortened(gloss, pen, MEANING, self.slot - 0.06)
            self.others.add(
                Label(meaning, pen, size=MEANING, color=look.dim).sit(x, self.base - 0.8, "center")
            )

    def flat(self) -> list[VMobject]:
        """The bars before they have grown."""
        return [stand(b.copy().stretch(0.02, 1), y=self.base) for b in self.bars]


class RecapAnswer(Verb, steps="ask grow! fill!"):
    """Plays the answer: the sentence with its open place, bars grow, then the likeliest word goes there."""

    def __init__(self, scene: StageScene, bars: AnswerBars) -> None:
        self.scene, self.bars, trace = scene, bars, scene.trace
        self.sentence = Sentence(
            scene.words, trace.tokens, scene.pen, spaces=trace.spaces, y=SENTENCE, size=SENTENCE
        )

    def ask(self, *gone: Animation) -> None:
        """The sentence comes, and its open place, while what was there goes."""
        s = self.sentence
        self.scene.play(*gone, FadeIn(*s.words, s.rest, s.slot), run_time=theme.SHORT)

    def grow(self, *, run_time: float = theme.LONG) -> None:
        """Words and flat bars come up; the bars grow to their heights and get their numbers."""
        scene, bars = self.scene, self.bars
        flat = bars.flat()
        scene.play(FadeIn(bars.words, bars.others, *flat), run_time=run_time * 0.3)
        grow = [SlideBox(f, b) for f, b in zip(flat, bars.bars, strict=True)]
        scene.play(*grow, FadeIn(bars.numbers), run_time=run_time * 0.7)
        scene.remove(*flat)
        scene.add(bars)

    def fill(self, *, run_time: float = theme.MEDIUM) -> None:
        """A copy of the likeliest word flies into the dashed box; its question mark goes."""
        scene, bars, slot = self.scene, self.bars, self.sentence.slot
        scene.until_read(run_time + theme.SHORT)
        word = bars.words[bars.index.index(bars.best)]
        self.frame, self.word = self.sentence.answered(scene.trace.model.labels[bars.best], bars.shown)
        scene.play(FadeOut(slot[1]), Fly(word, self.word), run_time=run_time)
        scene.play(FadeOut(slot[0]), FadeIn(self.frame), run_time=theme.SHORT)
