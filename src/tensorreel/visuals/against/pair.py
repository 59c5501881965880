"""A matrix of the film's model, and the same of the model before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tensorreel.core.engine import Trace
from tensorreel.core.quantity import Quantity
from tensorreel.variations.before import change_of, of_before
from tensorreel.variations.difference import common_decimals, printed_otherwise
from tensorreel.visuals.lettering.glyphs import printed_digits
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

FEW = 200  # changes that are worked out for their widths


@dataclass(frozen=True, eq=False)
class OldTensor(DisplayTensor):
    """A matrix of the model before; each of its numbers says so."""

    def _make(self, i: int, j: int) -> Quantity:
        return of_before(super()._make(i, j))

    @classmethod
    def like(cls, now: DisplayTensor, old: Trace) -> OldTensor:
        """What stood where a matrix stands now, with its decimals where these are more."""
        whole = old.at(layer=now.tensor.layer)[now.name]
        whole = whole.with_decimals(common_decimals(whole, now.whole))
        return cls(whole if now.head is None else whole.of_head(now.head), whole)


@dataclass(frozen=True, eq=False)
class TensorPair:
    """Both, with the ``places`` of the cells whose digits are not the same."""

    now: DisplayTensor
    before: OldTensor

    @cached_property
    def places(self) -> frozenset[tuple[int, int]]:
        """Row and column of each cell that is printed otherwise."""
        other = np.atleast_2d(printed_otherwise(self.before.tensor, self.now.tensor))
        return frozenset((int(i), int(j)) for i, j in np.argwhere(other))

    @cached_property
    def columns(self) -> frozenset[int]:
        """The columns in which they stand."""
        return frozenset(j for _, j in self.places)

    @cached_property
    def farthest(self) -> tuple[int, int]:
        """The place of the cell that moved most, or the first one."""
        return max(sorted(self.places), key=self._way, default=(0, 0))

    def _way(self, place: tuple[int, int]) -> float:
        return abs(float(np.nan_to_num(self.now.values[place] - self.before.values[place], nan=0.0)))

    def change(self, i: int, j: int) -> Quantity | None:
        """By how much the digits of a cell moved; none of an infinity."""
        return change_of(self.before[i, j], self.before.decimals, self.now[i, j], self.now.decimals)

    @cached_property
    def changes(self) -> Sequence[str]:
        """The digits of some changes, each with its sign."""
        known = (self.change(i, j) for i, j in sorted(self.places)[:FEW])
        return [signed(q, self.before.decimals) for q in known if q is not None]


def signed(change: Quantity, decimals: int) -> str:
    """``+0.50``, ``−0.50``."""
    return ("+" if change.value > 0 else "") + printed_digits(change, decimals)
