"""Stages 6–8: scores, weights, context."""

from __future__ import annotations

import numpy as np
from manim import FadeIn

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.chapters.attention.mixsheet import MixSheet, Mixture
from tensorreel.visuals.chapters.attention.rowmix import MixTable, RowMix
from tensorreel.visuals.chapters.attention.scaling import Scaling
from tensorreel.visuals.chapters.attention.scoreplane import ScorePlane, score_layout
from tensorreel.visuals.chapters.attention.transpose import Transpose
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.geometry import fits_plane
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.matmul import MatMul
from tensorreel.visuals.shares.shares import ShareTable, Turning
from tensorreel.visuals.shares.softmax import Softmax, one_row, strongest_look
from tensorreel.visuals.shares.softmax_sheet import Bench, SoftmaxRow
from tensorreel.visuals.stage.comparisons import in_place, rows_add_up, rows_within
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.sayings import heaviest_row, most_attended
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.whatif.question import what_if


class AttnScores(StageScene):
    """S = Q Kᵀ / √d_k: every query meets every key; a score is a dot product, and a shadow in the plane."""

    stage = "attn_scores"
    budget = 42.0
    loops = ("transpose",)

    @property
    def default_token(self) -> int:
        """The row whose query matches the first key best."""
        return int(
            np.argmax(self.trace.at(layer=self.options.layer, head=self.head)["attn_dot"].values[:, 0])
        )

    def storyboard(self) -> None:
        """K turns; one score in two ways; the grid fills; √d_k; the mask, if there is one."""
        q, k, dots, scores = (self.show(n) for n in ("query", "key", "attn_dot", "attn_scores"))
        falk = score_layout(self, q, k, dots, scores)
        product = MatMul(self, falk)
        self.turned(falk)
        plane = ScorePlane(self, q, k, dots, falk) if ScorePlane.exists(q, self.token) else None
        self.one_score(product, plane, falk.c.cols[0])
        self.all_scores(product, plane)
        scaling = Scaling(self, falk, scores)
        self.divided(scaling, plane)
        if self.trace.model.config.causal and len(self.words) > 1:
            with self.beat(
                "mask", "Causal mask: no word may look at a later one, so these scores become −∞."
            ):
                scaling.mask()
        what_if(self, "without scale", "causal")
        self.leave(scaling.final)

    def turned(self, falk: Falk) -> None:
        """Q and K arrive; K turns about its diagonal and takes its place above S."""
        k, transpose = falk.b, Transpose(self, falk.b, names=self.words, corner=falk.beside_a())
        with self.beat(
            "operands", "Each word asks with its query and answers with its key.", lit=self.factors
        ):
            self.enter(falk.a)
            self.until_read(theme.MEDIUM + theme.HOLD_ENTRANCE)
            self.enter(transpose.before)
        with self.beat(
            "transpose", "Turn K about its diagonal: the row of a word becomes its column.", lit=("key",)
        ):
            transpose.turn(follow=(k.cols[-1], k.rows[0]))
            transpose.settle(FadeIn(falk.c))

    def one_score(self, product: MatMul, plane: ScorePlane | None, j: int) -> None:
        """One dot product, and the same number as a length."""
        i = self.token
        with self.beat(
            "cell",
            "Query of {q} times key of {k}: one number says how well they match.",
            lit=self.factors,
            q=self.spoken(i),
            k=self.spoken(j),
        ):
            product.cell()
        if plane is None:
            return
        with self.beat(
            "plane", "The query's length times the key's shadow on it: the same number.", lit=self.factors
        ):
            plane.appear(product)
            plane.measure()

    def all_scores(self, product: MatMul, plane: ScorePlane | None) -> None:
        """The rest of the row with its shadows, then all other rows."""
        with self.beat(
            "row",
            "The next key, the next score: {q} meets every word.",
            lit=("key",),
            q=self.spoken(self.token),
        ):
            if plane:
                product.row(each=1.5, most=0, beside=plane.next)
            else:
                product.row()
        with self.beat("sweep", "Every query meets every key.", lit=self.factors):
            if plane:
                self.play(*plane.settle(), run_time=theme.QUICK)
            beside = [plane.everyone(product.falk.c.rows)] if plane and len(self.words) > 1 else []
            product.sweep(run_time=1.8, beside=beside)

    def divided(self, scaling: Scaling, plane: ScorePlane | None) -> None:
        """√d_k once, one cell, all cells; the spread before and after."""
        with self.beat("root", "Wider vectors, larger products: divide by the root of the width."):
            if plane:
                self.play(*plane.vanish(), run_time=theme.SHORT)
            scaling.root()
        self.explain(scaling.final.tensor)
        with self.beat("scale", in_place(scaling.size_before, scaling.size_after), story="Who fits whom?"):
            scaling.all()


