"""What captions state, held against the second forward pass: each claim is worked out again from its declaration.

An independent reading of ``claim.py``: exact decimals, digits by our own rule, and nothing of its conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

from tensorreel.core.claim import Claim, ClaimKind
from tensorreel.review.recipes import Reckoner
from tensorreel.review.rounding import NOISE, rounded

NEARLY = Decimal("1.25")
Point = tuple[Decimal, Decimal]


def is_true(claim: Claim, reckoner: Reckoner) -> bool:
    """Whether a claim is true of the model; ``UnknownRecipeError`` and its like for what cannot be followed."""
    return _RULES[claim.fact](reckoner, *claim.about)


def _values(reckoner: Reckoner, line: Sequence[Any]) -> list[Decimal]:
    return [reckoner.value(quantity) for quantity in line]


def _printed(reckoner: Reckoner, line: Sequence[Any], decimals: int) -> tuple[str, ...]:
    return tuple(reckoner.printed(quantity, decimals) for quantity in line)


def _largest(reckoner: Reckoner, line: Sequence[Any], decimals: int, places: Sequence[int]) -> bool:
    printed = _printed(reckoner, line, decimals)
    _, most = max(zip(_values(reckoner, line), printed, strict=True))
    return [k for k, text in enumerate(printed) if text == most] == list(places)


def _nearly_even(reckoner: Reckoner, line: Sequence[Any]) -> bool:
    values = _values(reckoner, line)
    return min(values) > 0 and max(values) <= NEARLY * min(values) + NOISE


def _different(reckoner: Reckoner, lines: Sequence[Sequence[Any]], decimals: int) -> int:
    """How many lines print differently."""
    return len({_printed(reckoner, line, decimals) for line in lines})


def _smaller(reckoner: Reckoner, one: Any, other: Any) -> bool:
    return reckoner.value(one) < reckoner.value(other)


def _adds_up(reckoner: Reckoner, line: Sequence[Any]) -> bool:
    return abs(sum(_values(reckoner, line), Decimal(0)) - 1) < NOISE


def _zero(reckoner: Reckoner, line: Sequence[Any], decimals: int) -> bool:
    return all(text == rounded(Decimal(0), decimals) for text in _printed(reckoner, line, decimals))


def _positive(reckoner: Reckoner, line: Sequence[Any]) -> bool:
    return all(value > 0 for value in _values(reckoner, line))


def _printed_otherwise(reckoner: Reckoner, cells: Any) -> bool:
    """Whether a number of cells, of those that are printed otherwise than before, is not zero."""
    if cells.op != "otherwise":
        raise ValueError(f"{cells}, expected cells that are printed otherwise")
    return reckoner.value(cells) > 0


def _within(reckoner: Reckoner, points: Sequence[Sequence[Any]], others: Sequence[Sequence[Any]]) -> bool:
    """Points are in a hull if they lie in its box, and on the inner side of every line through two of its corners."""
    inside, hull = ([_point(reckoner, place) for place in places] for places in (points, others))
    edges = [(a, b) for a, b in permutations(hull, 2) if _edge(a, b, hull)]
    return all(
        _boxed(point, hull) and all(_side(a, b, point) >= -NOISE for a, b in edges) for point in inside
    )


def _point(reckoner: Reckoner, place: Sequence[Any]) -> Point:
    x, y = _values(reckoner, place)
    return x, y


def _boxed(point: Point, points: Sequence[Point]) -> bool:
    return all(
        min(all_) - NOISE <= mine <= max(all_) + NOISE
        for mine, all_ in zip(point, zip(*points, strict=True), strict=True)
    )


def _edge(a: Point, b: Point, points: Sequence[Point]) -> bool:
    return all(_side(a, b, point) >= -NOISE for point in points)


def _side(a: Point, b: Point, c: Point) -> Decimal:
    """Twice the area of a triangle, negative where it turns to the right."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


_RULES: dict[ClaimKind, Callable[..., bool]] = {
    ClaimKind.LARGEST: _largest,
    ClaimKind.NEARLY_EVEN: _nearly_even,
    ClaimKind.EQUAL: lambda *about: _different(*about) == 1,
    ClaimKind.DIFFER: lambda reckoner, lines, decimals: (
        _different(reckoner, lines, decimals) == len(lines) > 1
    ),
    ClaimKind.VARY: lambda reckoner, lines, decimals: 1 < _different(reckoner, lines, decimals) < len(lines),
    ClaimKind.SMALLER: _smaller,
    ClaimKind.WITHIN: _within,
    ClaimKind.ADDS_UP: _adds_up,
    ClaimKind.ZERO: _zero,
    ClaimKind.POSITIVE: _positive,
    ClaimKind.OTHERWISE: _printed_otherwise,
    ClaimKind.AS_BEFORE: lambda reckoner, cells: not _printed_otherwise(reckoner, cells),
}
