"""Arithmetic as a reader does it, from printed digits, and how many of them make it come out as printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import product
from typing import NamedTuple, Self

from tensorreel.core.formatting import Shown, digits_of, read_back
from tensorreel.core.quantity import Quantity

MOST = 3  # further digits that an operand gets at most
Digits = Mapping[str, int]


class Operand(NamedTuple):
    """A number that is printed with the decimals of its column; ``shown`` as a quantity has it."""

    column: str
    value: float
    shown: Shown | None = None

    @classmethod
    def of(cls, column: str, quantity: Quantity) -> Self:
        """A quantity in a column."""
        return cls(column, quantity.value, quantity.shown)

    def read(self, digits: Digits) -> Decimal:
        """What a reader reads."""
        decimals = digits[self.column]
        return read_back(digits_of(self.value, self.shown, decimals), decimals)


class Calculation(NamedTuple):
    """What a reader can work out: ``work`` on the printed operands of each case comes out as its printed result."""

    work: Callable[..., Decimal]
    cases: Sequence[tuple[Sequence[Operand], Operand]]

    @property
    def operands(self) -> list[str]:
        """The columns that it reads."""
        return list(dict.fromkeys(entry.column for entries, _ in self.cases for entry in entries))

    def holds(self, digits: Digits) -> bool:
        """Whether every case comes out with so many decimals in each column."""
        return all(_comes_out(self.work, entries, result, digits) for entries, result in self.cases)


def _comes_out(
    work: Callable[..., Decimal], entries: Sequence[Operand], result: Operand, digits: Digits
) -> bool:
    """Whether the result is within half a unit of its last place of what is worked out."""
    printed = result.read(digits)
    with localcontext() as context:
        context.prec = 40
        try:
            found = work(*(entry.read(digits) for entry in entries))
            half = Decimal(5).scaleb(int(printed.as_tuple().exponent) - 1)
            return abs(found - printed) <= half
        except (ArithmeticError, ValueError):  # of an infinity
            return False


def enough(given: Digits, claims: Sequence[Calculation], most: int = MOST) -> dict[str, int]:
    """Decimals by column with which the claims hold, as few more than the given ones as do.

    Claims come from the last result back to the first operands; each decides its operands' decimals. One that does
    not hold with ``most`` further digits changes none.
    """
    digits = dict(given)
    for claim in claims:
        digits = next((more for more in _raised(digits, claim.operands, most) if claim.holds(more)), digits)
    return digits


def _raised(digits: Digits, columns: Sequence[str], most: int) -> Iterator[dict[str, int]]:
    steps = sorted(product(range(most + 1), repeat=len(columns)), key=lambda s: (sum(s), max(s, default=0)))
    for step in steps:
        yield dict(digits) | {c: digits[c] + n for c, n in zip(columns, step, strict=True)}


def summed(*terms: Decimal) -> Decimal:
    """Their sum."""
    return sum(terms, Decimal(0))


def multiplied(a: Decimal, b: Decimal) -> Decimal:
    """Their product."""
    return a * b


def divided(a: Decimal, b: Decimal) -> Decimal:
    """Their quotient."""
    return a / b


def less(a: Decimal, b: Decimal) -> Decimal:
    """Their difference."""
    return a - b


def dotted(*factors: Decimal) -> Decimal:
    """The sum of the products of neighbours: a b + c d + …"""
    return summed(*(a * b for a, b in zip(factors[::2], factors[1::2], strict=True)))