class AttnWeights(StageScene):
    """A = softmax(S): every row of scores becomes shares that add up to 1."""

    stage = "attn_weights"
    budget = 39.0

    @property
    def default_token(self) -> int:
        """The row with the strongest look at another token."""
        return strongest_look(self.trace.at(self.options.layer, self.head)["attn_weights"].values)[0]

    def storyboard(self) -> None:
        """One row on the bench, then the other rows in place, and the largest weight in words."""
        s, a, i = self.show("attn_scores"), self.show("attn_weights"), self.token
        j = int(a.values[i].argmax())
        bench = Bench(SoftmaxRow.of(s, a, i, self.words), self.pen, self.theme.role(a.role))
        table = ShareTable(s, a, self.pen, row_names=self.words, col_names=self.words, focus=(i, j))
        softmax = Softmax(self, bench, i, table.before, table.slots)
        rows = Turning(self, table, softmax)
        with self.beat(
            "scores",
            "Each row of scores shall become shares of one whole, a bar of length {one}.",
            lit=self.given,
            facts=rows_add_up(a),
            one=count(1, Count.WHOLE, a.row(i)),
        ):
            self.enter(table.before)
            softmax.mark()
        self.guess(table)
        one_row(self, softmax)
        self.explain(a)
        with self.beat(
            "rows",
            "Every row is done the same way, and every row adds up to {one}.",
            facts=rows_add_up(a),
            one=count(1, Count.WHOLE, a.row(i)),
        ):
            rows.settle()
            rows.others()
        with self.beat("read", most_attended(self, a, i), story=True):
            rows.point_at(j)
        self.leave(table.after)

    def guess(self, table: ShareTable) -> None:
        """Where the chosen word will look; its scores tell."""
        guess = Guess(self, (table.slots.get_center()[0], table.before.row_y(self.token)))
        said = "What do you think: which word will {word} look at?"
        with self.beat("guess", said, why=True, lit=(), word=self.spoken(self.token)):
            guess.ask()
        guess.reveal()


class Context(StageScene):
    """Z = A V: every token's row is a mixture of the value rows."""

    stage = "context"
    budget = 28.0

    @property
    def default_token(self) -> int:
        """The same row as in the stage before."""
        return strongest_look(self.trace.at(self.options.layer, self.head)["attn_weights"].values)[0]

    def storyboard(self) -> None:
        """One row as a weighted sum, the other rows, and the hull where the plane is exact."""
        a, v, z = self.show("attn_weights"), self.show("value"), self.show("context")
        mix = Mixture(a, v, z, self.token)
        table = MixTable(mix, self.words, self.pen)
        device = RowMix(self, table, MixSheet(mix, self.words, self.pen, self.theme.role(a.role)))
        who = self.spoken(mix.i)
        with self.beat(
            "operands",
            "The weights of {who} say how much of each value row it takes.",
            lit=self.factors,
            who=who,
        ):
            device.operands()
        with self.beat("attach", heaviest_row(self, a, mix.i), lit=self.factors):
            device.attach()
        with self.beat("scale", "Each row is scaled by its weight.", lit=self.factors):
            device.scale()
        with self.beat("add", "Their sum is the row of {who} in Z.", who=who):
            device.add()
        self.explain(z)
        with self.beat("rows", "Every token mixes with its own weights.", story="The values are mixed."):
            device.rows()
        if fits_plane(v.values.shape[1]):
            with self.beat(
                "hull",
                "Weights add up to {one}, so each Z stays inside the hull of the rows of V.",
                lit=(*self.factors, self.stage),
                facts=(*rows_add_up(a), rows_within(z, v)),
                one=count(1, Count.WHOLE, a.row(mix.i)),
            ):
                device.hull()
        self.leave(table.z)
