"""Matrices of decimals, in plain Python, one scalar at a time: what the references are written in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

PRECISION = 40
Row = list[Decimal]
Matrix = list[Row]
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582")
MINUS_INFINITY = Decimal("-Infinity")


def exact(values: Any) -> Any:
    """Nested lists of numbers as the decimals that a person wrote (0.1 is a tenth)."""
    return [exact(v) for v in values] if isinstance(values, list) else Decimal(repr(values))


def seen(scores: Matrix, causal: bool) -> Matrix:
    """Scores with −∞ for whoever comes later, if nobody may look there."""
    return [
        [MINUS_INFINITY if causal and j > i else x for j, x in enumerate(row)] for i, row in enumerate(scores)
    ]


def turned(a: Matrix) -> Matrix:
    """Rows and columns exchanged."""
    return [list(column) for column in zip(*a, strict=True)]


def times(a: Matrix, b: Matrix) -> Matrix:
    """a · b."""
    columns = turned(b)
    return [[sum((x * y for x, y in zip(row, col, strict=True)), Decimal(0)) for col in columns] for row in a]


def plus(a: Matrix, b: Matrix) -> Matrix:
    """a + b, cell by cell."""
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def plus_row(a: Matrix, b: Row) -> Matrix:
    """a with b added to every row."""
    return [[x + y for x, y in zip(r, b, strict=True)] for r in a]


def softmax(row: Row) -> Row:
    """e to the power of each number, over their sum."""
    powers = [x.exp() if x != MINUS_INFINITY else Decimal(0) for x in row]
    whole = sum(powers, Decimal(0))
    return [p / whole for p in powers]


def layer_norm(row: Row, gamma: Row, beta: Row, eps: Decimal) -> Row:
    """A row at mean 0 and variance 1 (but for ε), times γ, plus β."""
    n = Decimal(len(row))
    middle = sum(row, Decimal(0)) / n
    spread = sum(((x - middle) ** 2 for x in row), Decimal(0)) / n
    root = (spread + eps).sqrt()
    return [(x - middle) / root * g + b for x, g, b in zip(row, gamma, beta, strict=True)]


def gelu_exact(x: Decimal) -> Decimal:
    """x times the normal distribution's Φ(x)."""
    return x * (1 + _erf(x / Decimal(2).sqrt())) / 2


def gelu_by_tanh(x: Decimal) -> Decimal:
    """x times ½(1 + tanh(√(2/π)·(x + 0.044715 x³))), which is one minus the share of e^(2…) + 1."""
    inner = (2 / _PI).sqrt() * (x + Decimal("0.044715") * x**3)
    return x * (1 - 1 / ((2 * inner).exp() + 1))


def _erf(x: Decimal) -> Decimal:
    """The error function: 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n + 1)), whose terms have one sign."""
    if abs(x) > 10:  # nearer to 1 than the precision
        return Decimal(1).copy_sign(x)
    total, term, n = Decimal(0), x, 0
    while total + term != total:
        total, n = total + term, n + 1
        term = term * 2 * x * x / (2 * n + 1)
    return 2 / _PI.sqrt() * (-x * x).exp() * total
