"""Stages 1 and 2: the token embedding and the position."""

from __future__ import annotations

from manim import VGroup

from tensorreel.core.claim import compared
from tensorreel.core.quantity import Count, count, stage_number
from tensorreel.visuals.chapters.embedding.lookup import LookUp
from tensorreel.visuals.chapters.embedding.onehot import OneHot, Select
from tensorreel.visuals.chapters.embedding.picking import PickRows
from tensorreel.visuals.chapters.embedding.swap import RowSwap, swappable
from tensorreel.visuals.look import theme
from tensorreel.visuals.product.residual import Add, AddGrids
from tensorreel.visuals.stage.comparisons import unpicked
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.whatif.question import what_if


class TokenEmbedding(StageScene):
    """X = E[t]: an id picks a row."""

    stage = "token_embedding"
    budget = 25.0

    def storyboard(self) -> None:
        """Tokens and ids, the table, one row slowly, all rows, the rows left over, the same as a product."""
        e, x, picked = self.show("E"), self.show("token_embedding"), self.trace.tokens[self.token]
        lookup = LookUp.of(self, e, x)
        pick = PickRows(self, lookup)
        with self.beat(
            "tokens",
            "Each token has an id: its place in the vocabulary, counted from {zero}.",
            lit=(),
            zero=count(0, Count.WORD, 0),
        ):
            pick.tokens()
        self.explain(e)
        with self.beat("table", "The table E holds one row of numbers for every word.", lit=self.learned):
            pick.table()
        with self.beat(
            "pick",
            "The id picks a row of E, and a copy of it goes to X.",
            lit=(*self.learned, self.stage),
            story="Each word becomes numbers.",
        ):
            pick.first()
            pick.others()
        back = stage_number(self.architecture.users("E")[-1])
        with self.beat("unused", unpicked(self, back), lit=()):
            pick.dim_unused()
        with self.beat(
            "one_hot",
            "The same as a product: {zero}s and a single {one} select the row of E.",
            lit=(*self.learned, self.stage),
            zero=count(0, Count.ONE_HOT, picked, (picked + 1) % len(self.trace.model.words)),
            one=count(1, Count.ONE_HOT, picked, picked),
        ):
            Select(self, pick, OneHot(lookup)).play()
        self.leave(lookup.x)


class Embedding(StageScene):
    """H⁽⁰⁾ = X + P: the position is added, cell by cell."""

    stage = "embedding"
    budget = 20.0
    loops = ("order",)

    def storyboard(self) -> None:
        """One row with its sums, the sweep, and two words that change places."""
        x, p, h = self.show("token_embedding"), self.show("P"), self.show("embedding")
        sums = AddGrids(x, p, h, self.pen, names=self.words, focus=self.token, positions=True)
        add = Add(self, sums)
        with self.beat(
            "operands", "A second table, P, holds one row of numbers for every position.", lit=self.inputs
        ):
            self.enter(sums.a, sums.b)
            self.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
            self.enter(VGroup(sums.c, sums.plus, sums.arrow), run_time=theme.SHORT)
        guess = self.guess(sums)
        with self.beat("row", "Word plus position, cell by cell."):
            guess.reveal()
            add.row(run_time=3.4)
        self.explain(h)
        with self.beat("sweep", "Every row is treated the same way.", story="Its position is added."):
            add.sweep(run_time=theme.MEDIUM)
        pair = swappable(sums, self.trace.tokens)
        if pair:
            swap = RowSwap(self, sums, *pair)
            differ = [compared([t.row(k) for k in pair], t.decimals) for t in (x, p)]
            with self.beat(
                "order",
                "Swap two words: X's rows swap, P's stay. So the word order counts.",
                lit=self.inputs,
                facts=differ,
            ):
                swap.play()
            swap.back()
        what_if(self, "without position")
        self.leave(sums.c)

    def guess(self, sums: AddGrids) -> Guess:
        """The first sum, which can be worked out in the head."""
        i, cols, added = self.token, sums.c.cols, sums.b.tensor.values[self.token]
        j = next((j for j in cols if added[j]), cols[0])  # a sum with zero is no question
        a, b = ((t[i, j], t.decimals) for t in (sums.a.tensor, sums.b.tensor))
        guess = Guess(self, sums.c.center_of(i, j))
        with self.beat("guess", "{a} plus {b}: which number will stand here?", why=True, a=a, b=b):
            guess.ask()
        return guess
