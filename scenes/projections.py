"""Stages 3–5: query, key and value, the three projections of every head."""

from __future__ import annotations

from contextlib import AbstractContextManager

from manim import FadeIn, FadeOut

from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.shading import Reading
from tensorreel.visuals.motion.motions import swap_fade
from tensorreel.visuals.product.blocks import Beside, Block, Purpose, alongside
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.matmul import MatMul, QuickMatMul
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.stage.taking import whole_of
from tensorreel.words.text import Text

PURPOSES = {
    "query": Text("what it looks for", "value.three"),
    "key": Text("how it is found", "value.three"),
    "value": Text("what it hands over", "value.three"),
}


def first_and_others(scene: StageScene) -> tuple[Falk, list[Block]]:
    """The product of the rows with the chosen head's weights, and what the other heads make of the same rows."""
    heads = range(scene.trace.model.config.n_heads)
    head = scene.head if len(heads) > 1 else None
    (rows,), blocks = scene.given, [_block(scene, k) for k in heads]
    mine = blocks[scene.head]
    falk = Falk(
        scene.show(rows),
        mine.b,
        mine.c,
        scene.pen,
        names=scene.words,
        bias=mine.bias,
        focus=scene.token,
        head=head,
        beside=head is not None,
    )
    return falk, [block for block in blocks if block is not mine]


def _block(scene: StageScene, head: int) -> Block:
    """A head's weights, its bias if it has one, and what they make."""
    weights, *bias = (scene.show(name, head=head) for name in scene.learned)
    return Block(weights, scene.show(scene.stage, head=head), head, *bias)


class Query(StageScene):
    """Q = H W_Q: the first product, in full detail."""

    stage = "query"
    budget = 33.0

    def storyboard(self) -> None:
        """One cell slowly, its row, the sweep; then the other heads at once."""
        falk, others = first_and_others(self)
        product, beside = MatMul(self, falk), list[Beside]()
        reading = Reading(self.pen, falk.right_edge)
        with self.beat("rows", "Each word is a row of numbers.", lit=self.given):
            self.enter(falk.a)
            self.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
            self.play(FadeIn(reading.signs), run_time=theme.SHORT)
        with self.beat(
            "weights",
            "The boxed matrix holds weights. It turns a word into a query: what is the word looking for?",
            lit=(*self.learned, self.stage),
        ):
            self.until_read(theme.MEDIUM + theme.SHORT + theme.HOLD_ENTRANCE)
            self.enter(*falk.right_hand)
            self.play(FadeIn(reading.frames), run_time=theme.SHORT)
        with self.beat("cell", "Row times column: multiply pair by pair, then add up."):
            self.play(FadeOut(reading), run_time=theme.QUICK)
            product.cell(slow=theme.LONG)
        with self.beat(
            "row", "The next column gives the next number of {word}'s query.", word=self.spoken(self.token)
        ):
            product.row(each=1.1)
        self.explain(falk.c.tensor)
        with self.sweep_beat():
            product.work_down(run_time=2.6)
        if others:
            self.explain(whole_of(self, self.stage, self.options.layer))
            with self.beat(
                "heads",
                "Another head has weights of its own, so the same words can ask something else.",
                lit=(*self.learned, self.stage),
            ):
                beside = alongside(product, others, run_time=3.2)
        self.leave(falk.c, *(block.c for block in beside))

    def sweep_beat(self) -> AbstractContextManager[None]:
        """The beat of the other words' rows; with one word, of what the row is."""
        if len(self.words) == 1:
            return self.beat(
                "sweep",
                "This row is the query of {word}.",
                word=self.spoken(0),
                story="What does it look for?",
            )
        return self.beat("sweep", "Every word goes through the same weights.", story="What does it look for?")


class Key(StageScene):
    """K = H W_K: the same device, faster."""

    stage = "key"
    budget = 12.0

    def storyboard(self) -> None:
        """One cell at a glance, then all rows, then the other heads."""
        falk, others = first_and_others(self)
        product, beside = QuickMatMul(self, falk), list[Beside]()
        self.explain(falk.c.tensor)
        with self.beat(
            "key",
            "Same rows, other weights: the key says how a word is found.",
            lit=(*self.learned, self.stage),
            story="How is it found?",
        ):
            self.enter(falk.a, *falk.right_hand)
            product.fast(run_time=2.4 if others else 4.8)
        if others:
            self.explain(whole_of(self, self.stage, self.options.layer))
            with self.beat("heads", "Every head makes its own keys."):
                beside = alongside(product, others, run_time=1.8)
        self.leave(falk.c, *(block.c for block in beside))


class Value(StageScene):
    """V = H W_V: the same once more, and what the three are for."""

    stage = "value"
    budget = 12.0

    def storyboard(self) -> None:
        """All rows, then one token's query, key and value under each other."""
        falk, others = first_and_others(self)
        product = QuickMatMul(self, falk)
        self.explain(whole_of(self, self.stage, self.options.layer) if others else falk.c.tensor)
        with self.beat(
            "value",
            "Once more with other weights: the value is what a word hands over.",
            lit=(*self.learned, self.stage),
            story="What does it hand over?",
        ):
            self.enter(falk.a, *falk.right_hand)
            product.fast(run_time=1.8)
            beside = alongside(product, others, run_time=1.2)
        self.explain(falk.c.tensor)
        with self.beat("three", "A query looks for keys that match, and takes home their values."):
            purpose = Purpose(self.three(), self.token, self.words[self.token], self.pen, falk.right_edge)
            gone = [grid for block in beside for grid in block.grids]
            self.until_read(theme.MEDIUM + theme.HOLD_ENTRANCE)
            self.play(*swap_fade(gone, purpose), run_time=theme.MEDIUM)
        self.leave(falk.c)

    def three(self) -> list[tuple[DisplayTensor, str]]:
        """Query, key and value, and what each is for in a few words."""
        return [(self.show(name), text.of(self.pen.lang)) for name, text in PURPOSES.items()]
