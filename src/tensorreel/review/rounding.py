"""How a number must be printed: rounded by our own rule, which shares no code with ``formatting.py``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

NOISE = Decimal("1e-12")
TIE = Decimal("1e-10")  # of a unit: remainders that differ by less are equal
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


def adding_up(row: Sequence[Decimal], decimals: int) -> list[str]:
    """How the shares of one whole must be printed: the nearest digits, or a unit off where those that were rounded
    farthest have to give way so that all add up to 1; the nearest ones of a row that cannot be mended like this."""
    texts = [rounded(x, decimals) for x in row]
    if any("e" in text for text in texts):
        return texts
    unit = Decimal(1).scaleb(-decimals)
    lack = 1 - sum(map(Decimal, texts), Decimal(0))
    way = unit if lack > 0 else -unit
    error = {k: (_quiet(x) - Decimal(texts[k])) / way for k, x in enumerate(row)}
    ranked = sorted(error, key=error.__getitem__, reverse=True)
    ranked = [k for k in ranked if error[k] > 0 and Decimal(texts[k]) + way > 0]
    n = int(abs(lack) / unit)
    if n > len(ranked) or (0 < n < len(ranked) and error[ranked[n - 1]] - error[ranked[n]] < TIE):
        return texts
    for k in ranked[:n]:
        texts[k] = f"{Decimal(texts[k]) + way:f}"
    return texts


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
