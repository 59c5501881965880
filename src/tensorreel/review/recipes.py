"""What a numeral must print: its recipe worked out again with exact decimals, and rounded by our own rule.

An independent reading of ``quantity.py`` and ``formatting.py``: it shares no code with either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import reduce
from typing import Any

from tensorreel.review.recompute import ReferencePass
from tensorreel.review.references.decimals import PRECISION

NOISE = Decimal("1e-12")
SIGNIFICANT = 12  # digits that float64 arithmetic of this length keeps for sure


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
    "positives": lambda *terms: Decimal(sum(x > NOISE for x in terms)),
    "product": lambda *terms: reduce(lambda a, b: a * b, terms),
}


class Reckoner:
    """Works out recipes against the second forward pass; results are kept by recipe object."""

    def __init__(self, second: ReferencePass) -> None:
        self.second = second
        self._known: dict[int, tuple[Any, Decimal]] = {}

    def value(self, quantity: Any) -> Decimal:
        """The exact value (40 digits) of a quantity's recipe. Raises ``UnknownRecipeError`` for a recipe it cannot follow."""
        if id(quantity) not in self._known:
            with localcontext() as context:
                context.prec = PRECISION
                self._known[id(quantity)] = (quantity, self._value(quantity))
        return self._known[id(quantity)][1]

    def _value(self, quantity: Any) -> Decimal:
        if quantity.op == "cell":
            name, layer, head, index = quantity.args
            return self.second.cell(name, layer, head, index)
        if quantity.op == "count":
            return self._count(*quantity.args)
        if quantity.op == "eps":
            return self.second.eps
        if quantity.op not in _OPERATIONS:
            raise UnknownRecipeError(f"operation {quantity.op!r}")
        return _OPERATIONS[quantity.op](*(self.value(a) for a in _each(quantity.args)))

    def _count(self, n: int, what: str) -> Decimal:
        """A whole number: sizes are read from the model again, other counts are bounded by it."""
        sizes = self.sizes()
        if what in sizes and n != sizes[what]:
            raise UnknownRecipeError(f"{what} = {n}, the model says {sizes[what]}")
        if what not in sizes and not 0 <= n <= max(sizes.values()) ** 2:
            raise UnknownRecipeError(f"count {n} of {what!r}")
        return Decimal(n)

    def sizes(self) -> dict[str, int]:
        """The model's sizes by dimension letter, and the length of the film."""
        config, t = self.second.model.config, len(self.second.tokens)
        letters = {
            "T": t,
            "S": t,
            "d": config.d_model,
            "h": config.n_heads,
            "k": config.d_model // config.n_heads,
        }
        return letters | {
            "f": config.d_ff,
            "V": config.vocab_size,
            "L": config.n_layers,
            "n": config.n_ctx,
            "stages": len(self.second.model.architecture.stages),
        }


def _each(args: Iterable[Any]) -> Iterator[Any]:
    """The quantities that an operation takes; a whole line of them counts as each one in turn."""
    for arg in args:
        yield from [arg] if hasattr(arg, "op") else arg


def rounded(value: Decimal, decimals: int) -> str:
    """How a value must be printed: noise cut, halves away from zero, − as U+2212, tiny and huge ones short."""
    if value.is_infinite():
        return "−∞" if value < 0 else "∞"
    value = _quiet(value)
    fixed = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if value and (not fixed or abs(fixed) >= 10000):
        return _short(value)
    text = f"{abs(fixed):f}"
    return f"−{text}" if fixed < 0 else text


def _quiet(value: Decimal) -> Decimal:
    if abs(value) < NOISE:
        return Decimal(0)
    return +value.quantize(Decimal(1).scaleb(value.adjusted() - SIGNIFICANT + 1))


def _short(value: Decimal) -> str:
    exponent = value.adjusted()
    unit = Decimal("0.1") if exponent >= 0 else Decimal(1)
    digits = value.scaleb(-exponent).quantize(unit, rounding=ROUND_HALF_UP)
    if abs(digits) >= 10:
        digits, exponent = digits / 10, exponent + 1
    text = f"{abs(digits):.1f}".removesuffix(".0")
    sign = "−" if value < 0 else ""
    return f"{sign}{text}e{'−' if exponent < 0 else ''}{abs(exponent)}"
