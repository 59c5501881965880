"""The end of a film of differences: from the changed weights to the changed answer."""

from __future__ import annotations

from manim import FadeIn, FadeOut

from tensorreel.visuals.against.changed import ChangedModel
from tensorreel.visuals.against.ending import AnswerTurn, BothModels
from tensorreel.visuals.against.felt_map import FeltMap
from tensorreel.visuals.look import theme
from tensorreel.words.text import Text


class WhatChanged(BothModels):
    """What is different about the model, the stages that show it, and what becomes of the answer."""

    scene = "difference"
    place = "against"
    title = Text("What changed", "chapter")
    shows = Text("what changed from one model to another", "alt")
    meaning = Text("The changed weights, the stages that show it, and the answer before and now.", "deck")
    budget = 18.0

    def storyboard(self) -> None:
        """The weights, the way, the answer."""
        felt, turn = FeltMap(self), AnswerTurn(self)
        if (said := self.of_model()) is not None:
            changed = ChangedModel(self)
            with self.beat("model", said):
                self.play(FadeIn(changed), run_time=theme.MEDIUM)
                self.land()
            self.play(FadeOut(changed), run_time=theme.SHORT)
        with self.beat("stages", self.of_stages()):
            felt.lower()
            felt.begin()
            felt.light()
        felt.rise()
        with self.beat("answer", turn.saying, story=True):
            turn.stand_up()
            turn.turn()
        self.wait(1.0 / self.options.pace, frozen_frame=True)
