"""The feed-forward network of models whose units are never quite off: GELU, and the way back from all of them."""

from __future__ import annotations

from tensorreel.visuals.chapters.ffn.curve import made_by
from tensorreel.visuals.chapters.ffn.on_curve import OnCurve, softened
from tensorreel.visuals.chapters.ffn.widened import Widened
from tensorreel.visuals.product.corner import WIDE, SpacedFalk
from tensorreel.visuals.product.matmul import MatMul
from tensorreel.visuals.product.whole import result
from tensorreel.visuals.stage.scene import StageScene


class FfnHiddenGelu(Widened):
    """F₁ = GELU(H′ W₁ + b₁): a wider layer, and a soft bend."""

    stage = "ffn_hidden_gelu"
    budget = 30.0

    def storyboard(self) -> None:
        """The product with its bias, then GELU on its curve."""
        product, after = self.product()
        gelu = OnCurve(self, product.falk, after, made_by(product.falk.c.tensor, after))
        self.multiply(product)
        with self.beat(
            "curve",
            "Now GELU: each number of {word} finds its place on the x-axis.",
            lit=(),
            word=self.spoken(self.token),
        ):
            gelu.open()
            gelu.place()
        with self.beat(
            "rise", "Far above zero it passes almost unchanged; far below, almost nothing is left."
        ):
            gelu.rise()
        with self.beat("others", softened(gelu), story="GELU: a soft bend at zero."):
            gelu.others()
        self.leave(result(self, gelu.out))


class FfnOutputOfAll(StageScene):
    """F₂ = F₁ W₂ + b₂ where no unit is off: back to the model's width."""

    stage = "ffn_output_of_all"
    budget = 17.0

    def storyboard(self) -> None:
        """One cell with all its terms and the bias, its row, the sweep."""
        hidden, w, b, out = map(self.show, (*self.inputs, self.stage))
        falk = SpacedFalk(hidden, w, out, self.pen, names=self.words, bias=b, focus=self.token, width=WIDE)
        product = MatMul(self, falk)
        with self.beat(
            "operands",
            "A second layer leads from {f} units back to {d} numbers.",
            lit=self.inputs,
            f=self.count("f"),
            d=self.count("d"),
        ):
            product.enter()
        with self.beat("cell", "All units of the row are multiplied and added up; then comes the bias."):
            product.cell(slow=0.45)
        self.explain(out)
        with self.beat("rows", "Every word, the same way.", story="Back to the old width."):
            product.row(most=1, each=0.4)
            product.sweep(run_time=0.9)
        self.leave(result(self, falk.c))
