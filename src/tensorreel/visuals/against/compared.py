"""A scene of a film of differences: the stage's own storyboard, and behind it what stood in its result before."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from manim import Create, FadeIn, FadeOut, VMobject

from tensorreel.core.engine import Trace
from tensorreel.variations.difference import StageDifference, stage_difference
from tensorreel.visuals.against.picture import PairPicture, pairs_of
from tensorreel.visuals.against.sayings import COMPARED, became
from tensorreel.visuals.look import theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.scene import StageScene


class Compared(StageScene):
    """Comes before a storyboard's class: a stage in which nothing is printed otherwise has one beat, any other one more.

    ``old`` is the model before on the same sentence.
    """

    old: ClassVar[Trace]

    def storyboard(self) -> None:
        """The stage's own, or that nothing changes here."""
        found = self.difference
        if found is None or found.differs:
            super().storyboard()
            return
        picture = self.result()
        with self.beat("same", became(self, found), story=True):
            self.enter(*picture.grids)
            self.land()
        super().leave(*picture.homeward)

    def leave(self, *outputs: VMobject, run_time: float = theme.MEDIUM) -> None:
        """What stood in the result before, then the result goes."""
        found = self.difference
        if found is None:
            if self.place == "before":
                self.said_before()
            super().leave(*outputs, run_time=run_time)
            return
        picture = self.result()
        reveal = Reveal(self, picture)
        with self.beat("before", became(self, found), story=True):
            reveal.put_away()
            reveal.show()
        super().leave(*picture.homeward, run_time=run_time)

    def said_before(self) -> None:
        """What kind of film this is, at the end of a scene before the stages."""
        with self.beat("compared", COMPARED):
            self.until_read(0.0)
            self.land()

    @property
    def given(self) -> tuple[str, ...]:
        """The inputs that stages before it have made; nothing where the stage takes none in, since nothing changes."""
        found = self.difference
        return super().given if found is None or found.differs else ()

    @cached_property
    def difference(self) -> StageDifference | None:
        """What the stage shows of it; of a scene that draws no stage there is nothing to say."""
        info = self.info
        if info is None:
            return None
        return stage_difference(self.old, self.trace, info, self.options.layer)

    def result(self) -> PairPicture:
        """The stage's result now and before, whose shades are explained."""
        pairs = pairs_of(self, self.stage)
        self.explain(pairs[0].now)
        return PairPicture(self, pairs)


class Reveal(Verb, steps="put_away show!"):
    """The result alone on the stage; then what stood there before, under what is not the same."""

    def __init__(self, scene: Compared, picture: PairPicture) -> None:
        self.scene, self.picture = scene, picture

    def put_away(self) -> None:
        """The stage's picture gives way to its result."""
        scene = self.scene
        scene.play(*map(FadeOut, scene.body()), run_time=theme.SHORT)
        scene.play(*map(FadeIn, self.picture.grids), run_time=theme.SHORT)

    def show(self) -> None:
        """Frames, and under them the numbers that stood there, which are struck through."""
        scene, picture = self.scene, self.picture
        frames = [frame for grid in picture.grids for frame in grid.frames()]
        ghosts = [ghost for grid in picture.grids for ghost in grid.ghosts()]
        scene.until_read(theme.SHORT + theme.MEDIUM)
        if not ghosts:
            return
        scene.play(*map(FadeIn, (*frames, *ghosts)), FadeIn(picture.key), run_time=theme.MEDIUM)
        scene.play(*(Create(ghost.line) for ghost in ghosts), run_time=theme.SHORT)


def set_against(kind: type[StageScene], old: Trace | None) -> type[StageScene]:
    """The class of a scene for a film of differences; itself where there is no model before."""
    facts: dict[str, Any] = {"old": old}
    return kind if old is None else type(kind.__name__, (Compared, kind), facts)
