"""Layers that normalise first: a norm on its own, and a sum that stays as it is."""

from __future__ import annotations

from manim import FadeOut, VGroup

from tensorreel.core.quantity import eps
from tensorreel.visuals.chapters.norm.bypass import from_bypass
from tensorreel.visuals.chapters.norm.rows import NormRows, RowLines
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.alone import wide_grid
from tensorreel.visuals.matrix.norm_row import NormRow
from tensorreel.visuals.product.residual import Add, AddGrids
from tensorreel.visuals.stage.scene import StageScene


class NormAlone(StageScene):
    """N = LayerNorm(H): each row at mean 0 and variance 1; what it is made of stays where it is."""

    stage = "norm_alone"
    budget = 16.0

    def storyboard(self) -> None:
        """The rows that go in, then each of them on its line."""
        assert self.info is not None
        (given,), small = self.given, eps(self.trace.model.config.eps)
        x, y, gamma, beta = map(self.show, (given, self.stage, *self.learned))
        rows = [NormRow(x, gamma, beta, y, i, small) for i in range(len(self.words))]
        lines = RowLines(rows, self.pen, names=self.words, focus=self.token, checked=False)
        norms, grid = NormRows(self, lines), wide_grid(x, self.pen, self.words, focus=self.token)
        with self.beat("rows", self.info.meaning, lit=self.given):
            self.enter(grid)
            self.land()
        with self.beat("norm", "Each row on a line of its own: centred, then measured by its σ.", story=True):
            norms.open([grid])
            norms.settle(run_time=3.2)
        self.leave(lines.y)


class SumAlone(StageScene):
    """H′ = H + O: what a part gives is added to the road, and nothing is normalised."""

    stage = "sum_alone"
    budget = 16.0

    def storyboard(self) -> None:
        """The by-pass gives back what it has kept; one row in full, then all."""
        assert self.info is not None
        waited, added = self.given
        a, b, c = map(self.show, (waited, added, self.stage))
        sums = AddGrids(a, b, c, self.pen, names=self.words, focus=self.token)
        adding = Add(self, sums)
        which = [at.name for _, at in self.architecture.bypasses].index(self.stage)
        with self.beat("bypass", "What went in has waited on the by-pass.", lit=(waited,)):
            light = from_bypass(self, which, sums.a, sums.b)
            self.enter(VGroup(sums.c, sums.plus, sums.arrow), run_time=theme.SHORT)
        with self.beat("sum", self.info.meaning, lit=self.given, story=True):
            adding.row(run_time=1.8)
            adding.sweep(run_time=theme.MEDIUM)
            self.play(FadeOut(light), run_time=theme.QUICK)
        self.leave(sums.c)
