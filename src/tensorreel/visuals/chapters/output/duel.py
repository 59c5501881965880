"""Two scores beside each other, term by term, and by how much each term is larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeIn, LaggedStart, VGroup, VMobject

from tensorreel.core.printed import Calculation, Operand, less
from tensorreel.core.quantity import Quantity, total
from tensorreel.visuals.chapters.output.trail import Trail
from tensorreel.visuals.layout.largest import first_with
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, Relation, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.ledger import Ledger, LedgerFit
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST, PASSES = 6, 4  # terms with their digits; tries to write two ledgers alike
SIDE, APART = 5.2, 0.5  # a score's width at most, and the room behind it
GAP = 0.4  # between a sign and a difference, in em
HEAD_Y, HEADING, LOWER = 1.66, 0.5, 0.62  # the words over the scores; the room that they take
NAME = 0.33
DIFFERENCE = Text("difference", "why.column")


class Duel(VGroup):
    """The terms of the highest score and, where there is one, of the next; ``differences`` stand behind them, a column.

    ``sides`` are the ledgers, ``heads`` the words over them.
    """

    def __init__(self, trail: Trail, labels: list[str], pen: Pen) -> None:
        super().__init__()
        self.trail, self.pen = trail, pen
        words = list(dict.fromkeys([trail.first, trail.second]))
        width = len(trail.differences)
        self.shown = first_with(width, MOST, trail.column)
        self.sides = self._sides(words)
        self.heads = VGroup(
            *(self._head(labels, words, k, side) for k, side in zip(words, self.sides, strict=True))
        )
        self.relations, self.numbers = VGroup(), VGroup()
        if len(words) > 1:
            self._differences(*self.sides)
        self.add(*self.sides, self.heads, self.relations, self.numbers)

    # ---- the scores ---------------------------------------------------------------------------------
    def _sides(self, words: list[int]) -> list[Ledger]:
        """Their ledgers, written alike: what one needs for its sum to come out, the other has, too."""
        made = self._beside(words, None)
        for _ in range(PASSES):
            if len(set(map(_written, made))) == 1:
                break
            fits = [side.fit for side in made]
            digits = {column: max(fit.digits[column] for fit in fits) for column in fits[0].digits}
            made = self._beside(words, min(fits, key=lambda fit: fit.em)._replace(digits=digits))
        return made

    def _beside(self, words: list[int], like: LedgerFit | None) -> list[Ledger]:
        left, made = CONTENT.left + 0.1, list[Ledger]()
        for word in words:
            made.append(self._ledger(word, left, like))
            left = made[-1].xp + APART
        return made

    def _ledger(self, word: int, left: float, like: LedgerFit | None) -> Ledger:
        trail, role = self.trail, self.pen.theme.role
        hidden = [k for k in range(len(trail.differences)) if k not in self.shown]
        return Ledger(
            [trail.pair(word, j) for j in self.shown],
            trail.scores[trail.row, word],
            self.pen,
            decimals=(trail.vector.decimals, trail.table.decimals, trail.scores.decimals),
            colors=(role(trail.vector.role), role(trail.table.role), role(trail.scores.role)),
            hidden=[trail.terms(word)[k] for k in hidden],
            left=left,
            right=left + SIDE,
            center_y=CONTENT.y - LOWER / 2,
            height=CONTENT.height - LOWER - 0.2,
            like=like,
        )

    def _head(self, labels: list[str], words: list[int], word: int, side: Ledger) -> Label:
        """The word whose score it is."""
        text = shortened(
            labels[word], self.pen, HEADING, SIDE - 0.4, bold=True, among=[labels[k] for k in words]
        )
        return Label(text, self.pen, size=HEADING, bold=True).sit((side.left + side.xp) / 2, HEAD_Y, "center")

    # ---- the differences ------------------------------------------------------------------------------
    def _differences(self, one: Ledger, two: Ledger) -> None:
        trail = self.trail
        pairs = [
            (a.product, b.product, trail.differences[j])
            for a, b, j in zip(one.lines, two.lines, self.shown, strict=True)
        ]
        first, second = trail.scores[trail.row, trail.first], trail.scores[trail.row, trail.second]
        if len(one.extra):
            rest = [k for k in range(len(trail.differences)) if k not in self.shown]
            a, b = (_last_number(side.extra) for side in (one, two))
            pairs.append((a, b, total(trail.differences[k] for k in rest)))
        pairs.append((one.sum, two.sum, first - second))
        most = max(trail.scores.decimals, *(side.digits["product"] for side in self.sides))
        decimals = next((d for d in range(most, 0, -1) if all(_holds(*pair, d) for pair in pairs)), most)
        made = [self._difference(*pair, decimals, bold=pair is pairs[-1]) for pair in pairs]
        sign = two.xp + APART * 0.8
        right = sign + 0.3 * one.em + max(number.advance for _, number in made) + GAP * one.em
        for (relation, number), (_, b, _) in zip(made, pairs, strict=True):
            y = float(b.origin[1])
            self.relations.add(relation.sit(sign, y, "center"))
            self.numbers.add(number.sit(right, y, "right"))
        name = Label(DIFFERENCE.of(self.pen.lang), self.pen, size=NAME, color=self.pen.theme.dim)
        self.name = name.sit(right, HEAD_Y, "right")

    def _difference(
        self, a: Numeral, b: Numeral, made: Quantity, decimals: int, *, bold: bool
    ) -> tuple[Relation, Numeral]:
        """a − b, as a reader comes to it."""
        em = self.sides[0].em
        number = Numeral(made, self.pen, decimals=decimals, size=em, bold=bold)
        return Relation(f"({a.text})−({b.text})", number, self.pen, size=em), number

    @property
    def start(self) -> Numeral:
        """The number of the vector in that term."""
        return self.sides[0].lines[self.shown.index(self.trail.column)].a

    def frame(self) -> VMobject:
        """A frame around the term with the largest difference."""
        k, em = self.shown.index(self.trail.column), self.sides[0].em
        self.framed = VGroup(*(part for side in self.sides for part in side.lines[k]), self.numbers[k])
        left, right = edges(self.framed).left - 0.12, edges(self.framed).right + 0.12
        box = shapes.outline(right - left, 1.42 * em, self.pen.theme.accent, line=3.5)
        y = float(self.numbers[k].origin[1]) + 0.36 * em
        return shapes.anchored(box.move_to(shapes.at((left + right) / 2, y)), self.framed)


def _written(side: Ledger) -> tuple[float, tuple[int, ...]]:
    """Size and decimals of a ledger."""
    return side.em, tuple(side.digits.values())


def _last_number(group: VGroup) -> Numeral:
    found: Numeral = [m for m in group if isinstance(m, Numeral)][-1]
    return found


def _holds(a: Numeral, b: Numeral, made: Quantity, decimals: int) -> bool:
    """Whether a reader who subtracts comes to the difference as it is printed."""
    operands = [Operand.of(key, number.quantity) for key, number in (("a", a), ("b", b))]
    claim = Calculation(less, [(operands, Operand.of("made", made))])
    return claim.holds({"a": a.decimals, "b": b.decimals, "made": decimals})


class Compare(Verb, steps="terms! differ!"):
    """Plays the scores, then the differences and the one that decides."""

    def __init__(self, scene: StageScene, duel: Duel) -> None:
        self.scene, self.duel = scene, duel

    def terms(self) -> None:
        """The words, the terms from line to line, and at last the scores."""
        scene, sides = self.scene, self.duel.sides
        scene.play(FadeIn(self.duel.heads), run_time=theme.SHORT)
        lines = [FadeIn(*(line for line in row)) for row in zip(*(side.lines for side in sides), strict=True)]
        rest = [FadeIn(side.extra) for side in sides if len(side.extra)]
        scene.play(LaggedStart(*lines, *rest, lag_ratio=0.35), run_time=theme.LONG)
        scene.until_read(theme.SHORT)
        ends = [m for side in sides for m in (side.rule, side.relation, side.sum)]
        scene.play(FadeIn(*ends), run_time=theme.SHORT)

    def differ(self) -> None:
        """The differences come, and a frame around the largest."""
        scene, duel = self.scene, self.duel
        scene.until_read(theme.MEDIUM + theme.SHORT)
        scene.play(FadeIn(duel.name, duel.relations, duel.numbers), run_time=theme.MEDIUM)
        scene.play(FadeIn(duel.frame()), run_time=theme.SHORT)
