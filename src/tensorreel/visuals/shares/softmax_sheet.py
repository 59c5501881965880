"""The softmax workbench: one row of scores, and under every score what becomes of it.

From the top: names, x, x − max, a bar of height e^(x − max) with its number, the share, and the bar of
length 1 that the shares make. The right column holds max and Σ. Where the entries are too many, those with
the largest shares are shown; the others stand in one last column with their real sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from manim import VGroup

from tensorreel.core.formatting import decimals_for
from tensorreel.core.printed import Calculation, Operand, divided, enough, less, summed
from tensorreel.core.quantity import Quantity, Terms, largest, total
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, Relation, Sign, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.shares.bars import FEWER, MOST, ShareScale, Stack, bar, heaviest

LABELS = 2.05  # width of the row labels
MAX_EM, SUM_EM = 0.34, 0.4
PITCH_MAX, EM_MAX = 1.8, 0.4
Y_NAMES, Y_X, Y_SHIFTED, Y_BASE, Y_SHARE, Y_STACK = 1.7, 1.18, 0.64, -0.98, -1.46, -1.97
BAR_HEIGHT, STACK_HEIGHT, LABEL_SIZE = 1.0, 0.42, 0.43


@dataclass(frozen=True)
class SoftmaxRow:
    """What softmax does to one row: scores x, their printed decimals, the shares (cells of the result), names, and the
    letter of the axis that they stand along."""

    x: Terms
    shares: Terms
    names: Sequence[str]
    decimals: tuple[int, int]
    letter: str

    @classmethod
    def of(cls, before: DisplayTensor, after: DisplayTensor, i: int, names: Sequence[str]) -> SoftmaxRow:
        """Row i of the scores and of their softmax."""
        decimals = before.decimals, after.decimals
        return cls(before.row(i), after.row(i), names, decimals, after.tensor.dims[-1])


class Bench(VGroup):
    """All parts of the workbench, in place; the verb brings them on."""

    em: float  # of the digits

    def __init__(self, row: SoftmaxRow, pen: Pen, hue: str) -> None:
        super().__init__()
        self.row, self.pen, self.hue = row, pen, hue
        self.highest = largest(row.x)
        self.lowered = row.x - self.highest
        self.powers = self.lowered.exp()
        self.given = {"x": row.decimals[0], "shifted": row.decimals[0], "share": row.decimals[1]}
        self.given["e"] = self.given["sum"] = decimals_for(self.powers.values)
        self._fit()
        self._columns()
        self._side()
        self._work()
        self._result()

    # ---- which columns, how wide -----------------------------------------------------------------
    def _fit(self) -> None:
        """The columns as the given decimals let them stand; so many more that a reader can work all of them out, if
        they still fit."""
        self.digits = self.given
        self._choose()
        kept, compact = self.kept, self.compact
        self.digits = enough(self.given, self._claims(), most=2)
        self._choose()
        if (self.kept, self.compact) != (kept, compact):
            self.digits = self.given
            self._choose()

    def _claims(self) -> list[Calculation]:
        """Each share from its power, Σ, each power from its x − max, and that from x; hidden entries are one power."""
        top, powers = Operand("x", self.highest.value), self.powers.values
        whole = Operand("sum", float(total(self.powers).value))
        at = [Operand("e", powers[k]) for k in self.kept]
        shifted = [Operand("shifted", self.lowered.values[k]) for k in self.kept]
        near = [(k, e) for k, e in zip(self.kept, at, strict=True) if self.row.shares[k].shown is None]
        rest = [Operand("e", total(self.powers.only(self.hidden)).value)] if self.hidden else []
        return [
            Calculation(
                divided, [((e, whole), Operand("share", self.row.shares.values[k])) for k, e in near]
            ),
            Calculation(summed, [([*at, *rest], whole)]),
            Calculation(Decimal.exp, [((s,), e) for s, e in zip(shifted, at, strict=True)]),
            Calculation(
                less,
                [
                    ((Operand("x", self.row.x.values[k]), top), s)
                    for k, s in zip(self.kept, shifted, strict=True)
                ],
            ),
        ]

    def _choose(self) -> None:
        """The indices that are shown: all, or those with the largest shares; and the digits' size.

        Where all columns do not fit beside max and Σ, these two move into the column of the labels.
        """
        n = len(self.row.x)
        whole = CONTENT.width - LABELS
        most = n if n <= MOST else FEWER + 1
        self.compact = False
        self._take(most, whole - self._side_width())
        if self.em < theme.SIZE_NUMBER_MIN:
            self.compact = True
            self._take(most, whole - 0.25)
        while self.em < theme.SIZE_NUMBER_MIN and most > 2:
            most -= 1
            self._take(most, whole - 0.25)
        self.em = max(self.em, theme.SIZE_NUMBER_MIN)

    def _take(self, most: int, room: float) -> None:
        """Show ``most`` columns (the last one is the rest, where there is one) in a room."""
        n = len(self.row.x)
        kept = most if most == n else most - 1
        self.kept = heaviest(self.row.shares.values, kept, kept)
        self.hidden = sorted(set(range(n)) - set(self.kept))
        self.room, self.pitch = room, min(PITCH_MAX, room / most)
        self.em = min(EM_MAX, (self.pitch - 0.12) / max(self._widest(), 1e-6))
        self.left = CONTENT.left + LABELS + (room - self.pitch * most) / 2

    def _widest(self) -> float:
        """Width of the widest printed number of the shown columns, in em."""
        numerals = [
            n
            for k in self.kept
            for n in (
                self._numeral(self.row.x[k], self.digits["x"], 1.0),
                self._numeral(self.lowered[k], self.digits["shifted"], 1.0),
                self._numeral(self.powers[k], self.digits["e"], 1.0),
                self._numeral(self.row.shares[k], self.digits["share"], 1.0),
            )
        ]
        return max(n.advance for n in numerals)

    def _side_width(self) -> float:
        """Room for ``max ≈ …`` and the Σ box."""
        pen = self.pen
        top = self._numeral(self.highest, self.digits["x"], MAX_EM).advance
        box = Numeral(total(self.powers), pen, decimals=self.digits["sum"], size=SUM_EM, bold=True).advance
        return max(top + pen.width("≈", MAX_EM) + 1.15, box + pen.width("Σ≈", SUM_EM) + 0.46) + 0.2

    def _numeral(
        self, q: Quantity, decimals: int, size: float | None = None, color: str | None = None
    ) -> Numeral:
        return Numeral(q, self.pen, decimals=decimals, size=size or self.em, color=color)

    def at(self, column: int) -> float:
        """Middle of a column."""
        return self.left + (column + 0.5) * self.pitch

    # ---- the columns -----------------------------------------------------------------------------
    def _columns(self) -> None:
        self.names, self.x, self.shifted, self.bars, self.e, self.share = (VGroup() for _ in range(6))
        self.about = VGroup()  # ≈ before a share that is printed a unit off, so that all add up to 1
        sums = [self.powers[k] for k in self.kept]
        rest = total(self.powers.only(self.hidden)) if self.hidden else None
        among = [self.row.names[k] for k in self.kept]
        self._unit = BAR_HEIGHT / max(1.0, rest.value if rest else 0.0)
        for column, k in enumerate(self.kept):
            at = self.at(column)
            name = shortened(self.row.names[k], self.pen, theme.SIZE_LABEL, self.pitch - 0.1, among=among)
            self.names.add(Label(name, self.pen, size=theme.SIZE_LABEL).sit(at, Y_NAMES, "center"))
            self.x.add(self._numeral(self.row.x[k], self.digits["x"]).sit(at, Y_X, "center"))
            self.shifted.add(
                self._numeral(self.lowered[k], self.digits["shifted"]).sit(at, Y_SHIFTED, "center")
            )
            self._bar(at, sums[column], self.row.shares[k], self.hue)
        if rest is not None:
            label = more_label(self.pen, self.row.letter, len(self.row.x), len(self.kept))
            self.names.add(label.move_to([self.at(len(self.kept)), Y_NAMES + 0.11, 0]))
            shares = total(self.row.shares.only(self.hidden))
            self._bar(self.at(len(self.kept)), rest, shares, self.pen.theme.dim)
        width = self.pitch * (len(self.kept) + bool(self.hidden))
        base = shapes.polyline((self.left - 0.05, Y_BASE), (self.left + width + 0.05, Y_BASE))
        self.base = shapes.stroke(base, self.pen.theme.faint, 2)
        self.labels = VGroup(
            self._label("x", Y_X),
            self._label("x - max", Y_SHIFTED),
            self._label("e^(display(x - max))", Y_BASE + 0.45),
            self._label("div thick Sigma", Y_SHARE),
        )

    def _bar(self, at: float, power: Quantity, share: Quantity, hue: str) -> None:
        height = power.value * self._unit
        column = bar(self.pitch * 0.5, height, self.pen, hue, 1.0)
        self.bars.add(column.move_to([at, Y_BASE + column.height / 2, 0]))
        top = Y_BASE + max(height, 0.03) + 0.1
        self.e.add(self._numeral(power, self.digits["e"]).sit(at, top, "center"))
        number = self._numeral(share, self.digits["share"], color=self.hue).sit(at, Y_SHARE, "center")
        self.share.add(number)
        if share.shown is not None:
            sign = Relation(share, number, self.pen, size=self.em)
            self.about.add(sign.sit(number.origin[0] - 0.08 * self.em, Y_SHARE, "right"))

    def _label(self, source: str, y: float) -> Formula:
        label = Formula(source, self.pen, size=LABEL_SIZE, color=self.pen.theme.dim)
        return stand(label, right=self.left - 0.25, up=y)

    # ---- max and Σ at the right --------------------------------------------------------------------
    def _side(self) -> None:
        """max and Σ, at the right of the columns or, in a compact bench, in the corners at the left."""
        columns = len(self.kept) + bool(self.hidden)
        x, pen = self.left + columns * self.pitch + 0.2, self.pen
        (mx, my), (sx, sy) = (x, Y_X), (x, Y_BASE + 0.38)
        size = min(self.em * 1.12, SUM_EM)
        if self.compact:
            (mx, my), (sx, sy) = (
                (CONTENT.left + 0.05, Y_NAMES),
                (CONTENT.left + 0.05, Y_STACK - theme.WORD_EM * size / 2),
            )
        word = Formula("max", pen, size=LABEL_SIZE, color=pen.theme.dim)
        number = self._numeral(self.highest, self.digits["x"], min(self.em, MAX_EM))
        relation = Relation(self.highest, number, pen, size=number.size)
        stand(word, left=mx, up=my)
        write((relation, number), mx + word.width + 0.1, my, 0.1)
        self.max_number = number
        self.max = VGroup(word, relation)
        self.sum = total(self.powers)
        sign = Sign("Σ", pen, size=size, color=pen.theme.ink)
        self.sum_number = Numeral(self.sum, pen, decimals=self.digits["sum"], size=size, bold=True)
        self.sum_relation = Relation(
            self.sum, self.sum_number, pen, size=size, terms=[e.text for e in self.e]
        )
        end = write((sign, self.sum_relation, self.sum_number), sx + 0.18, sy, theme.WORDS)
        box = shapes.outline(end + 0.18 - sx, size * 2.1, pen.theme.dim, radius=0.1, line=2.5)
        self.sigma = VGroup(stand(box, left=sx, y=sy + theme.WORD_EM * size / 2), sign)

    def _work(self) -> None:
        """What each number of a column is worked out from, for those that check."""
        top, whole = self.max_number.text, self.sum_number.text
        for x, s, e in zip(self.x, self.shifted, self.e, strict=False):
            s.worked, e.worked = f"({x.text})−({top})", f"e^({s.text})"
        for e, share in zip(self.e, self.share, strict=True):
            if share.quantity.shown is None:
                share.worked = f"{e.text}/{whole}"

    def tally(self, n: int) -> Numeral:
        """The sum of the first n powers, where Σ's number will stand."""
        parts = [
            *(self.powers[k] for k in self.kept),
            *([total(self.powers.only(self.hidden))] if self.hidden else []),
        ]
        number = Numeral(
            total(parts[:n]),
            self.pen,
            decimals=self.digits["sum"],
            size=self.sum_number.size,
            color=self.pen.theme.dim,
        )
        return number.sit(self.sum_number.origin[0], self.sum_number.origin[1])

    # ---- the bar of length 1 -----------------------------------------------------------------------
    def _result(self) -> None:
        values = self.row.shares.values
        start, end = CONTENT.left + LABELS, CONTENT.left + LABELS + self.room
        self.stack = Stack(
            values,
            self.row.names,
            self.pen,
            self.hue,
            length=end - start,
            height=STACK_HEIGHT,
            kept=self.kept,
        )
        self.stack.shift([start, Y_STACK, 0])
        self.ruler = ShareScale(self.pen, end - start).shift([start, Y_STACK - STACK_HEIGHT / 2 - 0.07, 0])
