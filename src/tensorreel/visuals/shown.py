"""What a scene has taken from the trace: a tensor ready to be drawn, and its decimals, role and letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tensorreel.engine import Tensor
from tensorreel.formatting import as_printed
from tensorreel.quantity import Quantity, cells
from tensorreel.visuals.theme import role_of


@dataclass(frozen=True, eq=False)
class Shown:
    """A matrix (n, m) of the trace as the screen sees it. Vectors are one row."""

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

    @cached_property
    def cells(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The numbers with their source, (n, m) of ``Quantity``."""
        return np.atleast_2d(cells(self.tensor))

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
        """The least and the greatest finite cell of the tensor over all heads: the range of its shades."""
        finite: list[Quantity] = [q for q in cells(self.whole).ravel().tolist() if np.isfinite(q.value)]
        return min(finite, key=_value), max(finite, key=_value)

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """(dimension letter, size) of each axis, for the shape badge."""
        return list(zip(self.tensor.dims, self.tensor.values.shape, strict=True))

    def __getitem__(self, index: tuple[int, int]) -> Quantity:
        quantity: Quantity = self.cells[index]
        return quantity

    def row(self, i: int) -> list[Quantity]:
        """The quantities of a row."""
        return list(self.cells[i])

    def col(self, j: int) -> list[Quantity]:
        """The quantities of a column."""
        return list(self.cells[:, j])

    def transposed(self) -> Reworked:
        """Rows and columns exchanged; every number keeps its place in the trace as its source."""
        turned = replace(
            self.tensor,
            symbol=f"{self.symbol}^top",
            symbol_plain=f"{self.tensor.symbol_plain}ᵀ",
            dims=self.tensor.dims[::-1],
            values=self.tensor.values.T,
        )
        return Reworked(turned, self.whole, self.cells.T, self)

    def reworked(self, cells: np.ndarray[Any, np.dtype[np.object_]]) -> Reworked:
        """The same matrix with other quantities in its cells: arithmetic that a stage shows on its way."""
        values = np.array([[q.value for q in row] for row in cells])
        return Reworked(replace(self.tensor, values=values), self.whole, cells, self)


@dataclass(frozen=True, eq=False)
class Reworked(Shown):
    """A matrix whose numbers come from another one: turned, or worked on. ``origin`` is that other one."""

    given: np.ndarray[Any, np.dtype[np.object_]]
    origin: Shown

    @cached_property
    def cells(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The numbers with their source, (n, m) of ``Quantity``."""
        return self.given


def _value(quantity: Quantity) -> float:
    return quantity.value
