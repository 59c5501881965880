"""The ledger of one dot product: a line for each pair, a × b = product, and their sum under a rule.

A column instead of one long line: points stand under points, negative terms are seen at once, and eight
terms take no more width than two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from manim import VGroup, VMobject

from tensorreel.core.formatting import decimals_for
from tensorreel.core.printed import Calculation, Operand, enough, multiplied, summed
from tensorreel.core.quantity import Count, Quantity, count, total
from tensorreel.visuals.layout.largest import sizes
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.counted import CountedLabel
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Relation, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.words.languages import language
from tensorreel.words.text import Text

AND_MORE = Text("… + {n}", "terms")
MORE_TERMS = Text("… + {n} more term", "terms", plural="… + {n} more terms")

LARGEST, SUM_SIZE = 0.46, 1.08
GAP, NARROW = 0.3, 0.18  # air beside a sign, in em
AIR = 0.1  # between the words about hidden terms and their relation sign


class LedgerFit(NamedTuple):
    """How a ledger is written: size of the digits, decimals by column, air beside signs in em, and how few words."""

    em: float
    digits: dict[str, int]
    gap: float
    brief: bool = False


class LedgerLine(VGroup):
    """One line of the ledger: two factors, their relation sign and the product. Parts are reached by name."""

    a: Numeral
    b: Numeral
    times: Sign
    relation: Relation
    product: Numeral


class Ledger(VGroup):
    """All terms of a dot product plus an optional bias, and the sum.

    ``pairs`` are the (a, b) that show digits; ``hidden`` are further products that are counted and summed in one
    line. ``into`` is the quantity of the target cell. ``like`` is how another one beside it is written: so small at
    least, with as many decimals. ``decimals`` are those of the matrices; what is worked with has so many more that
    every line and the sum hold as printed, where they fit left of ``right``.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Quantity, Quantity]],
        into: Quantity,
        pen: Pen,
        *,
        decimals: tuple[int, int, int],
        colors: tuple[str, str, str],
        hidden: Sequence[Quantity] = (),
        bias: Quantity | None = None,
        left: float,
        right: float = CONTENT.right - 0.08,
        center_y: float = CONTENT.y,
        height: float = CONTENT.height - 0.2,
        like: LedgerFit | None = None,
    ) -> None:
        super().__init__()
        self.pen, self.colors = pen, colors
        products = [a * b for a, b in pairs]
        listed = [*products, *([total(hidden)] if hidden else [])]
        self.given = given(decimals, listed) | (like.digits if like else {})
        n_lines = len(pairs) + bool(hidden) + (bias is not None) + 1
        largest = max(
            theme.SIZE_NUMBER_MIN, min(like.em if like else LARGEST, height / (n_lines + 0.6) / 1.4)
        )
        claims = _claims(pairs, listed, into, bias)
        for fit in self._tries(largest, claims):
            self.fit = fit
            self._words = self._hidden_words(hidden, brief=fit.brief)
            if self._columns(pairs, listed, into, bias, left) <= right:
                break
        self.dy = min(1.62 * self.em, height / (n_lines + 0.4))
        self._top = center_y + (n_lines - 1) / 2 * self.dy
        self.lines = [
            self._line(k, a, b, p) for k, ((a, b), p) in enumerate(zip(pairs, products, strict=True))
        ]
        self.extra = VGroup()
        terms = [line.product for line in self.lines]
        if hidden:
            terms.append(self._hidden(len(self.lines), hidden))
        self.bias_numeral: Numeral | None = None
        if bias is not None:
            self.bias_numeral = self._bias(n_lines - 2, bias)
            terms.append(self.bias_numeral)
        self.rule, self.relation, self.sum = self._sum(n_lines - 1, terms, into)
        self.add(*self.lines, self.extra, self.rule, self.relation, self.sum)

    def _columns(
        self,
        pairs: Sequence[tuple[Quantity, Quantity]],
        products: Sequence[Quantity],
        into: Quantity,
        bias: Quantity | None,
        left: float,
    ) -> float:
        """Right edges of the three columns of digits; returns the last."""
        da, db = self.digits["a"], self.digits["b"]
        width = max(Numeral(a, self.pen, decimals=da, size=self.em).advance for a, _ in pairs)
        b_width = max(Numeral(b, self.pen, decimals=db, size=self.em, parens=True).advance for _, b in pairs)
        p_width = max(
            Numeral(q, self.pen, decimals=self.digits[key], size=self.em * SUM_SIZE, bold=True).advance
            for q, key in self._ends(products, into, bias)
        )
        gap = self.fit.gap * self.em
        self.xa = left + width
        self.xt = self.xa + gap + 0.28 * self.em
        self.xb = self.xt + 0.28 * self.em + gap + b_width
        words = left + self._words.width + AIR if len(self._words) else self.xb
        self.xr = max(self.xb, words) + gap + 0.3 * self.em
        self.xp = self.xr + 0.3 * self.em + gap + p_width
        self.left = left
        return self.xp

    def _ends(
        self, products: Sequence[Quantity], into: Quantity, bias: Quantity | None
    ) -> list[tuple[Quantity, str]]:
        """What stands in the last column, and the column that its decimals are those of."""
        return [*((p, "product") for p in products), (into, "sum"), *([(bias, "bias")] if bias else [])]

    def _y(self, k: float) -> float:
        return self._top - k * self.dy - 0.36 * self.em

    def _line(self, k: float, a: Quantity, b: Quantity, made: Quantity) -> LedgerLine:
        pen, em, y, line = self.pen, self.em, self._y(k), LedgerLine()
        ca, cb, _ = self.colors
        line.a = Numeral(a, pen, decimals=self.digits["a"], size=em, color=ca)
        line.b = Numeral(b, pen, decimals=self.digits["b"], size=em, color=cb, parens=True)
        line.product = Numeral(made, pen, decimals=self.digits["product"], size=em)
        line.times = Sign("×", pen, size=em, color=pen.theme.dim)
        line.relation = Relation([line.a, line.times, line.b], line.product, pen, size=em)
        line.a.sit(self.xa, y, "right")
        line.b.sit(self.xb, y, "right")
        line.product.sit(self.xp, y, "right")
        line.times.sit(self.xt, y, "center")
        line.relation.sit(self.xr, y, "center")
        line.add(line.a, line.times, line.b, line.relation, line.product)
        return line

    def _tries(self, em: float, claims: Sequence[Calculation]) -> Iterator[LedgerFit]:
        """Digit sizes from the wished one down to the least, last the least with few words; decimals with which the
        claims hold, and where these do not fit the given ones."""
        steps = [*(e for e in sizes(em, step=0.01) if e > theme.SIZE_NUMBER_MIN), theme.SIZE_NUMBER_MIN]
        for digits in (enough(self.given, claims), self.given):
            for size, gap in product(steps, (GAP, NARROW)):
                yield LedgerFit(size, digits, gap)
            yield LedgerFit(steps[-1], digits, NARROW, brief=True)

    @property
    def em(self) -> float:
        """Size of the digits."""
        return self.fit.em

    @property
    def digits(self) -> dict[str, int]:
        """Decimals by column."""
        return self.fit.digits

    def _hidden_words(self, hidden: Sequence[Quantity], *, brief: bool = False) -> VGroup:
        """``… + n more terms``, from the left; briefly ``… + n``."""
        if not hidden:
            return VGroup()
        n, pen, size = len(hidden), self.pen, max(theme.SIZE_NUMBER_MIN, min(0.33, self.em * 0.9))
        number = Numeral(count(n, Count.TERMS, hidden), pen, decimals=0, size=size, color=pen.theme.dim)
        high = size if language(pen.lang).dense else 0.33  # 項 is as tall as its line
        said = AND_MORE if brief else MORE_TERMS.counted(n)
        return CountedLabel(said, {"n": number}, pen, size=high)

    def _hidden(self, k: float, hidden: Sequence[Quantity]) -> Numeral:
        """The terms that are not shown, as one real number."""
        pen, em, y = self.pen, self.em, self._y(k)
        rest = total(hidden)
        value = Numeral(rest, pen, decimals=self.digits["product"], size=em)
        value.sit(self.xp, y, "right")
        relation = Relation(rest, value, pen, size=em).sit(self.xr, y, "center")
        self.extra.add(self._words.shift([self.left, y, 0]), relation, value)
        return value

    def _bias(self, k: float, bias: Quantity) -> Numeral:
        value = Numeral(bias, self.pen, decimals=self.digits["bias"], size=self.em, color=self.colors[1])
        value.sit(self.xp, self._y(k), "right")
        self.extra.add(value)
        return value

    def _sum(self, k: int, terms: Sequence[Numeral], into: Quantity) -> tuple[VMobject, Relation, Numeral]:
        pen, em, y = self.pen, self.em, self._y(k) - 0.12 * self.em
        value = Numeral(
            into, pen, decimals=self.digits["sum"], size=em * SUM_SIZE, color=self.colors[2], bold=True
        )
        value.sit(self.xp, y, "right")
        left = "+".join(f"({t.text})" for t in terms)
        relation = Relation(left, value, pen, size=em).sit(self.xr, y, "center")
        top = y + em * 1.12
        rule = shapes.stroke(shapes.polyline((self.xr - 0.2, top), (self.xp + 0.06, top)), pen.theme.dim, 2)
        return rule, relation, value


def given(decimals: tuple[int, int, int], products: Sequence[Quantity]) -> dict[str, int]:
    """Decimals by column, as the matrices have them."""
    a, b, c = decimals
    return {"a": a, "b": b, "product": decimals_for([p.value for p in products]), "bias": b, "sum": c}


def product_lines(pairs: Sequence[tuple[Quantity, Quantity]]) -> Calculation:
    """a × b = product, line by line."""
    cases = [
        ((Operand("a", a.value), Operand("b", b.value)), Operand("product", a.value * b.value))
        for a, b in pairs
    ]
    return Calculation(multiplied, cases)


def _claims(
    pairs: Sequence[tuple[Quantity, Quantity]],
    products: Sequence[Quantity],
    into: Quantity,
    bias: Quantity | None,
) -> list[Calculation]:
    terms = [Operand("product", p.value) for p in products]
    terms += [Operand("bias", bias.value)] if bias is not None else []
    return [Calculation(summed, [(terms, Operand("sum", into.value))]), product_lines(pairs)]
