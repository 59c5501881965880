"""Stages 3–8: query, key, value, scores, weights, context."""

from __future__ import annotations

from tensorreel.visuals.falk import Falk
from tensorreel.visuals.matmul import MatMul, prepared
from tensorreel.visuals.scene import StageScene


class Query(StageScene):
    """Q = H W_Q: the first product, in full detail."""

    stage = "query"
    budget = 26.0

    def storyboard(self) -> None:
        """One cell slowly, its row, then the sweep."""
        h, w, q = self.show("hidden"), self.show("W_Q"), self.show("query")
        i = self.token
        falk = prepared(Falk(h, w, q, self.pen, names=self.words, focus=i))
        product = MatMul(self, falk)
        with self.beat(
            "operands",
            "Each word's row meets learned weights: the boxed matrix.",
            "各単語の行に、学習された重み(枠つきの行列)を掛ける。",
            lit=("hidden", "W_Q"),
        ):
            self.enter(falk.a, falk.b)
            self.enter(falk.c)
        with self.beat(
            "cell",
            "Row times column: multiply in pairs, then add.",
            "行と列を、組ごとに掛けて足す。",
            lit=("query",),
        ):
            product.cell(i, falk.c.cols[0])
        with self.beat("row", "Next column, next number.", "次の列で、次の数。", lit=("query",)):
            product.row(i)
        with self.beat(
            "sweep", "Every row is treated the same way.", "どの行も同じように計算する。", lit=("query",)
        ):
            product.sweep(i)
        self.leave(falk.c)
