"""What a scene has taken from the trace: a tensor ready to be drawn, and its decimals, role and letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tensorreel.core.engine import Tensor
from tensorreel.core.formatting import as_printed
from tensorreel.core.functional import Array
from tensorreel.core.quantity import Quantity, Terms, cell
from tensorreel.visuals.look.theme import role_of


@dataclass(frozen=True, eq=False)
class DisplayTensor:
    """A matrix (n, m) of the trace as the screen sees it. Vectors are one row.

    The quantity of a cell is made when somebody asks for it, so that a cell that is not drawn costs nothing.
    """

    tensor: Tensor
    whole: Tensor  # with every head: it decides decimals and shading, so that heads can be compared

    @property
    def name(self) -> str:
        """Its name in the trace."""
        return self.tensor.name

    @property
    def head(self) -> int | None:
        """The head it belongs to, if any."""
        return self.tensor.head

    @property
    def symbol(self) -> str:
        """Its symbol, as Typst math; the i of one head's tensor is that head's number."""
        symbol = self.tensor.symbol
        return symbol if self.head is None else symbol.replace("_i", f"_{self.head + 1}")

    @property
    def role(self) -> str:
        """The role whose hue it wears."""
        return role_of(self.name, learned=self.is_parameter)

    @property
    def is_parameter(self) -> bool:
        """Whether it is learned (a parameter) rather than computed."""
        return self.tensor.learned

    @cached_property
    def values(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The numbers, (n, m)."""
        return np.atleast_2d(self.tensor.values)

    def printed(self, i: int) -> Array:
        """Row i (m,) with the numbers that its digits are made from."""
        return self.tensor.printed_row(i) if self.tensor.values.ndim == 2 else self.tensor.printed_row()

    @property
    def decimals(self) -> int:
        """Printed digits behind the point, the same for the whole matrix."""
        return self.whole.decimals

    @cached_property
    def _scale(self) -> float:
        finite = np.abs(self.whole.values[np.isfinite(self.whole.values)])
        return as_printed(float(finite.max(initial=0.0)), self.decimals) or 1.0

    def strength(self, value: float) -> float:
        """|value| over the tensor's largest |value|, both as printed: 0 … 1, the strength of a cell's shade.

        What is printed decides, so that two cells with the same digits look the same, today and tomorrow.
        """
        if not np.isfinite(value):
            return 0.0
        return min(1.0, abs(as_printed(float(value), self.decimals)) / self._scale)

    @property
    def ends(self) -> tuple[Quantity, Quantity]:
        """The least and the greatest finite cell that belongs to it; of all heads only where it is all of them."""
        low, high = extremes(self.values)
        return self._at(low), self._at(high)

    def _at(self, place: tuple[int, ...]) -> Quantity:
        return self[place[0], place[1]] if len(place) == 2 else cell(self.tensor, *place)

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """(dimension letter, size) of each axis, for the shape badge."""
        return list(zip(self.tensor.dims, self.tensor.values.shape, strict=True))

    @cached_property
    def _made(self) -> dict[tuple[int, int], Quantity]:
        return {}

    def _make(self, i: int, j: int) -> Quantity:
        """The quantity of a cell, from the trace."""
        return cell(self.tensor, i, j) if self.tensor.values.ndim == 2 else cell(self.tensor, j)

    def __getitem__(self, index: tuple[int, int]) -> Quantity:
        n, m = self.values.shape
        place = range(n)[index[0]], range(m)[index[1]]
        if place not in self._made:
            self._made[place] = self._make(*place)
        return self._made[place]

    def row(self, i: int) -> Terms:
        """The quantities of a row."""
        return Terms(self.values[i], lambda j: self[i, j])

    def col(self, j: int) -> Terms:
        """The quantities of a column."""
        return Terms(self.values[:, j], lambda i: self[i, j])

    def transposed(self) -> Reworked:
        """Rows and columns exchanged; every number keeps its place in the trace as its source."""
        turned = replace(
            self.tensor,
            symbol=f"{self.symbol}^top",
            symbol_plain=f"{self.tensor.symbol_plain}ᵀ",
            dims=self.tensor.dims[::-1],
            values=self.tensor.values.T,
        )
        return Reworked(turned, self.whole, lambda i, j: self[j, i], self)

    def reworked(self, values: Array, how: Callable[[int, int], Quantity]) -> Reworked:
        """The same matrix with other numbers (n, m): arithmetic that a stage shows on its way, cell by cell."""
        return Reworked(replace(self.tensor, values=values), self.whole, how, self)


@dataclass(frozen=True, eq=False)
class Reworked(DisplayTensor):
    """A matrix whose numbers come from another one: turned, or worked on. ``origin`` is that other one."""

    given: Callable[[int, int], Quantity]
    origin: DisplayTensor

    def printed(self, i: int) -> Array:
        """Row i (m,) with the numbers that its digits are made from: those of its cells."""
        return np.array([q.printed(self.decimals) for q in self.row(i)])

    def _make(self, i: int, j: int) -> Quantity:
        return self.given(i, j)


def extremes(values: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the least and the greatest finite number of an array stand, each the first of its kind."""
    finite = np.isfinite(values)
    low, high = np.where(finite, values, np.inf).argmin(), np.where(finite, values, -np.inf).argmax()
    least, most = (tuple(map(int, np.unravel_index(k, values.shape))) for k in (low, high))
    return least, most
