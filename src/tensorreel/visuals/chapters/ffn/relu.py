"""ReLU as it is seen: below zero units stay flat and go hollow, and it is counted which ones are on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from manim import Animation, VGroup

from tensorreel.visuals.chapters.ffn.curve import RELU, is_on
from tensorreel.visuals.chapters.ffn.on_curve import OnCurve
from tensorreel.visuals.chapters.ffn.units import OnOff, RowCounts, hollow_out
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.product.falk import Falk

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

WIDE = 0.25  # between wide counts and the curve


class Rectify(OnCurve, steps="open place! rise! others!"):
    """Plays ReLU on the result of a product; ``counts`` says of each row how many of its units are on."""

    counted: ClassVar[float] = 0.95

    def __init__(self, scene: StageScene, falk: Falk, after: DisplayTensor) -> None:
        self.note: OnOff | None = None
        super().__init__(scene, falk, after, RELU)

    def _dressed(self, grid: TensorGrid) -> TensorGrid:
        return hollow_out(grid)

    def _beside(self) -> float:
        self.counts = RowCounts(self.out, self.scene.pen, x=self.out.get_right()[0] + 0.18)
        return max(super()._beside(), self.counts.get_right()[0] + WIDE)

    def _noted(self, i: int) -> Sequence[VGroup]:
        """How many units are on, over the curve and beside the row."""
        first = [] if self.note else [self.counts.head]
        self.note = OnOff(self.scene.words[i], self.pre.tensor.row(i), self.curve)
        return [self.note, *first, self.counts.rows[i]]

    def _forgotten(self) -> Sequence[VGroup]:
        return [self.note] if self.note else []

    def _fade(self) -> list[Animation]:
        """Those below zero go dim."""
        off = [n for n in self.inputs.numerals if not is_on(n.quantity.value)]
        return [n.animate.set_color(self.scene.theme.dim) for n in off]
