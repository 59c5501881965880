"""A second reader of printed arithmetic, for the audit: recursive descent over + − × / √ ² e^ and brackets.

It reads an expression twice: as exact numbers (``read``), and as what its rounded digits may stand for (``reach``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[−-]?\d+)?|e\^|[+−\-×·/÷√²()∞])")
_INFINITY = Decimal("Infinity")


class NotArithmeticError(ValueError):
    """The text is not an expression that this reader knows."""


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low < other.high and other.low <= 0 <= other.high:
            return Interval(-_INFINITY, _INFINITY)
        ends = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def square(self) -> Interval:
        """Each number times itself."""
        ends = self.low * self.low, self.high * self.high
        return Interval(Decimal(0) if self.low < 0 < self.high else min(ends), max(ends))

    def sqrt(self) -> Interval:
        """The roots of what is not negative; an ``ArithmeticError`` where all is."""
        return Interval(
            max(self.low, Decimal(0)).sqrt() if self.high >= 0 else self.low.sqrt(), self.high.sqrt()
        )

    def meets(self, other: Interval, slack: Decimal) -> bool:
        """Whether both have a number in common, or come as near as ``slack``."""
        return self.low <= other.high + slack and other.low <= self.high + slack


def read(text: str) -> Decimal:
    """Value of a printed expression at 40 digits."""
    return _value(text, rounded=False).low


def reach(text: str) -> Interval:
    """Where the value of a printed expression can lie: a printed 0.53 stands for 0.525 … 0.535.

    A whole number that something is divided by is a count, which is exact.
    """
    return _value(text, rounded=True)


def comes_out(left: str, right: str, *, exactly: bool = False) -> bool:
    """Whether a person who works out a printed expression comes within half a unit of the last place of the other one."""
    about = Interval(read(right), read(right)) if exactly else reach(right)
    return about.low <= read(left) <= about.high


def numbers(text: str) -> list[str]:
    """The unsigned numbers in a printed expression, as they are written."""
    return re.findall(r"\d+(?:\.\d+)?(?:e[−-]?\d+)?", text)


def _value(text: str, *, rounded: bool) -> Interval:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise NotArithmeticError(text)
        tokens.append(found[1])
        at = found.end()
    reader = _Reader(tokens, rounded)
    with localcontext() as context:
        context.prec = 40
        value = reader.sum()
    if reader.rest:
        raise NotArithmeticError(text)
    return value


class _Reader:
    def __init__(self, tokens: list[str], rounded: bool) -> None:
        self.rest, self.rounded = tokens, rounded

    def _next(self) -> str:
        if not self.rest:
            raise NotArithmeticError("unfinished")
        return self.rest.pop(0)

    def sum(self) -> Interval:
        value = self.term()
        while self.rest and self.rest[0] in "+−-":
            value = value + self.term() if self._next() == "+" else value - self.term()
        return value

    def term(self) -> Interval:
        value = self.factor()
        while self.rest and self.rest[0] in "×·/÷":
            value = value * self.factor() if self._next() in "×·" else value / self._divisor()
        return value

    def _divisor(self) -> Interval:
        if self.rest and self.rest[0].isdigit():
            return self._squared(_exactly(self._next()))
        return self.factor()

    def factor(self) -> Interval:
        mark = self._next()
        if mark in "−-":
            return -self.factor()
        if mark == "√":
            return self.factor().sqrt()
        if mark == "e^":
            power = self.factor()
            return Interval(power.low.exp(), power.high.exp())
        if mark != "(":
            return self._squared(_around(mark) if self.rounded else _exactly(mark))
        value = self.sum()
        if self._next() != ")":
            raise NotArithmeticError("bracket")
        return self._squared(value)

    def _squared(self, value: Interval) -> Interval:
        while self.rest and self.rest[0] == "²":
            self._next()
            value = value.square()
        return value


def _exactly(mark: str) -> Interval:
    try:
        value = _INFINITY if mark == "∞" else Decimal(mark.replace("−", "-"))
    except ArithmeticError as err:
        raise NotArithmeticError(mark) from err
    return Interval(value, value)


def _around(mark: str) -> Interval:
    """What rounds to these digits: half a unit of the last one to both sides."""
    value = _exactly(mark).low
    if not value.is_finite():
        return Interval(value, value)
    half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1)
    return Interval(value - half, value + half)
