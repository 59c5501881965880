"""A second reader of printed arithmetic, for the audit: recursive descent over + − × / √ ² and brackets."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[−-]?\d+)?|[+−\-×·/÷√²()∞])")


class NotArithmeticError(ValueError):
    """The text is not an expression that this reader knows."""


def read(text: str) -> Decimal:
    """Value of a printed expression at 40 digits."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise NotArithmeticError(text)
        tokens.append(found[1])
        at = found.end()
    reader = _Reader(tokens)
    with localcontext() as context:
        context.prec = 40
        value = reader.sum()
    if reader.rest:
        raise NotArithmeticError(text)
    return value


def numbers(text: str) -> list[str]:
    """The unsigned numbers in a printed expression, as they are written."""
    return re.findall(r"\d+(?:\.\d+)?(?:e[−-]?\d+)?", text)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def _next(self) -> str:
        if not self.rest:
            raise NotArithmeticError("unfinished")
        return self.rest.pop(0)

    def sum(self) -> Decimal:
        value = self.term()
        while self.rest and self.rest[0] in "+−-":
            value = value + self.term() if self._next() == "+" else value - self.term()
        return value

    def term(self) -> Decimal:
        value = self.factor()
        while self.rest and self.rest[0] in "×·/÷":
            value = value * self.factor() if self._next() in "×·" else value / self.factor()
        return value

    def factor(self) -> Decimal:
        mark = self._next()
        if mark in "−-":
            return -self.factor()
        if mark == "√":
            return self.factor().sqrt()
        if mark == "(":
            value = self.sum()
            if self._next() != ")":
                raise NotArithmeticError("bracket")
        else:
            value = Decimal("Infinity") if mark == "∞" else self._number(mark)
        while self.rest and self.rest[0] == "²":
            self._next()
            value = value * value
        return value

    @staticmethod
    def _number(mark: str) -> Decimal:
        try:
            return Decimal(mark.replace("−", "-"))
        except ArithmeticError as err:
            raise NotArithmeticError(mark) from err
