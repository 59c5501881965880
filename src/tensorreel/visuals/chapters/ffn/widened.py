"""What the scenes of all first halves of the feed-forward network share. It stands here since plain Manim takes every
scene in a storyboard's file for one to be rendered."""

from __future__ import annotations

from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.product.corner import WIDE, AiryFalk
from tensorreel.visuals.product.matmul import MatMul
from tensorreel.visuals.stage.comparisons import widened
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.text import Text

CELL = Text("Row times column as before; then the unit's bias is added.", "ffn_hidden.cell")
ROW = Text("Every unit of every word, the same way.", "ffn_hidden.row")


class Widened(StageScene):
    """A product with its bias that gives each word its units; then an activation."""

    def product(self) -> tuple[MatMul, DisplayTensor]:
        """The product, and what the activation will make of it."""
        (rows,), (w, b), after = self.given, self.learned, self.show(self.stage)
        falk = AiryFalk(
            self.show(rows),
            self.show(w),
            self.show("ffn_pre"),
            self.pen,
            names=self.words,
            bias=self.show(b),
            focus=self.token,
            width=WIDE,
            later=[after],
        )
        return MatMul(self, falk), after

    def multiply(self, product: MatMul) -> None:
        """One cell slowly, with its bias; then all."""
        with self.beat("operands", widened(self), lit=self.inputs):
            product.enter()
        with self.beat("cell", CELL, lit=self.learned):
            product.cell(slow=0.55)
        with self.beat("row", ROW, lit=()):
            product.row(most=1, each=0.45)
            product.sweep(run_time=1.0)
