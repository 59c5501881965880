"""How a number must be printed: rounded by our own rule, which shares no code with ``formatting.py``."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

NOISE = Decimal("1e-12")
SIGNIFICANT = 12  # digits that float64 arithmetic of this length keeps for sure


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
