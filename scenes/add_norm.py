"""Stages 12 and 15: the residual sums and LayerNorm."""

from __future__ import annotations

from manim import FadeIn, FadeOut

from tensorreel.core.claim import compared
from tensorreel.visuals.chapters.norm.addnorm import AddNorm
from tensorreel.visuals.chapters.norm.changes import Difference, change_view, marks
from tensorreel.visuals.chapters.norm.normalise import LayerNorm
from tensorreel.visuals.chapters.norm.rows import NormRows, RowLines
from tensorreel.visuals.space.sphere import is_exact, reveal
from tensorreel.visuals.stage.comparisons import added
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.sayings import largest_change
from tensorreel.visuals.whatif.question import what_if


class AttnNorm(AddNorm):
    """H′ = LayerNorm(H + O): the residual sum, then LayerNorm in full for one token."""

    stage = "attn_norm"
    budget = 49.0
    sum_of, learned, which = ("hidden", "attn_output", "attn_residual"), ("gamma_1", "beta_1"), 0

    def storyboard(self) -> None:
        """The by-pass gives back what it has kept, and both are added; one token in full; the others."""
        self.take()
        with self.beat("bypass", "The layer's input has waited on the by-pass.", lit=("hidden",)):
            self.enter_sum()
        guess = self.guess()
        with self.beat("sum", added(self.sums.b.tensor), lit=self.given):
            guess.reveal()
            self.adding.row(run_time=1.4)
            self.adding.sweep(run_time=0.7)
        self.one_token()
        self.all_tokens()
        what_if(self, "without residual", "without norm")
        self.leave(self.norms.lines.y)

    def guess(self) -> Guess:
        """The first sum of the slow row."""
        i, j = self.token, self.sums.c.cols[0]
        a, b = ((t[i, j], t.decimals) for t in (self.sums.a.tensor, self.sums.b.tensor))
        guess = Guess(self, self.sums.c.center_of(i, j))
        with self.beat("guess", "{a} plus {b}: what will the sum be?", why=True, lit=self.given, a=a, b=b):
            guess.ask()
        return guess

    def one_token(self) -> None:
        """LayerNorm step by step."""
        i, s = self.token, self.sums
        self.one = norm = LayerNorm(self, self.rows[i], self.words[i])
        d = self.count("d")
        said = "{word}: its {d} numbers as dots on a line."
        with self.beat("dots", said, word=self.spoken(i), d=d):
            norm.lift(s.c.row(i), [s.a, s.b, s.c, s.plus, s.arrow, self.light])
            norm.dots()
        with self.beat("mean", "Their mean: where the line balances."):
            norm.mean()
        with self.beat("centre", "Subtract it: the zero moves there."):
            norm.centre()
        with self.beat("squares", "Square each distance."):
            norm.squares()
        with self.beat("variance", "The mean area is the variance; its side is σ."):
            norm.variance()
        with self.beat("unit", "Divide by σ: σ is the new unit."):
            norm.rule()
        self.scale()

    def scale(self) -> None:
        """γ and β, also where they change nothing."""
        row = self.rows[self.token]
        said = "γ multiplies and β shifts: two more rows of parameters."
        if row.plain:
            said = "γ multiplies, β shifts. Here {g} and {b}: nothing moves."
        facts = [compared([row.normal, row.result], row.out.decimals)] if row.plain else []
        g, b = ((s[0, 0], s.decimals) for s in (row.gamma, row.beta))
        with self.beat("learned", said, facts=facts, g=g, b=b):
            self.one.learned()

    def all_tokens(self) -> None:
        """Every token on its own line; the checks; with d = 4 the sphere."""
        lines = RowLines(self.rows, self.pen, names=self.words, focus=self.token)
        self.norms = NormRows(self, lines)
        with self.beat(
            "tokens", "Every token gets its own mean and its own σ.", story="Added, and normalised."
        ):
            self.one.close(self.norms, self.token)
            self.norms.settle(run_time=2.6)
        self.check()

    def check(self) -> None:
        """Mean and variance as printed; the exact picture if there is one."""
        row, round_ = self.rows[self.token], is_exact(self.rows)
        said = "Check: mean {m}, variance about {v}."
        if round_:
            said = "Mean {m}, variance about {v}: points of a sphere, radius about {r}."
        if not row.plain:
            said = "Before γ and β: mean {m}, variance about {v}."
            if round_:
                said = "Before γ and β: mean {m}, variance about {v}: points of a sphere, radius about {r}."
        m, v, r = (row.check[0], 0), (row.check[1], 0 if round_ else 2), (self.count("d").sqrt(), 0)
        with self.beat("check", said, m=m, v=v, r=r):
            self.norms.check(aside=round_)
            if round_:
                reveal(self, self.rows, self.norms.lines.y)


class FfnNorm(AddNorm):
    """H⁽ˡ⁺¹⁾ = LayerNorm(H′ + F₂), and what the layer has changed."""

    stage = "ffn_norm"
    budget = 18.0
    sum_of, learned, which = ("attn_norm", "ffn_output", "ffn_residual"), ("gamma_2", "beta_2"), 1

    def storyboard(self) -> None:
        """The sum, all tokens at once, the change."""
        self.take()
        with self.beat("sum", "Once more: back from the by-pass, and added.", lit=self.given):
            self.enter_sum()
            self.adding.row(run_time=1.2)
            self.adding.sweep(run_time=0.7)
        lines = RowLines(self.rows, self.pen, names=self.words, focus=self.token, checked=False)
        s, norms = self.sums, NormRows(self, lines)
        with self.beat("norm", "LayerNorm, token by token.", story="Added, normalised again."):
            norms.open([s.a, s.b, s.c, s.plus, s.arrow, self.light])
            norms.settle(run_time=3.2)
        self.changed(norms)

    def changed(self, norms: NormRows) -> None:
        """The layer's input beside its output, the largest changes framed."""
        before, after = self.show("hidden"), self.show(self.stage)
        change = Difference.of(before, after)
        view, grids = change_view(change, self.pen, self.words)
        with self.beat("change", largest_change(self, before, after, change)):
            self.until_read(1.3)
            self.play(FadeOut(norms.lines), FadeIn(view), run_time=0.8)
            self.remove(view)
            self.add(*view)
            framed = [marks(change, grid) for grid in grids]
            self.play(*map(FadeIn, framed), run_time=0.5)
            self.land()
        grids[-1].add(framed[-1])
        self.leave(grids[-1])
