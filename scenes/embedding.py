"""Stages 1 and 2: the token embedding and the position."""

from __future__ import annotations

from tensorreel.visuals.residual import Add, AddGrids, prepared
from tensorreel.visuals.scene import StageScene


class Embedding(StageScene):
    """H⁽⁰⁾ = X + P: the position is added, cell by cell."""

    stage = "embedding"
    budget = 16.0

    def storyboard(self) -> None:
        """One row with its sums, the sweep, and two words that change places."""
        x, p, h = self.show("token_embedding"), self.show("P"), self.show("embedding")
        i = self.token
        sums = prepared(AddGrids(x, p, h, self.pen, names=self.words, focus=i, positions=True))
        add = Add(self, sums)
        with self.beat(
            "operands",
            "Each place in the sentence has a vector of its own, too.",
            "文の中の位置にも、それぞれのベクトルがある。",
            lit=("token_embedding", "P"),
        ):
            self.enter(sums.a, sums.b)
            self.enter(sums.c, sums.plus, sums.arrow)
        with self.beat("row", "Add them cell by cell.", "同じ場所どうしを足す。", lit=("embedding",)):
            add.row(i)
        with self.beat("sweep", "Every row.", "どの行も。", lit=("embedding",)):
            add.sweep(i)
        self.leave(sums.c)
