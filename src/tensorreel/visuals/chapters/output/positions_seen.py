"""What every position has seen when it guesses: a line to each token it has taken in, an arrow to one it has not.

Above stand the tokens and the open place, below the positions, each with its likeliest word. Without a
causal mask every position has lines to all tokens, also to those behind it (dashed): only the last one's next
word is unknown to it. With a mask all lines lead back, and every position looks ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge, more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.motions import Fly
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST = 8  # positions one by one; of longer sentences the first ones and the last
TOP, FOOT = 1.42, -1.02  # middles of the tokens' cards and of the positions' dots
NAME_Y, GUESS_Y, SHARE_Y = FOOT - 0.5, FOOT - 1.02, FOOT - 1.44  # lines under them
TITLE, ASIDE = 0.33, 0.3  # em of the rows' titles, and their gap
CARD, DOT, WIDEST = 0.64, 0.1, 1.75
TOKENS, POSITIONS = Text("tokens", "probs.honest"), Text("positions", "probs.honest")
GUESSES = Text("likeliest word", "probs.honest")
DASH = (0.1, 0.07)


class Seen(VGroup):
    """The picture for probabilities ``p`` (T, V); ``looks[k]`` are a position's lines, ``aheads`` the arrows."""

    def __init__(
        self, p: DisplayTensor, words: Sequence[str], vocabulary: Sequence[str], pen: Pen, *, causal: bool
    ) -> None:
        super().__init__()
        self.pen, self.causal, n = pen, causal, len(words)
        self.index = list(range(n)) if n <= MOST else [*range(MOST - 2), n - 1]
        self.hidden = n - len(self.index)
        self.badge = ShapeBadge(p, pen)
        self._places()
        self.cards = VGroup(*(self._card(i, words) for i in self.index), self._open())
        self.dots = VGroup(*(self._dot(self.xs[i]) for i in self.index))
        self.names, self.guesses, self.shares = VGroup(), VGroup(), VGroup()
        for i in self.index:
            self._guess(p, i, words, vocabulary)
        stand(self.badge, right=self.left - ASIDE, y=FOOT - 1.32)
        self.titles = self._titles()
        self.looks = VGroup(*(self._look(i) for i in self.index))
        self.aheads = VGroup(*(self._ahead(i) for i in self.index if causal or i == n - 1))
        self.more = self._more() if self.hidden else VGroup()

    def _places(self) -> None:
        """Across: the titles, the tokens, the open place."""
        pen, columns = self.pen, [*self.index[:-1], *([-2] if self.hidden else []), self.index[-1], -1]
        titles = [pen.width(t.of(pen.lang), TITLE) for t in (TOKENS, POSITIONS, GUESSES)]
        self.margin = max(*titles, self.badge.width) + 0.35
        self.slot = min(WIDEST, (CONTENT.width - self.margin) / len(columns))
        self.left = -(self.margin + self.slot * len(columns)) / 2 + self.margin
        self.xs = {i: self.left + (k + 0.5) * self.slot for k, i in enumerate(columns)}

    # ---- the two rows ---------------------------------------------------------------------------
    def _card(self, i: int, words: Sequence[str]) -> VGroup:
        word, x, among = words[i], self.xs[i], [words[k] for k in self.index]
        pen, size = self.pen, 0.42 if self.pen.width(word, 0.42) < self.slot - 0.3 else 0.35
        text = shortened(word, pen, size, self.slot - 0.24, among=among)
        width = min(self.slot - 0.08, max(CARD, pen.width(text, size) + 0.28))
        ground = shapes.panel(width, CARD, pen.theme.panel).set_stroke(pen.theme.faint, 1.5)
        return VGroup(stand(ground, x=x, y=TOP), Label(text, pen, size=size).level(x, TOP, "center"))

    def _open(self) -> VGroup:
        """The open place behind the sentence."""
        x, accent = self.xs[-1], self.pen.theme.accent
        box = shapes.dashed_box(CARD, CARD, accent, DASH, 3).shift(shapes.at(x, TOP))
        mark = Label("?", self.pen, size=0.46, color=accent, bold=True).sit(x, TOP - 0.17, "center")
        return VGroup(box, mark)

    def _dot(self, x: float) -> VMobject:
        return shapes.dot(self.pen.theme.ink, DOT).move_to([x, FOOT, 0])

    def _guess(self, p: DisplayTensor, i: int, words: Sequence[str], vocabulary: Sequence[str]) -> None:
        """Under a position its token's name, and the word that it finds likeliest with its probability."""
        pen, x, room = self.pen, self.xs[i], self.slot - 0.12
        best, hue = int(np.argmax(p.values[i])), pen.theme.role(p.role)
        name = Label(
            shortened(words[i], pen, 0.36, room, among=[words[k] for k in self.index]),
            pen,
            size=0.36,
            color=pen.theme.dim,
        )
        self.names.add(name.sit(x, NAME_Y, "center"))
        guesses = [vocabulary[int(np.argmax(p.values[k]))] for k in self.index]
        word = Label(
            shortened(vocabulary[best], pen, 0.38, room, among=guesses), pen, size=0.38, color=hue, bold=True
        )
        self.guesses.add(word.sit(x, GUESS_Y, "center"))
        share = Numeral(p[i, best], pen, decimals=p.decimals, size=0.34, color=hue)
        self.shares.add(share.sit(x, SHARE_Y, "center"))

    def _titles(self) -> VGroup:
        made = VGroup()
        for text, y in ((TOKENS, TOP - 0.12), (POSITIONS, NAME_Y), (GUESSES, GUESS_Y)):
            label = Label(text.of(self.pen.lang), self.pen, size=TITLE, color=self.pen.theme.dim)
            made.add(label.sit(self.left - ASIDE, y, "right"))
        return made

    def _more(self) -> VGroup:
        """Tokens and positions that are not drawn one by one."""
        n = len(self.index)
        pair = VGroup(*(more_label(self.pen, "T", n + self.hidden, n) for _ in range(2)))
        for label, y in zip(pair, (TOP, FOOT - 0.4), strict=True):
            label.move_to([self.xs[-2], y, 0])
        return pair

    # ---- what has been seen -----------------------------------------------------------------------
    def _look(self, i: int) -> VGroup:
        """Lines from a position to the tokens it has seen: whole ones back, dashed ones ahead."""
        look, x = self.pen.theme, self.xs[i]
        back = [self._line(x, self.xs[j]) for j in self.index if j <= i]
        ahead = [self._line(x, self.xs[j], DASH) for j in self.index if j > i and not self.causal]
        looks = VGroup(shapes.stroke(np.concatenate(back), look.role("key"), 2.2))
        if ahead:
            looks.add(shapes.stroke(np.concatenate(ahead), look.role("attention"), 2.6))
        return looks

    def _line(self, x: float, to: float, pattern: Sequence[float] = ()) -> shapes.Vec:
        return shapes.dashed([(x, FOOT + DOT + 0.04), (to, TOP - CARD / 2 - 0.06)], pattern)

    def _ahead(self, i: int) -> VGroup:
        """An arrow from a position to the next place, of which it has seen nothing."""
        after = [k for k in self.xs if self.xs[k] > self.xs[i] + 1e-6]
        to, accent = min(self.xs[k] for k in after), self.pen.theme.accent
        start, tip = shapes.at(self.xs[i], FOOT + DOT + 0.04), shapes.at(to, TOP - CARD / 2 - 0.06)
        return shapes.arrow(start, tip, accent, line=5, head=0.24, short=0.14)

    @property
    def output(self) -> VGroup:
        """What goes back into the map: every position's likeliest word, of p."""
        return VGroup(self.guesses, self.shares, self.badge)


def show_seen(scene: StageScene, seen: Seen, table: TensorGrid, others: Sequence[VMobject]) -> None:
    """The table gives every position's likeliest word; then one position after another shows what it has seen."""
    flown: list[Animation] = [
        Fly(table.numeral(i, best), share)
        for i, share in zip(seen.index, seen.shares, strict=True)
        if i in table.rows and (best := int(np.argmax(table.tensor.values[i]))) in table.cols
    ]
    landed = [a.mobject for a in flown]
    rest = VGroup(*(m for m in seen.shares if m not in landed))
    scene.play(*(FadeOut(m) for m in others), *flown, run_time=theme.MEDIUM)
    frame = [seen.cards, seen.dots, seen.names, seen.guesses, seen.titles, seen.badge, seen.more, rest]
    scene.play(*(FadeIn(m) for m in frame if len(m)), run_time=theme.SHORT)
    scene.until_read(1.6 + theme.SHORT)
    scene.play(LaggedStart(*(FadeIn(m) for m in seen.looks), lag_ratio=0.5), run_time=1.6)
    scene.play(FadeIn(seen.aheads), run_time=theme.SHORT)
