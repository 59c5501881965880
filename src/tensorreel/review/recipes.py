"""What a numeral must print: its recipe worked out again with exact decimals.

An independent reading of ``quantity.py``, whose arithmetic it does not use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, localcontext
from functools import reduce
from typing import Any

from tensorreel.review import recount
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.references.decimals import PRECISION
from tensorreel.review.rounding import NOISE, rounded
from tensorreel.variations.change import varied


class UnknownRecipeError(Exception):
    """A recipe that the audit cannot follow."""


_OPERATIONS: dict[str, Callable[..., Decimal]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": lambda a: abs(a),
    "exp": lambda a: a.exp() if a.is_finite() else Decimal(0),
    "sqrt": lambda a: a.sqrt(),
    "relu": lambda a: max(a, Decimal(0)),
    "sum": lambda *terms: sum(terms, Decimal(0)),
    "mean": lambda *terms: sum(terms, Decimal(0)) / len(terms),
    "max": lambda *terms: max(terms),
    "min": lambda *terms: min(terms),
    "place": lambda *terms: Decimal(terms.index(max(terms))),
    "positives": lambda *terms: Decimal(sum(x > NOISE for x in terms)),
    "product": lambda *terms: reduce(lambda a, b: a * b, terms),
}


class Reckoner:
    """Works out recipes against the second forward pass; results are kept by recipe object."""

    def __init__(self, second: ReferencePass, before: ReferencePass | None = None) -> None:
        self.second = second
        self._before = None if before is None else Reckoner(before)
        self._known: dict[int, tuple[Any, Decimal]] = {}
        self._varied: dict[tuple[str, ...], Reckoner] = {}

    def value(self, quantity: Any) -> Decimal:
        """The exact value (40 digits) of a quantity's recipe. Raises ``UnknownRecipeError`` for a recipe it cannot
        follow.
        """
        if id(quantity) not in self._known:
            with localcontext() as context:
                context.prec = PRECISION
                self._known[id(quantity)] = (quantity, self._value(quantity))
        return self._known[id(quantity)][1]

    def printed(self, quantity: Any, decimals: int) -> str:
        """How a quantity must be printed with the decimals of its matrix; a share adds up with its row."""
        if quantity.op == "cell":
            return self.second.printed(quantity.args, decimals)
        if quantity.op == "varied":
            changes, inner = quantity.args
            return self._under(changes).printed(inner, decimals)
        if quantity.op == "before":
            return self._of_before().printed(quantity.args[0], decimals)
        return rounded(self.value(quantity), decimals)

    def _value(self, quantity: Any) -> Decimal:
        if quantity.op == "cell":
            name, layer, head, index = quantity.args
            return self.second.cell(name, layer, head, index)
        if quantity.op == "count":
            return self._count(*quantity.args)
        if quantity.op == "eps":
            return self.second.eps
        if quantity.op == "varied":
            changes, inner = quantity.args
            return self._under(changes).value(inner)
        if quantity.op in _OF_TWO:
            return _OF_TWO[quantity.op](self, *quantity.args)
        if quantity.op not in _OPERATIONS:
            raise UnknownRecipeError(f"operation {quantity.op!r}")
        return _OPERATIONS[quantity.op](*(self.value(a) for a in _each(quantity.args)))

    def _under(self, changes: tuple[str, ...]) -> Reckoner:
        """The same for the model with some changes made, on the same sentence."""
        if changes not in self._varied:
            model = varied(self.second.model, changes)
            self._varied[changes] = Reckoner(ReferencePass(model, self.second.tokens))
        return self._varied[changes]

    # ---- of two models ------------------------------------------------------------------------------
    def _of_before(self) -> Reckoner:
        if self._before is None:
            raise UnknownRecipeError("before, of a film that has no model before")
        return self._before

    def _moved(self, before: Any, was: int, now: Any, decimals: int) -> Decimal:
        """The difference of what is printed, each with decimals of its own."""
        texts = self.printed(before, was), self.printed(now, decimals)
        first, last = (Decimal(text.replace("−", "-")) for text in texts)
        return last - first

    def _otherwise(self, name: str, layer: int | None, decimals: int) -> Decimal:
        """How many cells of a tensor are printed otherwise than before with so many decimals."""
        passes = self._of_before().second, self.second
        places = _indices(self.second.tensor(name, layer))
        texts = ([one.printed((name, layer, None, at), decimals) for one in passes] for at in places)
        return Decimal(sum(one != other for one, other in texts))

    def _cells(self, name: str, layer: int | None) -> Decimal:
        return Decimal(sum(1 for _ in _indices(self.second.tensor(name, layer))))

    def _felt(self, *groups: Iterable[Any]) -> Decimal:
        """In how many groups something is printed otherwise."""
        return Decimal(sum(any(self.value(q) for q in group) for group in groups))

    def _count(self, n: int, *what: Any) -> Decimal:
        try:
            recount.check_count(self.second, n, *what)
        except recount.MiscountError as err:
            raise UnknownRecipeError(str(err)) from err
        return Decimal(n)


_OF_TWO: dict[str, Callable[..., Decimal]] = {
    "before": lambda reckoner, inner: reckoner._of_before().value(inner),
    "moved": Reckoner._moved,
    "otherwise": Reckoner._otherwise,
    "cells": Reckoner._cells,
    "felt": Reckoner._felt,
}


def _indices(nested: Any, at: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """The places of all numbers of nested lists."""
    if isinstance(nested, list | tuple):
        for k, part in enumerate(nested):
            yield from _indices(part, (*at, k))
    else:
        yield at


def _each(args: Iterable[Any]) -> Iterator[Any]:
    """The quantities that an operation takes; a whole line of them counts as each one in turn."""
    for arg in args:
        yield from [arg] if hasattr(arg, "op") else arg
