"""Stages 13–14: the feed-forward network, wider and back."""

from __future__ import annotations

from tensorreel.core.quantity import positives
from tensorreel.visuals.chapters.ffn.relu import Rectify
from tensorreel.visuals.chapters.ffn.skip import SkipMatMul, mixed
from tensorreel.visuals.chapters.ffn.widened import Widened
from tensorreel.visuals.product.corner import WIDE, SpacedFalk
from tensorreel.visuals.product.whole import result
from tensorreel.visuals.stage.comparisons import skipped, switched
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.whatif.question import what_if


class FfnHidden(Widened):
    """F₁ = ReLU(H′ W₁ + b₁): a wider layer, and the bend that switches units on and off."""

    stage = "ffn_hidden"
    budget = 34.0

    def storyboard(self) -> None:
        """The product with its bias, then ReLU on its curve."""
        product, after = self.product()
        relu = Rectify(self, product.falk, after)
        self.multiply(product)
        with self.beat(
            "curve",
            "Now ReLU: each number of {word} finds its place on the x-axis.",
            lit=(),
            word=self.spoken(self.token),
        ):
            relu.open()
            relu.place()
        guess = self.guess(relu)
        with self.beat(
            "rise", "Above zero it passes unchanged; below zero it becomes zero: the unit is off."
        ):
            guess.reveal()
            relu.rise()
        with self.beat("others", switched(after), story="ReLU: below zero is off."):
            relu.others()
        what_if(self, "without relu")
        self.leave(result(self, relu.out))

    def guess(self, relu: Rectify) -> Guess:
        """Each sum above zero is a unit that will be on."""
        guess = Guess(self, relu.counts.rows[self.token].get_center())
        word = self.spoken(self.token)
        with self.beat("guess", "How many units of {word} will be on?", why=True, lit=(), word=word):
            guess.ask()
        return guess


class FfnOutput(StageScene):
    """F₂ = F₁ W₂ + b₂: back to the model's width, by the units that are on."""

    stage = "ffn_output"
    budget = 20.0

    def storyboard(self) -> None:
        """The zeros' rows of W₂ go grey, the others make the result."""
        hidden, w, b, out = map(self.show, ("ffn_hidden", "W_2", "b_2", "ffn_output"))
        i, n, some = self.token, self.count("f"), mixed(hidden.values[self.token])
        falk = SpacedFalk(hidden, w, out, self.pen, names=self.words, bias=b, focus=i, width=WIDE, inner=some)
        product = SkipMatMul(self, falk)
        with self.beat(
            "operands",
            "A second layer leads from {f} units back to {d} numbers.",
            lit=self.inputs,
            f=n,
            d=self.count("d"),
        ):
            product.enter()
        with self.beat(
            "skip",
            "{word}: {off} of {f} units are off, so their rows of weights add nothing.",
            lit=self.factors,
            word=self.spoken(i),
            off=(n - positives(hidden.row(i)), 0),
            f=n,
        ):
            product.skip()
        with self.beat("cell", "Only the units that are on, and the bias, make the sum."):
            product.cell(slow=0.45)
        self.explain(out)
        with self.beat("rows", skipped(hidden), story="Back to the old width."):
            product.row(most=1, each=0.4)
            product.sweep(run_time=0.9)
        self.leave(result(self, falk.c))
