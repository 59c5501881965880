"""The answer: the sentence with its next word, and the two likeliest words called out on the bar of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import FadeIn, VGroup, VMobject

from tensorreel.visuals.layout.placing import middles, stand, write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import ELLIPSIS, Label, Numeral, Pen, shortened
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.motions import Fly
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.shares import segment_mark
from tensorreel.visuals.shares.softmax import Softmax
from tensorreel.visuals.shares.softmax_sheet import STACK_HEIGHT, Y_STACK, Bench

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

SENTENCE_Y, CALL_Y = 0.85, -1.12
BOX, GAP, WORD_MAX = 0.95, 0.14, 2.6


class OpenSentence(VGroup):
    """The words so far in boxes, and an open place for the next word; a gloss may stand under it."""

    def __init__(
        self, words: Sequence[str], answer: str, gloss: str, pen: Pen, among: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.words, size = VGroup(), 0.58
        answer = shortened(answer, pen, size, WORD_MAX, bold=True, among=among)
        room = CONTENT.width - (pen.width(answer, size, bold=True) + 0.5) - 0.6
        shown = _last_that_fit(
            [shortened(w, pen, size, WORD_MAX, among=words) for w in words], pen, size, room
        )
        widths = [pen.width(word, size) + 0.4 for word in shown]
        width = pen.width(answer, size, bold=True) + 0.5
        *places, last = middles([*widths, width], [*[GAP] * (len(shown) - 1), GAP + theme.NAME])
        for word, wide, x in zip(shown, widths, places, strict=True):
            place = shapes.panel(wide, BOX, pen.theme.panel)
            label = Label(word, pen, size=size).level(x, SENTENCE_Y, "center")
            self.words.add(stand(place, x=x, y=SENTENCE_Y), label)
        corners = [
            (-width / 2, -BOX / 2),
            (-width / 2, BOX / 2),
            (width / 2, BOX / 2),
            (width / 2, -BOX / 2),
            (-width / 2, -BOX / 2),
        ]
        self.place = shapes.stroke(shapes.dashed(corners, (0.12, 0.08)), pen.theme.accent, 3)
        stand(self.place, x=last, y=SENTENCE_Y)
        self.answer = Label(answer, pen, size=size, color=pen.theme.accent, bold=True)
        self.answer.level(last, SENTENCE_Y, "center")
        self.gloss = VGroup()
        if gloss:
            label = Label(shortened(gloss, pen, 0.4, WORD_MAX), pen, size=0.4, color=pen.theme.dim)
            self.gloss.add(label.sit(last, SENTENCE_Y - BOX / 2 - 0.5, "center"))
        self.add(self.words, self.place, self.answer, self.gloss)
        if runs_left(" ".join(words)):
            self._turn()

    def _turn(self) -> None:
        """The other way round: each box with what is in it, and the open place with what belongs to it."""
        places, labels = self.words[::2], self.words[1::2]
        groups = [VGroup(*pair) for pair in zip(places, labels, strict=True)]
        groups.append(VGroup(self.place, self.answer, self.gloss))
        for group in groups:
            group.shift([-2 * group[0].get_center()[0], 0, 0])


def _last_that_fit(words: Sequence[str], pen: Pen, size: float, room: float) -> list[str]:
    """The last words that fit, with an ellipsis before them where some are left out."""
    kept: list[str] = []
    for k, word in enumerate(reversed(words)):
        more = 0.0 if k == len(words) - 1 else pen.width(ELLIPSIS, size) + 0.4 + GAP
        if sum(pen.width(w, size) + 0.4 + GAP for w in [*kept, word]) + more > room:
            return [ELLIPSIS, *reversed(kept)]
        kept.append(word)
    return list(reversed(kept))


class Callouts(VGroup):
    """Word and probability of the two likeliest entries over their segments, pushed apart where they would touch."""

    def __init__(self, bench: Bench, best: Sequence[int], pen: Pen) -> None:
        super().__init__()
        looks = [(0.46, pen.theme.accent, True), (0.36, pen.theme.ink, False)]
        groups = [self._call(bench, k, pen, *look) for k, look in zip(best, looks, strict=False)]
        places = [bench.stack.segment(k) for k in best]
        self.words = [g[0] for g in groups]
        for group, x, segment in zip(groups, _apart(groups, places), places, strict=True):
            stand(group, x=x)
            top = Y_STACK + STACK_HEIGHT / 2 + 0.06
            line = shapes.polyline((x, CALL_Y - 0.14), (segment.get_center()[0], top))
            self.add(group, shapes.stroke(line, group[1].get_fill_color().to_hex(), 2.5))
        self.marks = VGroup(
            *(segment_mark(bench.stack, k, look[1]) for k, look in zip(best, looks, strict=False))
        )

    def _call(self, bench: Bench, k: int, pen: Pen, size: float, color: str, bold: bool) -> VGroup:
        among = [bench.row.names[j] for j in bench.kept]
        name = shortened(bench.row.names[k], pen, size, 2.4, bold=bold, among=among)
        word = Label(name, pen, size=size, color=color, bold=bold)
        number = Numeral(
            bench.row.shares[k], pen, decimals=bench.row.decimals[1], size=size, color=color, bold=bold
        )
        write((word, number), 0.0, CALL_Y, 2 * theme.WORDS)
        return VGroup(word, number)


def _apart(groups: Sequence[VGroup], places: Sequence[VMobject]) -> list[float]:
    """Middles of the callouts: over their segments, moved apart and into the frame where needed."""
    xs = [float(p.get_center()[0]) for p in places]
    if len(xs) == 2:
        need = (groups[0].width + groups[1].width) / 2 + 0.4
        lack, way = max(0.0, need - abs(xs[0] - xs[1])), 1 if xs[0] >= xs[1] else -1
        xs = [xs[0] + way * lack / 2, xs[1] - way * lack / 2]
        over = max(0.0, max(x + g.width / 2 for x, g in zip(xs, groups, strict=True)) - CONTENT.right)
        under = max(0.0, CONTENT.left - min(x - g.width / 2 for x, g in zip(xs, groups, strict=True)))
        xs = [x - over + under for x in xs]
    return xs


class NextWordAnswer(Verb, steps="ask answer!"):
    """Plays the answer of a softmax: the callouts rise from its bar, the likeliest word flies into the open place."""

    def __init__(self, scene: StageScene, softmax: Softmax, words: Sequence[str], gloss: str) -> None:
        self.scene, self.softmax, bench = scene, softmax, softmax.bench
        order = sorted(bench.kept, key=lambda k: (-bench.row.shares[k].value, k))[:2]
        self.callouts = Callouts(bench, order, scene.pen)
        names = [bench.row.names[k] for k in bench.kept]
        self.sentence = OpenSentence(words, bench.row.names[order[0]], gloss, scene.pen, names)

    def ask(self) -> None:
        """The bench is cleared but for its bar; the sentence and the open place."""
        self.scene.play(*self.softmax.clear(keep=self.softmax.bench.ruler), run_time=theme.SHORT)
        self.scene.play(FadeIn(self.sentence.words), FadeIn(self.sentence.place), run_time=theme.SHORT)

    def answer(self) -> None:
        """The two likeliest words, then the first one in its place. All of it is on the bench now."""
        scene, s, c = self.scene, self.sentence, self.callouts
        scene.until_read(2 * theme.MEDIUM)
        scene.play(FadeIn(c), FadeIn(c.marks), run_time=theme.MEDIUM)
        scene.play(Fly(c.words[0], s.answer), FadeIn(s.gloss), run_time=theme.MEDIUM)
        shown = [s.words, s.place, s.answer, s.gloss, c, c.marks]
        self.softmax.on += [self.softmax.bench.ruler, *shown]
