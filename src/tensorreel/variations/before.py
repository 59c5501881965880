"""Numbers of a film of differences: what stood in a cell before, by how much it moved, how many are printed otherwise.

*Before* is the old model, *now* the one whose film it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.formatting import as_printed
from tensorreel.core.quantity import Quantity
from tensorreel.variations.difference import StageDifference, common_decimals, printed_otherwise, seen_from


def of_before(quantity: Quantity) -> Quantity:
    """The same of the model as it was; ``quantity`` was taken from its trace."""
    return Quantity("before", (quantity,), quantity.value, quantity.shown)


def change_of(before: Quantity, was: int, now: Quantity, decimals: int) -> Quantity | None:
    """The difference of two numbers as they are printed, so that it can be checked by hand; none of an infinity
    or of digits that are alike.

    The number before has ``was`` decimals, the one now ``decimals``.
    """
    if not (math.isfinite(before.value) and math.isfinite(now.value)):
        return None
    first, last = (as_printed(q.printed(d), d) for q, d in ((before, was), (now, decimals)))
    return Quantity("moved", (before, was, now, decimals), last - first) if last != first else None


def otherwise(before: Tensor, now: Tensor) -> Quantity:
    """How many cells of a tensor are printed otherwise than before, with the decimals of the finer one."""
    n = int(printed_otherwise(before, now).sum())
    return Quantity("otherwise", (now.name, now.layer, common_decimals(before, now)), float(n))


def cells_of(tensor: Tensor) -> Quantity:
    """How many cells a tensor has."""
    return Quantity("cells", (tensor.name, tensor.layer), float(tensor.values.size))


def felt_in(groups: Iterable[Sequence[Quantity]]) -> Quantity:
    """In how many of some groups of ``otherwise`` there is a cell that is printed otherwise."""
    known = tuple(map(tuple, groups))
    return Quantity("felt", known, float(sum(any(q.value for q in group) for group in known)))


def shown_otherwise(old: Trace, new: Trace, found: StageDifference) -> dict[str, Quantity]:
    """How many cells are printed otherwise of each tensor that a stage shows in a layer, by name."""
    before, now = (seen_from(trace, found.layer) for trace in (old, new))
    return {name: otherwise(before[name], now[name]) for name in found.shown}
