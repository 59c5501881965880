"""From checkpoint to checkpoint: shades turn, digits give way to those of the next, the point moves along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import Animation, Create, FadeIn, FadeOut, ReplacementTransform, VGroup

from tensorreel.variations.training import Checkpoint, Moment
from tensorreel.visuals.chapters.training.exposure import Exposure, SharedScale
from tensorreel.visuals.chapters.training.timeline import TimeLine
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.motion.motions import FIRST_HALF, SECOND_HALF, swap_fade
from tensorreel.visuals.motion.order import Verb

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

TURN, STAND = 0.55, 0.3  # seconds from one checkpoint to the next; that it stands


class TrainingStep(Verb, steps="stand turn?"):
    """One moment of a training on the stage: it stands there, as the clip before left it, and turns to the next
    checkpoint.
    """

    def __init__(self, scene: StageScene, moment: Moment) -> None:
        self.scene, self.moment = scene, moment
        self.line = TimeLine(moment, scene.pen)
        self.old = self._exposure(moment.before or moment.now)
        full = Numeral(moment.shown.full, scene.pen, decimals=_decimals(moment.shown.scale), size=0.3)
        self.legend = SharedScale(self.old.tensor, full, scene.pen)

    def _exposure(self, checkpoint: Checkpoint) -> Exposure:
        scene, shown = self.scene, self.moment.shown
        stage = scene.architecture.find(shown.stage)
        names = {"T": scene.words, "S": scene.words, "V": scene.trace.model.labels}
        answers = stage.shares and stage.out_dims == ("T", "V")
        focus = len(scene.words) - 1 if answers else scene.token
        found = Exposure(shown, checkpoint, scene.pen, names=names, focus=focus, answers=answers)
        scene.taken.append(found.tensor)
        return found

    @property
    def picture(self) -> VGroup:
        """All that stands at the beginning of the moment."""
        return VGroup(self.old, self.line, self.line.before, self.legend)

    def stand(self) -> None:
        """The picture at the beginning."""
        self.scene.add(self.picture)

    def turn(self) -> None:
        """To the next checkpoint; what prints the same stays."""
        new, scene, line = self._exposure(self.moment.now), self.scene, self.line
        scene.remove(self.picture)
        scene.add(*self.old.submobjects, line, *line.before, self.legend)
        scene.play(*self._changes(new), *self._along(), run_time=TURN)
        scene.remove(*self.old.get_family(), *line.before.get_family(), line.way)
        scene.add(new, line.now, line.way)
        scene.wait(STAND / scene.options.pace, frozen_frame=True)

    def _changes(self, new: Exposure) -> list[Animation]:
        """The motions of what is new in the matrix and its bars."""
        old, turns = self.old, []
        for i, j in ((i, j) for i in new.grid.rows for j in new.grid.cols):
            if old.grid.numeral(i, j).text != new.grid.numeral(i, j).text:
                turns += swap_fade([old.grid.numeral(i, j)], [new.grid.numeral(i, j)])
                turns.append(ReplacementTransform(old.grid.shade(i, j), new.grid.shade(i, j)))
        pairs = zip(old.marks, new.marks, strict=True)
        return [*turns, *(ReplacementTransform(a, b) for a, b in pairs)]

    def _along(self) -> list[Any]:
        """The point and its numbers move on."""
        line = self.line
        (dot, tick, gone), (to, next_tick, come) = line.before, line.now
        fades = [FadeOut(gone, rate_func=FIRST_HALF), FadeIn(come, rate_func=SECOND_HALF)]
        return [
            ReplacementTransform(dot, to),
            ReplacementTransform(tick, next_tick),
            Create(line.way),
            *fades,
        ]


def _decimals(scale: float) -> int:
    """As many as a round number has."""
    return 0 if scale >= 1 else len(f"{scale:.6g}".partition(".")[2])
