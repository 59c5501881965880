"""The way back through the last layer: the sums before its norms, the heads' shares, and the words that were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.formatting import leading
from tensorreel.visuals.chapters.output.trail import Addition, Shares, Trail
from tensorreel.visuals.layout.largest import sizes
from tensorreel.visuals.layout.placing import middles, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.heads import HeadTag, head_tint
from tensorreel.visuals.motion.motions import Fly
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.written import Equation
from tensorreel.visuals.shares.bars import Grow, bar, heaviest
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

EM, SYMBOL, NOTE = 0.48, 0.44, 0.33
TOP, PITCH = 1.85, 1.06  # the line of the last vector; from line to line
NAME_X, LINE_X = -5.0, -4.7  # right edge of the sums' symbols, left edge of their numbers
ASIDE = 1.35  # between the last sum and the heads'
BASE, TALLEST, WORD_Y, WORD = -1.86, 0.46, -2.32, 0.42  # bars of the words
MOST_WORDS, SLOT, SIDE = 8, 1.6, 0.5
RESCALES = Text("LayerNorm rescales the whole row", "why.sums")
OTHERS = Text("all the rest", "why.heads")


class WayBack(VGroup):
    """From top to bottom the number of the last vector and the sums that it came from, later ones first.

    ``lines`` are the sums, ``notes`` what stands between two lines; ``heads`` is the sum of the heads' shares where
    there is one.
    """

    def __init__(self, trail: Trail, pen: Pen, decimals: int) -> None:
        """``decimals`` are those of the last vector's number."""
        super().__init__()
        self.trail, self.pen, self.decimals = trail, pen, decimals
        for self.em in sizes(EM, step=0.02):
            self._build()
            if edges(self.heads or self.lines[-1]).right <= CONTENT.right:
                break

    def _build(self) -> None:
        trail, pen = self.trail, self.pen
        vector, hue = trail.vector, pen.theme.role(trail.vector.role)
        self.symbols, self.notes, self.lines = VGroup(), VGroup(), list[Equation]()
        number = vector[trail.row, trail.column]
        self.end = Numeral(number, pen, decimals=self.decimals, size=self.em, color=hue, bold=True)
        self.end.sit(LINE_X, TOP)
        self._name(vector.symbol, TOP)
        for k, addition in enumerate(trail.additions, 1):
            self._line(addition, TOP - k * PITCH)
        self.heads = self._heads(trail.shares) if trail.shares and trail.several else None

    # ---- lines -------------------------------------------------------------------------------------
    def _name(self, symbol: str, y: float) -> None:
        made = Formula(symbol, self.pen, size=SYMBOL, color=self.pen.theme.dim)
        self.symbols.add(stand(made, right=NAME_X, up=y))

    def _line(self, addition: Addition, y: float) -> None:
        """A sum, its symbol, and the way up from it."""
        k, role = len(self.lines), self.pen.theme.role
        colors = tuple(role(t.role) for t in (addition.older, addition.added, addition.whole))
        one, other, whole = self.trail.lines[k]
        made = Equation(
            one,
            other,
            whole,
            self.pen,
            decimals=self.trail.digits[k],
            colors=(colors[0], self.pen.theme.accent, colors[2]),
            size=self.em,
        )
        self.lines.append(made.shift(shapes.at(LINE_X, y)))
        self._name(addition.whole.symbol, y)
        foot, top = y + 0.42, y + PITCH - 0.14
        way = shapes.arrow(
            shapes.at(LINE_X + 0.3, foot),
            shapes.at(LINE_X + 0.3, top),
            self.pen.theme.dim,
            line=3,
            head=0.18,
            short=0.1,
        )
        said = Label(
            RESCALES.of(self.pen.lang) if addition.normed else "",
            self.pen,
            size=NOTE,
            color=self.pen.theme.dim,
        )
        self.notes.add(VGroup(way, said.level(LINE_X + 0.6, (foot + top) / 2)))

    # ---- the heads ------------------------------------------------------------------------------------
    def _heads(self, shares: Shares) -> VGroup:
        """The strongest head's share and all others', named below."""
        k, pen = len(self.lines), self.pen
        one, other, whole = self.trail.lines[k]
        tint = head_tint(pen, shares.strongest)
        line = Equation(
            one,
            other,
            whole,
            pen,
            decimals=self.trail.digits[k],
            colors=(tint, pen.theme.ink, pen.theme.accent),
            size=self.em,
        )
        y, left = TOP - k * PITCH, edges(self.lines[-1]).right + ASIDE
        line.shift(shapes.at(left, y))
        name = Formula(self.trail.additions[-1].added.symbol, pen, size=SYMBOL, color=pen.theme.dim)
        stand(name, right=left - 0.3, up=y)
        tag = HeadTag(shares.strongest, pen, size=NOTE)
        rest: VMobject = Label(OTHERS.of(pen.lang), pen, size=NOTE, color=pen.theme.dim)
        if len(shares.heads) == 2 and not shares.bias:
            rest = HeadTag(1 - shares.strongest, pen, size=NOTE)
        foot = edges(line.a).bottom
        stand(tag, x=edges(line.a).x, top=foot - 0.16)
        stand(rest, left=max(edges(line.b).left, edges(tag).right + 0.25), top=foot - 0.16)
        return VGroup(line, VGroup(name, tag, rest))


