"""The one way in which numbers become digits, on the screen and in the terminal.

A matrix has one number of decimals (``decimals_for``) and each of its cells is printed with
``format_number``. Values are read as the decimals they stand for: 0.024999999999999998 is 0.025.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import numpy as np

from tensorreel.core.functional import Array

MINUS = "−"  # U+2212, as wide as a plus
INFINITY = "∞"
NOISE = 1e-12  # below this a float64 result of our sums is taken for zero
DIGITS = 12  # significant digits that are meant; the rest is rounding noise
MEANT = (
    1e-6  # of a value, and at most that much: 0.3 in single precision is 0.3000000119, and is meant as 0.3
)
ALIKE = Decimal("1e-10")  # of a unit: remainders that differ by less are equal
SCIENTIFIC_FROM = Decimal(10000)


def snap(x: float) -> float:
    """The value without float noise: zero below 1e-12, otherwise 12 significant digits. Infinities stay."""
    if not math.isfinite(x):
        return x
    if abs(x) < NOISE:
        return 0.0
    return float(f"{x:.{DIGITS - 1}e}")


def _decimal(x: float) -> Decimal:
    return Decimal(repr(snap(float(x))))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    """Rounded half away from zero at a number of decimals; exact where it already has no more."""
    if -int(value.as_tuple().exponent) <= decimals:
        return value
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def exact_at(x: float, decimals: int) -> bool:
    """Whether the snapped value has no more than ``decimals`` decimals, so that printing loses nothing."""
    if not math.isfinite(x):
        return True
    value = _decimal(x)
    return _rounded(value, decimals) == value


def _means(x: float, decimals: int) -> bool:
    """Whether a finite value is one of ``decimals`` decimals, but for what no printed digit would show."""
    return exact_at(x, decimals) or abs(x - round(x, decimals)) <= MEANT * min(1.0, abs(x))


def decimals_for(values: Iterable[float] | Array) -> int:
    """The number of decimals, 0 to 3, with which all cells of one matrix are printed.

    0 to 2 when that is exact for every finite value, or as good as exact (``MEANT``); otherwise 2, or 3 when
    even the largest value is below 0.1 and would lose its second significant digit. ``values`` is any iterable,
    or a NumPy array of any shape.
    """
    given = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=np.float64)
    finite = given[np.isfinite(given)]
    for decimals in (0, 1, 2):
        if _all_mean(finite, decimals):
            return decimals
    return 3 if snap(float(np.abs(finite).max())) < 0.1 else 2


def _all_mean(finite: Array, decimals: int) -> bool:
    """``_means`` of all: what is clear is told from all at once, the few that are not from their digits."""
    off = np.abs(finite - np.round(finite, decimals))
    size = np.abs(finite)
    slack = MEANT * np.minimum(1.0, size)
    if (off > 1.1 * slack + 1e-10 * size + NOISE).any():
        return False
    return all(_means(snap(x), decimals) for x in finite[off > 0.9 * slack].tolist())


def distinct(values: Array, decimals: int) -> set[str]:
    """The different digits with which the cells of a matrix are printed, however many cells there are.

    Numbers are sorted into classes that print with the same digits, but for their ends; only these are printed.
    """
    finite = values[np.isfinite(values)]
    scaled = finite * 10.0**decimals
    keys = np.rint(scaled)
    short = (keys == 0) | (np.abs(keys) >= float(SCIENTIFIC_FROM) * 10**decimals - 1)
    ends = [*_ends(finite[~short], keys[~short]), *_ends(finite[short], _leading(finite[short]))]
    odd = np.unique(values[~np.isfinite(values)]).tolist()
    return {format_number(x, decimals) for x in (*ends, *odd)}


def _leading(values: Array) -> Array:
    """A class for each sign, power of ten and two leading digits; one for noise."""
    size = np.maximum(np.abs(values), NOISE)
    power = np.floor(np.log10(size))
    lead = np.rint(size / 10.0**power * 10)
    return np.sign(values) * (power * 1000 + 1e6 + lead) * (np.abs(values) >= NOISE)


def _ends(values: Array, keys: Array) -> Iterator[float]:
    """The least and the greatest number of each class."""
    if not len(values):
        return
    order = np.lexsort((values, keys))
    first = np.flatnonzero(np.diff(keys[order], prepend=np.nan) != 0)
    yield from values[order[first]].tolist()
    yield from values[order[np.append(first[1:], len(order)) - 1]].tolist()


def format_number(x: float, decimals: int) -> str:
    """The digits of one number: ``−0.30``, ``4e−4``, ``1.2e5``, ``−∞``.

    Rounds half away from zero. Zero has no sign. A value that is not zero but would print as zero, or that
    reaches 10000, takes a short scientific form: two significant digits where it is large, one where it is tiny
    (one more than its matrix would show). NaN raises ``ValueError``.
    """
    if math.isnan(x):
        raise ValueError("NaN has no digits")
    if math.isinf(x):
        return INFINITY if x > 0 else MINUS + INFINITY
    value = _decimal(x)
    rounded = _rounded(value, decimals)
    if abs(rounded) >= SCIENTIFIC_FROM or (value and not rounded):
        return _scientific(value)
    return (MINUS if rounded < 0 else "") + f"{abs(rounded):.{decimals}f}"


def _scientific(value: Decimal) -> str:
    """One or two significant digits and a power of ten, without idle zeros: ``4e−4``, ``1.2e5``."""
    exponent = value.adjusted()
    mantissa = _rounded(abs(value).scaleb(-exponent), 0 if exponent < 0 else 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    digits = f"{mantissa:.1f}".removesuffix(".0")
    sign, power = (MINUS if value < 0 else ""), f"{exponent}".replace("-", MINUS)
    return f"{sign}{digits}e{power}"


def shares_as_printed(row: Array, decimals: int) -> Array:
    """The shares of one whole (n,) as their row prints them: the digits add up to 1.

    Where the nearest digits do not, the entries that were rounded farthest the wrong way are printed one unit of the
    last place off (the largest remainders, Hamilton 1792); all others stay as they are. So do all of a row with an
    entry too small for its decimals, and of one in which equal entries would have to differ.
    """
    unit = Decimal(1).scaleb(-decimals)
    if not np.isfinite(row).all() or ((row > NOISE) & (row < float(unit) / 2)).any():
        return row
    values = [_decimal(x) for x in row.tolist()]
    nearest = [_rounded(value, decimals) for value in values]
    off = (sum(nearest, Decimal(0)) - 1) / unit
    step = unit if off < 0 else -unit
    gains = {k: (v - n) / step for k, (v, n) in enumerate(zip(values, nearest, strict=True)) if n + step > 0}
    order = sorted((k for k in gains if gains[k] > 0), key=lambda k: -gains[k])
    count = int(abs(off))
    if off % 1 or count > len(order) or (count < len(order) and _same(gains, order[count - 1 : count + 1])):
        return row
    printed = row.copy()
    printed[order[:count]] = [float(nearest[k] + step) for k in order[:count]]
    return printed


def _same(gains: Mapping[int, Decimal], pair: Sequence[int]) -> bool:
    """Whether the last entry that moves and the first that does not are equally far off, but for noise."""
    return len(pair) == 2 and abs(gains[pair[0]] - gains[pair[1]]) < ALIKE


@lru_cache(maxsize=1 << 16)
def read_back(x: float, decimals: int) -> Decimal:
    """The number that a reader sees, exactly: the value of its digits."""
    return parse_number(format_number(x, decimals))


def as_printed(x: float, decimals: int) -> float:
    """The same as a float."""
    return float(read_back(x, decimals))


Shown = tuple[int, float]  # a number of decimals, and what the digits are made from with so many


def digits_of(value: float, shown: Shown | None, decimals: int) -> float:
    """The number that digits are made from: the value, or with one number of decimals what its row makes of it."""
    return shown[1] if shown is not None and shown[0] == decimals else value


def leading(values: Iterable[float], decimals: int) -> list[int]:
    """The indices of all entries that print as the largest one does, in order: one, or a tie."""
    known = list(values)
    most = format_number(max(known), decimals)
    return [i for i, x in enumerate(known) if format_number(x, decimals) == most]


def parse_number(printed: str) -> Decimal:
    """The exact value of a printed number, the inverse of ``format_number``; ``ValueError`` if it is not one."""
    text = printed.replace(MINUS, "-").replace(INFINITY, "Infinity")
    try:
        return Decimal(text)
    except ArithmeticError as err:
        raise ValueError(f"not a printed number: {printed!r}") from err
