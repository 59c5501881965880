"""The picture of a question "what if": the real result as a ghost, the changed one, and what becomes of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, Mobject, VGroup

from tensorreel.variations.difference import shown_cells
from tensorreel.visuals.layout.placing import in_row, stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.fit import fit, names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.bars import Grow
from tensorreel.visuals.whatif.answer_pair import AnswerPair, ghostly
from tensorreel.visuals.whatif.run_again import SecondRun, run_again, words_at_stake
from tensorreel.visuals.whatif.sayings import RUN_AGAIN, effect

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

HEIGHT = 3.2  # of a matrix' cells
ARROW, GAPS = 0.7, (0.25, 0.25, 0.5)  # an arrow's length, and what is between the four parts
FRAME = 0.1  # of a matrix, beyond its cells


class Comparison(VGroup):
    """Real matrix, arrow, changed matrix, and the bars of the answer, in the middle of the stage."""

    def __init__(self, scene: StageScene, run: SecondRun, before: DisplayTensor) -> None:
        super().__init__()
        pen, after = scene.pen, run.show(before)
        p = scene.show("probs")
        q = run.show(p)
        self.pair = AnswerPair(p, q, words_at_stake(p, q), scene.trace.model.labels, pen)
        self.arrow = shapes.arrow(
            shapes.at(0, 0), shapes.at(ARROW, 0), pen.theme.accent, line=5, head=0.24, short=0.14
        )
        taken = self.pair.width + ARROW + sum(GAPS) + names_width(scene.words, pen) + 4 * FRAME
        size = fit([before, after], pen, (CONTENT.width - taken) / 2, HEIGHT, row=scene.token)
        real, self.changed = (
            TensorGrid(t, pen, size.pitch, rows=size.rows, cols=size.cols, row_names=names)
            for t, names in ((before, scene.words), (after, None))
        )
        self.ghost = ghostly(real, pen)
        self.add(self.ghost, self.arrow, self.changed, self.pair)
        self._place()

    def _place(self) -> None:
        in_row([*self], GAPS)
        for thing in (self.ghost, self.changed, self.pair):
            stand(thing, y=CONTENT.y)
        stand(self.arrow, y=float(self.changed.frame.get_center()[1]))


class WhatIf(Verb, steps="put_away change! rewind"):
    """Puts the stage's picture away, shows what changes, and brings the picture back."""

    def __init__(self, scene: StageScene, picture: Comparison) -> None:
        self.scene, self.picture = scene, picture
        self.real: list[Mobject] = []

    def put_away(self) -> None:
        """What is real becomes a ghost."""
        self.real = self.scene.body()
        going = [FadeOut(m) for m in self.real]
        self.scene.play(*going, FadeIn(self.picture.ghost), run_time=theme.MEDIUM)

    def change(self) -> None:
        """The changed result grows beside it; then the bars of the answer."""
        scene, p = self.scene, self.picture
        scene.play(*map(FadeIn, (p.arrow, p.changed, *p.pair.as_it_is)), run_time=theme.MEDIUM)
        scene.until_read(theme.MEDIUM)
        scene.play(*map(Grow, p.pair.new), FadeIn(p.pair.new_numbers), run_time=theme.MEDIUM)

    def rewind(self) -> None:
        """Back to what is real."""
        self.scene.play(FadeOut(self.picture), *map(FadeIn, self.real), run_time=theme.SHORT)


def what_if(scene: StageScene, *asked: str) -> None:
    """A beat for each change that the model allows and that can be seen in the stage's result."""
    for change in asked:
        run, before = run_again(scene, change), scene.show(scene.stage)
        if run is not None and shown_cells(before.tensor, run.show(before).tensor).count:
            asked_why(scene, run, before)


def asked_why(scene: StageScene, run: SecondRun, before: DisplayTensor) -> None:
    """One question, and its answer."""
    picture = Comparison(scene, run, before)
    verb, p = WhatIf(scene, picture), scene.show("probs")
    name = run.asked.rpartition(" ")[2].replace(":", " ")
    with scene.beat(f"why {name}", effect(scene, p, run.show(p), RUN_AGAIN, run.told), why=True):
        verb.put_away()
        verb.change()
    verb.rewind()
