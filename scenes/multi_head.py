"""Stages 9–11: the heads side by side, their concatenation, the output projection that mixes them."""

from __future__ import annotations

from manim import FadeIn

from tensorreel.core.claim import compared
from tensorreel.visuals.chapters.heads.attention_arrows import Look, grow_looks, looked, most_telling
from tensorreel.visuals.chapters.heads.concat import Joining, input_beside, slide
from tensorreel.visuals.chapters.heads.lanes import FOOT, MOST, PATH, Lane, areas, station, uncounted
from tensorreel.visuals.chapters.heads.mixing import HeadMix, HeadTints, falk_of_heads
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.heads import some_heads
from tensorreel.visuals.product.whole import result
from tensorreel.visuals.stage.comparisons import flat, from_heads
from tensorreel.visuals.stage.sayings import attention_of_heads
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.whatif.question import what_if


class Heads(StageScene):
    """head_i = Attention(H W_Q^i, H W_K^i, H W_V^i): every head walks the same path to results of its own."""

    stage = "heads"
    budget = 20.0

    @property
    def default_token(self) -> int:
        """The word on which the heads differ most."""
        return most_telling([self.show("attn_weights", head=k) for k in self.each])

    @property
    def each(self) -> list[int]:
        """The heads that have a lane: all of them, up to four; of more, the chosen one is among them."""
        return some_heads(self.trace.model.config.n_heads, MOST, self.head)

    def storyboard(self) -> None:
        """The path in all lanes at once, station by station; then where each head looks."""
        i, n = self.token, self.trace.model.config.n_heads
        spots = areas(len(self.each), FOOT if n > len(self.each) else 0)
        paths = [[self.show(name, head=k) for name in PATH] for k in self.each]
        lanes = [Lane(*lane) for lane in zip(paths, self.each, [self.pen] * n, spots, strict=False)]
        others = uncounted(lanes, n, self.pen)
        with self.beat("own", "Every head makes its own queries, keys and values.", lit=self.learned):
            self.enter(*lanes, *([others] if len(others) else []))
            shown = station(self, lanes, 0, i, [], run_time=theme.MEDIUM)
            for k in (1, 2):
                self.wait(0.5 / self.speed)
                shown = station(self, lanes, k, i, shown, run_time=theme.MEDIUM)
            self.land()
        with self.beat("weights", "So it has its own scores, and its own attention weights.", lit=()):
            shown = station(self, lanes, 3, i, shown, run_time=theme.MEDIUM)
            self.wait(0.7 / self.speed)
            self.until_read(theme.MEDIUM)
            shown = station(self, lanes, 4, i, shown, run_time=theme.MEDIUM)
            self.land()
        weights = [path[4] for path in paths]
        looks = [Look(lane, weights, i, self.words) for lane in lanes]
        of_all = [self.show("attn_weights", head=k) for k in range(n)]
        with self.beat("look", attention_of_heads(self, of_all, i), lit=(), story=True):
            grow_looks(self, looks, shown)
            self.land()
        with self.beat("results", "Each head returns a matrix of its own."):
            self.play(*looked(looks), run_time=theme.MEDIUM)
            self.until_read(theme.MEDIUM)
            shown = station(self, lanes, 5, i, [], run_time=theme.MEDIUM)
            self.land()
        self.leave(*shown)


class Concat(StageScene):
    """M = Concat(head_1, …, head_h): the heads' matrices become one."""

    stage = "concat"
    budget = 15.0

    def storyboard(self) -> None:
        """They stand apart, slide until they touch, and their widths add up."""
        n = self.trace.model.config.n_heads
        heads = [self.show("heads", head=k) for k in range(n)]
        i, whole = self.token, self.show("concat")
        joining = Joining(heads, whole, self.pen, names=self.words, focus=i, chosen=self.head)
        with self.beat("apart", "Every head has found something about every word.", lit=self.given):
            self.enter(*joining.parts, *([joining.more] if len(joining.more) else []))
            self.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
            self.play(FadeIn(*joining.boxes), run_time=theme.SHORT)
        same = compared([flat(heads), flat([whole])], whole.decimals)
        said = "Put side by side, they make one row for each word. No number changes."
        if n == 1:
            said = "With one head nothing has to be joined. No number changes."
        with self.beat("slide", said, facts=(same,), story="The heads, side by side."):
            joint = slide(self, joining, run_time=2.2)
            self.land()
        with self.beat("width", "Each row is back to the width of the layer's input."):
            input_beside(self, joining, joint, self.show("hidden"), self.count("d"))
            widths = joining.widths(self.count("k"), self.count("h"), self.count("d"))
            self.until_read(theme.MEDIUM + theme.SHORT)
            self.play(FadeIn(widths.braces, widths.sizes, widths.plus), run_time=theme.MEDIUM)
            self.play(FadeIn(widths.result), run_time=theme.SHORT)
            self.land()
        joining.joined.add(*joint[1:])
        self.leave(joining.joined)


class AttnOutput(StageScene):
    """O = M W_O: every number of O takes something from every head."""

    stage = "attn_output"
    budget = 19.0

    def storyboard(self) -> None:
        """The blocks of the heads; one cell as the sum of the heads' shares; its row; the sweep."""
        m, w, *bias, out = map(self.show, (*self.inputs, self.stage))
        n = self.trace.model.config.n_heads
        falk = falk_of_heads(
            m, w, out, self.pen, *bias, names=self.words, focus=self.token, heads=n, chosen=self.head
        )
        tints, mix = HeadTints(falk, n), HeadMix(self, falk, n)
        with self.beat(
            "blocks", "Each head's columns of M meet their own rows of the weight matrix.", lit=self.factors
        ):
            mix.enter()
            self.play(FadeIn(tints), run_time=theme.MEDIUM)
        said = "Add up each head's share, then the shares: the heads are mixed."
        if bias:
            said = "Add up each head's share, then the shares and the bias: the heads are mixed."
        elif n == 1:
            said = "With one head its share is the whole sum."
        with self.beat("cell", said):
            mix.cell(slow=theme.MEDIUM * 1.1)
        self.explain(out)
        with self.beat("rest", from_heads(w, n), story="One matrix blends them."):
            mix.row(each=0.9, most=2)
            mix.sweep(run_time=1.4)
        what_if(self, *([f"without head:{self.head + 1}"] if n > 1 else []), "without attention")
        self.leave(result(self, falk.c))
