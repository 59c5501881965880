"""A training reel: one stage from checkpoint to checkpoint, a clip for each way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorreel.variations.training import Moment
from tensorreel.visuals.chapters.training.passing import TrainingStep
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.text import Text


class Evolve(StageScene):
    """One stage over a training. ``moments`` are the part of it that this clip shows."""

    scene = "evolve"
    place = "training"
    title = Text("Training", "chapter")
    shows = Text("one stage from checkpoint to checkpoint of a training", "alt")
    way = Text("One sentence, many checkpoints: these are the numbers of the step below.", "evolve.way")
    budget = 4.0

    def __init__(self, renderer: Any = None, *, moments: Sequence[Moment], **kwargs: Any) -> None:
        self.moments = list(moments)
        super().__init__(renderer, **kwargs)
        self.stage = self.moments[0].shown.stage  # type: ignore[misc]  # of this reel

    def storyboard(self) -> None:
        """The first checkpoint, each way to the next one, the last."""
        for moment in self.moments:
            step = TrainingStep(self, moment)
            if moment.before is None:
                step.stand()
                with self.beat("start", self.way):
                    self.land()
            elif moment.ends:
                self.resume(self.way)
                step.stand()
                with self.beat("end", "This is step {step}, the last checkpoint.", step=moment.step):
                    self.land()
            else:
                self.resume(self.way)
                step.stand()
                step.turn()
                self.stood(f"step {moment.now.step}")
