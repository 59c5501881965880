"""A question before its answer: a “?” stands where the result will be, long enough for a guess."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut, VGroup

from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look import theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.scene import StageScene


class Guess(Verb, steps="ask reveal"):
    """Plays a “?” in the middle of ``place``, (x, y), and takes it away. Where the question is passed over it never
    stands.
    """

    def __init__(self, scene: StageScene, place: Any, size: float = theme.SIZE_NUMBER * 1.3) -> None:
        self.scene = scene
        self.mark = Label("?", scene.pen, size=size, color=scene.theme.accent, bold=True)
        self.mark.move_to([place[0], place[1], 0.0])
        self.asked = VGroup()

    def ask(self) -> None:
        """The beat holds at least ``HOLD_GUESS`` seconds with it."""
        if self.scene.passes_over:
            return
        self.asked.add(self.mark)
        self.scene.play(FadeIn(self.mark), run_time=theme.QUICK)
        self.scene.ask()

    def reveal(self) -> None:
        """It goes, and what was asked for can come."""
        if self.asked:
            self.scene.play(*map(FadeOut, self.asked), run_time=theme.QUICK)
