"""What the scenes of both Add & Norm stages share. It stands here since plain Manim takes every scene in a storyboard's
file for one to be rendered."""

from __future__ import annotations

from typing import ClassVar

from tensorreel.core.quantity import eps
from tensorreel.visuals.chapters.norm.bypass import from_bypass
from tensorreel.visuals.matrix.norm_row import NormRow
from tensorreel.visuals.product.residual import Add, AddGrids
from tensorreel.visuals.stage.scene import StageScene


class AddNorm(StageScene):
    """What both stages share: their tensors, the sum, and the rows to be normalised."""

    which: ClassVar[int]  # the by-pass that the input has taken

    def take(self) -> None:
        """Everything that is shown, from the trace."""
        assert self.info is not None
        (way,) = self.architecture.on_the_way(self.info)  # the sum of what is given
        a, b, x = (self.show(n) for n in (*self.given, way.name))
        y, gamma, beta = (self.show(n) for n in (self.stage, *self.learned))
        small = eps(self.trace.model.config.eps)
        self.rows = [NormRow(x, gamma, beta, y, i, small) for i in range(len(self.words))]
        self.sums = AddGrids(a, b, x, self.pen, names=self.words, focus=self.token)
        self.adding = Add(self, self.sums)

    def enter_sum(self) -> None:
        """The input comes back from the by-pass, the other matrix from its station."""
        s = self.sums
        self.light = from_bypass(self, self.which, s.a, s.b)
        self.enter(s.plus, s.arrow, s.c, run_time=0.5)
