"""What comes after the answer: the word joins the sentence, and a new place opens if P has a row for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.chapters.output.recap_bars import SENTENCE, RecapAnswer
from tensorreel.visuals.lettering.captions import Saying
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.sentence import Sentence
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

ROW, DROP = 0.4, 0.58  # em of the numbers of the rows of P; below the cards
NAME, BEFORE = 0.46, 0.75  # em of the symbol P, and its way from the first number
JOINS = Text("Then this word joins in, and everything runs again.", "recap.then")
NO_ROW = Text("Then it would join in; but P has no row left for it.", "recap.then")


def has_room(scene: StageScene) -> bool:
    """Whether P has a row for one word more."""
    return len(scene.words) < scene.trace.model.config.n_ctx


def going_on(scene: StageScene) -> Saying:
    """What comes next, as far as P lets it."""
    return Saying(JOINS if has_room(scene) else NO_ROW)


class ThenWhat(Verb, steps="join"):
    """Plays how the answer joins the sentence: every place with its row of P below, the last one crossed out where P has
    none; else the light runs over the map, and a new place opens."""

    def __init__(self, scene: StageScene, answer: RecapAnswer) -> None:
        self.scene, self.answer, self.open = scene, answer, has_room(scene)
        trace, best = scene.trace, answer.bars.best
        words = [*scene.words, trace.model.labels[best]]
        spaces = [*trace.spaces, False] if trace.spaces else []
        self.longer = Sentence(
            words,
            [*trace.tokens, trace.tokens[-1]],
            scene.pen,
            spaces=spaces,
            y=SENTENCE,
            size=SENTENCE,
            open_slot=self.open,
        )
        self.rows = VGroup(*(self._row(k, i) for k, i in enumerate(self.longer.index)))
        first = min(self.rows, key=lambda row: float(row.get_center()[0]))
        self.hue = scene.theme.ink if self.open else scene.theme.accent
        x, y = float(first.get_center()[0]) - BEFORE, float(first.get_center()[1])
        self.name = Formula("bold(P)", scene.pen, size=NAME, color=scene.theme.dim).move_to([x, y, 0])

    def _row(self, k: int, i: int) -> VMobject:
        """The number of a place's row of P, from 0; a cross where there is no such row."""
        pen, x = self.scene.pen, float(self.longer.words[k].get_center()[0])
        if i >= self.scene.trace.model.config.n_ctx:
            return Label("×", pen, size=ROW, color=pen.theme.accent, bold=True).level(
                x, self._row_y, "center"
            )
        number = Numeral(count(i, Count.POSITION, i), pen, decimals=0, size=ROW, color=pen.theme.dim)
        return number.level(x, self._row_y, "center")

    @property
    def _row_y(self) -> float:
        return SENTENCE - self.longer.slot.height / 2 - DROP

    def join(self) -> None:
        """The bars go, the word comes to the others; then the rows of P, and a new place if there is one."""
        scene, longer, answer = self.scene, self.longer, self.answer
        scene.play(*self._joined(), FadeOut(answer.bars, answer.frame), run_time=theme.MEDIUM)
        coming = theme.MEDIUM * (1 + self.open)
        scene.until_read(coming + theme.HOLD_ENTRANCE)
        scene.play(FadeIn(self.name, self.rows), run_time=theme.MEDIUM)
        if self.open:
            stages = scene.architecture.stages
            first, last = (scene.map.station(stage.number) for stage in (stages[0], stages[-1]))
            light = shapes.dot(scene.theme.accent, 0.1).move_to(first)
            scene.play(FadeIn(longer.slot), light.animate.move_to(last), run_time=theme.MEDIUM)

    def _joined(self) -> list[Animation]:
        """Each word on its way to where it stands in the longer sentence; the answer becomes a word like the others,
        where there is room for it."""
        old = dict(zip(self.answer.sentence.index, self.answer.sentence.words, strict=True))
        old[len(self.scene.words)] = self.answer.word
        new = dict(zip(self.longer.index, self.longer.words, strict=True))
        moves: list[Animation] = []
        for i, word in old.items():
            there = new.get(i)
            if there is None or there.text != word.text:
                moves += [FadeOut(word), *([FadeIn(there)] if there is not None else [])]
            else:
                moved = word.animate.scale(there.size / word.size).move_to(there)
                moved = moved.set_color(self.hue) if word is self.answer.word else moved
                moves.append(moved.build())
        moves += [FadeIn(new[i]) for i in new if i not in old]
        rests = self.answer.sentence.rest, self.longer.rest
        return [*moves, *map(FadeOut, rests[0]), *map(FadeIn, rests[1])]