class WordsSeen(VGroup):
    """The words as one row of weights sees them, a bar each; of many the heaviest. ``best`` are those with the
    largest weight.
    """

    def __init__(self, trail: Trail, words: Sequence[str], pen: Pen) -> None:
        super().__init__()
        weights, i = trail.weights, trail.row
        hue = pen.theme.role(weights.role)
        row = weights.values[i]
        self.best = leading(weights.printed(i), weights.decimals)
        self.kept = heaviest(row, MOST_WORDS, MOST_WORDS - 1)
        names = [words[j] for j in self.kept]
        slot = min(SLOT, (CONTENT.width - 2.0) / len(self.kept))
        self.bars, self.numbers, self.names = VGroup(), VGroup(), VGroup()
        for x, j, name in zip(middles([slot] * len(names), 0.0), self.kept, names, strict=True):
            high = TALLEST * float(row[j]) / float(row.max())
            made = bar(min(0.7, slot * 0.5), high, pen, hue)
            self.bars.add(stand(made, x=x, bottom=BASE))
            number = Numeral(weights[i, j], pen, decimals=weights.decimals, size=0.36, color=hue)
            self.numbers.add(number.sit(x, BASE + max(high, 0.03) + 0.1, "center"))
            text = shortened(name, pen, WORD, slot - 0.15, among=names)
            self.names.add(Label(text, pen, size=WORD).level(x, WORD_Y, "center"))
        n = len(row)
        self.more = VGroup()
        if n > len(names):
            label = more_label(pen, "T", n, len(names))
            self.more.add(stand(label, left=slot * len(names) / 2 + 0.1, y=WORD_Y))
        self.add(self.bars, self.numbers, self.names, self.more)

    def mark(self, j: int, pen: Pen) -> VMobject:
        """A frame around a word."""
        name = self.names[self.kept.index(j)]
        box = shapes.outline(name.width + 0.24, 0.62, pen.theme.accent, line=3.5)
        return shapes.anchored(box.move_to([name.get_center()[0], WORD_Y, 0]), name)


class GoBack(Verb, steps="sums! heads? words!"):
    """Plays the way back, line by line; a light goes back over the map."""

    def __init__(self, scene: StageScene, picture: WayBack) -> None:
        self.scene, self.picture = scene, picture
        self.light = shapes.dot(scene.theme.accent, 0.1)

    def sums(self, start: Numeral, gone: Sequence[VMobject]) -> None:
        """The number of the vector leaves its score, and the sums come under it, one after another."""
        scene, p = self.scene, self.picture
        away = [FadeOut(m) for m in gone]
        scene.play(Fly(start, p.end), *away, FadeIn(p.symbols[0]), *self._lit(p.trail.vector.name))
        scene.until_read(len(p.lines) * theme.MEDIUM)
        for name, line, note, addition in zip(
            p.symbols[1:], p.lines, p.notes, p.trail.additions, strict=True
        ):
            scene.play(FadeIn(name, line, note), *self._lit(addition.added.name), run_time=theme.MEDIUM)

    def heads(self) -> None:
        """What attention has added, as a sum over the heads."""
        scene, p = self.scene, self.picture
        assert p.heads is not None
        line, names = p.heads
        scene.until_read(theme.MEDIUM + theme.SHORT)
        scene.play(Fly(p.lines[-1].b, line.c), *self._lit("concat"), run_time=theme.MEDIUM)
        scene.play(FadeIn(line.a, line.plus, line.b, line.relation, names), run_time=theme.SHORT)

    def words(self, seen: WordsSeen) -> None:
        """How the strongest head looked at the words."""
        scene = self.scene
        scene.until_read(theme.SHORT + theme.MEDIUM)
        scene.play(FadeIn(seen.names, seen.more), *self._lit("attn_weights"), run_time=theme.SHORT)
        marks = [FadeIn(seen.mark(j, scene.pen)) for j in seen.best if j in seen.kept]
        scene.play(*map(Grow, seen.bars), FadeIn(seen.numbers), *marks, run_time=theme.MEDIUM)

    def _lit(self, name: str) -> list[Animation]:
        """The light on its way to the station of a tensor."""
        scene = self.scene
        source = scene.architecture.source(name, 1)
        if source is None:
            return []
        place = scene.map.station(source.number)
        if self.light not in scene.mobjects:
            return [FadeIn(self.light.move_to(place))]
        return [self.light.animate.move_to(place).build()]
