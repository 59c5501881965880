"""What = and ≈ claim: whether the digits at their left give those at their right."""

from __future__ import annotations

from decimal import Decimal

from tensorreel.review import arithmetic
from tensorreel.review.recipes import Reckoner
from tensorreel.review.rounding import NOISE
from tensorreel.visuals.lettering.glyphs import Numeral, Relation


def held_against(m: Relation, reckoner: Reckoner) -> tuple[bool, bool]:
    """Whether both sides of a relation are equal as printed, and whether they can be at all: rounded digits stand for
    all that rounds to them."""
    right, about = arithmetic.read(m.right.text), arithmetic.reach(m.right.text)
    if isinstance(m.left, str):
        return arithmetic.read(m.left) == right, arithmetic.reach(m.left).meets(about, NOISE)
    left = reckoner.value(m.left)
    if m.right.quantity.shown is not None:  # a share that gives way to its row: one unit off at most
        about = arithmetic.Interval(2 * about.low - right, 2 * about.high - right)
    exact = abs(left - right) < NOISE * max(Decimal(1), abs(right))
    if m.worked:
        exact = arithmetic.read(m.worked) == right
    return exact, arithmetic.Interval(left, left).meets(about, NOISE)


def follows(m: Relation | Numeral) -> bool:
    """Whether the result comes out when a person works with the printed digits: within half a unit of its last place, a
    whole number exactly. Where nothing is printed to work with, nothing can fail."""
    right = m.right if isinstance(m, Relation) else m
    if not m.worked:
        return True
    try:
        return arithmetic.comes_out(m.worked, right.text, exactly=right.quantity.op == "count")
    except ArithmeticError:
        return False
