"""A stage's tensor at one checkpoint, ready to be drawn on the scale of all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tensorreel.core.quantity import Quantity
from tensorreel.variations.training import Checkpoint, Exhibit, of_step
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

WIDE, SMALL = 0.888, 8e-4  # of the scale; a number that is printed with a power of ten


@dataclass(frozen=True, eq=False)
class CheckpointTensor(DisplayTensor):
    """A matrix (n, m) of a checkpoint. Its cells know their step; their shades are on the scale of all checkpoints."""

    step: int
    full: float

    @classmethod
    def of(cls, shown: Exhibit, checkpoint: Checkpoint) -> CheckpointTensor:
        """What a checkpoint has for the stage that is shown."""
        return cls(shown.at(checkpoint), shown.whole, checkpoint.step, shown.scale)

    def widest(self, shown: Exhibit) -> DisplayTensor:
        """A matrix of the same shape with digits as wide as any checkpoint's can be; never drawn."""
        most = np.full(self.values.shape, WIDE * shown.scale * (-1 if shown.signed else 1))
        most.flat[0] = SMALL * np.sign(most.flat[0])
        return DisplayTensor(replace(self.tensor, values=most), self.whole)

    @property
    def _scale(self) -> float:
        return self.full

    def _make(self, i: int, j: int) -> Quantity:
        return of_step(self.step, super()._make(i, j))
