"""LayerNorm of one token as numbers with their source.

The variance is the population's (divided by d), and ε stands inside the root (Ba et al. 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tensorreel.core.formatting import decimals_for
from tensorreel.core.quantity import Quantity, mean
from tensorreel.visuals.matrix.display_tensor import DisplayTensor


@dataclass(frozen=True)
class NormRow:
    """LayerNorm of row i of ``x`` (T, d): every number on the way, as quantities."""

    x: DisplayTensor
    gamma: DisplayTensor
    beta: DisplayTensor
    out: DisplayTensor
    i: int
    eps: Quantity

    @cached_property
    def values(self) -> Sequence[Quantity]:
        """The d values that come in."""
        return self.x.row(self.i)

    @cached_property
    def mean(self) -> Quantity:
        """Their mean μ."""
        return mean(self.values)

    @cached_property
    def deviations(self) -> Sequence[Quantity]:
        """x − μ."""
        return [v - self.mean for v in self.values]

    @cached_property
    def squares(self) -> Sequence[Quantity]:
        """(x − μ)²."""
        return [v.square() for v in self.deviations]

    @cached_property
    def variance(self) -> Quantity:
        """The mean square."""
        return mean(self.squares)

    @cached_property
    def sigma(self) -> Quantity:
        """√(variance + ε)."""
        return (self.variance + self.eps).sqrt()

    @cached_property
    def normal(self) -> Sequence[Quantity]:
        """(x − μ) / σ."""
        return [v / self.sigma for v in self.deviations]

    @cached_property
    def result(self) -> Sequence[Quantity]:
        """The row of the output: normal · γ + β."""
        return self.out.row(self.i)

    @cached_property
    def check(self) -> tuple[Quantity, Quantity]:
        """Mean and variance after the division: 0, and a little under 1 because of ε."""
        middle = mean(self.normal)
        return middle, mean([(v - middle).square() for v in self.normal])

    @property
    def plain(self) -> bool:
        """Whether γ is 1 and β is 0 everywhere, so that they change nothing."""
        return bool((self.gamma.values == 1).all() and (self.beta.values == 0).all())


def decimals_of(quantities: Sequence[Quantity]) -> int:
    """Decimals for some intermediate numbers that are printed side by side."""
    return decimals_for([q.value for q in quantities])
