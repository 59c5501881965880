"""The sentence: its words in large type, the cut into tokens, ids, meanings, and the open place at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from manim import FadeIn, LaggedStart, Transform, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.layout.largest import largest_that_fits
from tensorreel.visuals.layout.placing import between, middles, stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.motion.order import Verb
from tensorreel.words.glosses import meant

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST, SMALLEST = 1.4, 0.36
CUT = 0.36  # what a cut opens between two tokens
GLOSS = 0.36
BOX = 1.42  # height of a card, in em of its word
ALONE, UNDER_MAP = 0.5, 0.9  # the height of a sentence on an empty stage, and under the map
AGAIN = (0.0, 0.9)  # where it stands whole again
MOST = 9  # words in full; of longer sentences the first ones and the last


class Sentence(VGroup):
    """Words on one line, centred, in the direction they are read in; ``open_slot`` adds a dashed box with a question
    mark behind them.

    ``spaces`` says behind which words a space stands (``Trace.spaces``; none where it is left out).
    ``.words``, ``.glosses`` (what they mean), ``.ids`` and ``.cards`` go together by index; ``cut``
    gives the shifts that open the gaps. Ids and cards are not part of the group: a verb brings them in.
    """

    def __init__(
        self,
        words: Sequence[str],
        tokens: Sequence[int],
        pen: Pen,
        *,
        glosses: Sequence[str] = (),
        spaces: Sequence[bool] = (),
        y: float = 0.0,
        size: float = LARGEST,
        open_slot: bool = True,
    ) -> None:
        super().__init__()
        self.pen, self.y, self.turned, self.open_slot = pen, y, runs_left(" ".join(words)), open_slot
        self.index = _kept(len(words))
        self.more = len(words) - len(self.index)
        self.spaces = [bool(spaces) and spaces[i] for i in self.index]
        meaning = meant(words, glosses, pen.lang)
        self.size, texts = self._fit([words[i] for i in self.index], [meaning[i] for i in self.index], size)
        self._widths = [self._width(w, meaning[i]) for w, i in zip(texts, self.index, strict=True)]
        self.words = [Label(t, pen, size=self.size, bold=True) for t in texts]
        self.glosses = [Label(meaning[i], pen, size=GLOSS, color=pen.theme.dim) for i in self.index]
        self.slot = self._slot()
        self.rest = more_label(pen, "T", len(words), len(self.index)).scale(1.5) if self.more else VGroup()
        self._place()
        self._made = {id(m): m.copy() for m in (*self.words, self.slot, self.rest, *self.glosses)}
        self.cards = [self._card(k) for k in range(len(self.words))]
        self.ids = [self._id(k, i, tokens[i]) for k, i in enumerate(self.index)]
        self.id_name = self._id_name()
        self.meanings = VGroup(*(g for g in self.glosses if g.text))
        self.add(*self.words, self.meanings, self.rest)
        if open_slot:
            self.add(self.slot)

    @classmethod
    def of(cls, scene: StageScene, *, y: float) -> Self:
        """The sentence of a scene, with its meanings."""
        trace = scene.trace
        return cls(scene.words, trace.tokens, scene.pen, glosses=trace.glosses, spaces=trace.spaces, y=y)

    # ---- sizes ----------------------------------------------------------------------------------
    def _fit(self, words: Sequence[str], glosses: Sequence[str], size: float) -> tuple[float, list[str]]:

        def breadth(em: float) -> float:
            self.size = em
            wide = sum(self._width(w, g) for w, g in zip(words, glosses, strict=True))
            return wide + sum(self._gaps(CUT)) + CUT + self._room

        whole = largest_that_fits(
            size, lambda em: em, lambda em: breadth(em) <= CONTENT.width, least=SMALLEST, step=0.02
        )
        if whole is not None:
            return whole, list(words)
        room = (CONTENT.width - 1.5 - self._room) / len(words) - CUT
        return SMALLEST, [shortened(w, self.pen, SMALLEST, room, bold=True, among=words) for w in words]

    def _width(self, word: str, gloss: str) -> float:
        word_width = self.pen.width(word, self.size, bold=True)
        return max(word_width, self.pen.width(gloss, GLOSS) + 0.2 if gloss else 0.0)

    def _gaps(self, cut: float) -> list[float]:
        """What stands behind each word: its space, or the cut where that is wider; room for the words left out."""
        gaps = [max(cut, 0.28 * self.size * spaced) for spaced in self.spaces]
        if self.more:
            gaps[-2] = cut + 0.8
        gaps[-1] = max(gaps[-1], 0.2) if self.open_slot else 0.0
        return gaps

    @property
    def _slot_width(self) -> float:
        return max(1.35 * self.size, 0.7)

    @property
    def _room(self) -> float:
        """What the open place takes of the line."""
        return self._slot_width if self.open_slot else 0.0

    def _centers(self, gap: float) -> list[float]:
        """Middles of the words, then of the slot, when every cut opens by ``gap``."""
        centers = middles([*self._widths, self._room], self._gaps(gap))
        return [-x for x in centers] if self.turned else centers

    # ---- places ---------------------------------------------------------------------------------
    def _place(self) -> None:
        centers = self._centers(0.0)
        for label, gloss, x in zip(self.words, self.glosses, centers, strict=False):
            label.level(x, self.y, "center")
            gloss.sit(x, self._foot - 0.44, "center")
        self.slot.move_to([centers[-1], self.y, 0])
        if self.more:
            last, before = (-1, -2) if not self.turned else (-2, -1)
            between(self.rest, self.words[before], self.words[last], self.y)

    @property
    def _foot(self) -> float:
        """The lower edge of the cards and of the open place."""
        return self.y - BOX * self.size / 2

    def _slot(self) -> VGroup:
        accent = self.pen.theme.accent
        box = shapes.dashed_box(self._slot_width, BOX * self.size, accent, (0.14, 0.1), 3.5)
        mark = Label("?", self.pen, size=self.size * 0.95, color=accent, bold=True)
        return VGroup(box, mark.move_to([0, 0, 0]))

    def _card(self, k: int) -> VMobject:
        width, height = self._widths[k] + 0.16, BOX * self.size
        card = shapes.outline(width, height, self.pen.theme.dim, radius=0.14, line=2)
        card.set_fill(self.pen.theme.panel, opacity=1)
        return card.move_to([self._centers(CUT)[k], self.y, 0])

    def _id(self, k: int, place: int, token: int) -> Numeral:
        size = min(0.5, max(0.34, self.size * 0.45))
        counted = count(token, Count.TOKEN, place)
        number = Numeral(counted, self.pen, decimals=0, size=size, color=self.pen.theme.accent)
        drop = 1.12 if any(g.text for g in self.glosses) else 0.62
        return number.sit(self._centers(CUT)[k], self._foot - drop, "center")

    def _id_name(self) -> Label:
        """What the numbers below the tokens are called."""
        first = self.ids[0]
        name = Label("id", self.pen, size=first.size * 0.85, color=self.pen.theme.dim)
        away = max(0.55, self._widths[0] / 2)
        if self.turned:
            left = min(self._centers(CUT)[0] + away, CONTENT.right - name.advance)
            return name.sit(max(left, first.origin[0] + first.advance + 0.12), first.origin[1])
        right = max(self._centers(CUT)[0] - away, name.advance - CONTENT.right)
        return name.sit(min(right, first.origin[0] - 0.12), first.origin[1], "right")

    def cut(self) -> list[Any]:
        """(what, shift): how far every word, with its meaning, and the slot move when the cuts open."""
        now, then = self._centers(0.0), self._centers(CUT)
        moves = []
        for k, (a, b) in enumerate(zip(now, then, strict=True)):
            group = VGroup(self.words[k], self.glosses[k]) if k < len(self.words) else self.slot
            moves.append((group, shapes.at(b - a, 0.0)))
        if self.more:
            moves.append((self.rest, (moves[-2][1] + moves[-3][1]) / 2))
        return moves

    @property
    def extras(self) -> VGroup:
        """What stands around the words: cards, meanings and ids."""
        return VGroup(*self.cards, self.meanings, *self.ids, self.id_name)

    def raised(self) -> list[Any]:
        """Motions: words and slot back in one run, small and high, so that there is room below."""
        return self._closed(0.6, (0, 2.3))

    def at_both_ends(self) -> list[Any]:
        """Motions: the words at the left, the slot at the right, below a way from one to the other."""
        return self._closed(0.5, (-6.5, -1.7), (5.53, -1.7))

    def whole(self) -> list[Any]:
        """Motions: words and slot in one run again, at full size."""
        return self._closed(1, AGAIN)

    def _closed(
        self, scale: float, center: Sequence[float], slot: Sequence[float] | None = None
    ) -> list[Any]:
        """Words back in one run, at a scale, with the slot around a point; or from a point on and the slot at ``slot``."""
        scale = max(scale, min(1.0, SMALLEST / self.size))
        words, place = (VGroup(*map(self._home, self.words)), self._home(self.slot))
        rest = self._home(self.rest)
        both = VGroup(words, rest, place) if slot is None else VGroup(words, rest)
        both.scale(scale).move_to(shapes.at(*center))
        if slot is not None:
            stand(both, left=center[0])
            place.scale(scale).move_to(shapes.at(*slot))
        pairs = [*zip(self.words, words, strict=True), (self.slot, place)]
        pairs += [(self.rest, rest)] if self.more else []
        return [Transform(now, then) for now, then in pairs]

    def answered(self, word: str, among: Sequence[str] = ()) -> tuple[VMobject, Label]:
        """A solid box and a word in it, in the place of the slot; ``among`` are the words it was chosen from."""
        look, size = self.pen.theme, self.size
        way, y = (-1 if self.turned else 1), self.slot.get_center()[1]  # away from the words
        edge = self.slot.get_center()[0] - way * self.slot[0].width / 2
        text = shortened(
            word, self.pen, size, CONTENT.right - way * edge - 0.3 * size, bold=True, among=among
        )
        label = Label(text, self.pen, size=size, color=look.accent, bold=True)
        width = max(self.slot[0].width, label.advance + 0.3 * size)
        frame = shapes.outline(width, self.slot[0].height, look.accent, radius=0.14, line=4)
        x = edge + way * width / 2
        return frame.move_to([x, y, 0]), label.level(x, y, "center")

    def meant(self) -> VGroup:
        """The meanings again, under the ``whole`` sentence."""
        made = VGroup(*map(self._home, self.words), self._home(self.slot))
        glosses = VGroup(*(self._home(g) for g in self.glosses if g.text))
        return glosses.shift(shapes.at(*AGAIN) - made.get_center())

    def _home(self, part: VMobject) -> VMobject:
        """A copy of a word (or the slot) where it was made."""
        return self._made[id(part)].copy()


class Cut(Verb, steps="play!"):
    """Plays the cut: gaps open, cards close around the tokens, ids come up below."""

    def __init__(self, scene: StageScene, sentence: Sentence) -> None:
        self.scene, self.sentence = scene, sentence

    def play(self, *, run_time: float = 2.2) -> None:
        """The gaps take a third of the time, the cards and the ids one after another the rest."""
        scene, s = self.scene, self.sentence
        scene.until_read(run_time)
        scene.play(*(what.animate.shift(by) for what, by in s.cut()), run_time=run_time * 0.35)
        for card in s.cards:
            card.set_z_index(-1)
        scene.play(LaggedStart(*map(FadeIn, s.cards), lag_ratio=0.2), run_time=run_time * 0.25)
        scene.play(LaggedStart(*map(FadeIn, [s.id_name, *s.ids]), lag_ratio=0.3), run_time=run_time * 0.4)


def _kept(n: int) -> list[int]:
    """Which words are written: all, or the first ones and the last."""
    return list(range(n)) if n <= MOST else [*range(MOST - 2), n - 1]
