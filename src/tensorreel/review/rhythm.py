"""Lint of time: how long a picture stands still, whether its caption can be read in time, and empty stages.

After a result, a number or a shape that is new, the picture stands still for ``HOLD_RESULT`` seconds at least, and
the caption has been read by the time the result is there. After mere entrances it stands still for ``HOLD_ENTRANCE``
seconds at most. An open question stays for ``HOLD_GUESS`` seconds at least. Between header and caption there is
nothing at all for ``EMPTY`` seconds at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manim import Mobject

from tensorreel.review.sight import Sight, family
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP

EMPTY = 0.3  # seconds
ROUNDING = 0.03  # of times to whole frames, two at 60 a second


class Rhythm:
    """Follows one scene; each beat is judged at its end. Whether a stage is empty can be told ``on_its_way`` alone."""

    def __init__(self, *, on_its_way: bool = True) -> None:
        self.on_its_way = on_its_way
        self.moved = 0.0  # when the last motion ended
        self._empty_since: float | None = None
        self.empty = 0.0  # seconds with an empty stage, all in all

    def __call__(self, sight: Sight, moment: str, moving: list[Mobject]) -> Iterator[tuple[str, str]]:
        """Broken rules at this moment: (rule, what)."""
        scene = sight.scene
        if moment == "after" and moving:
            self.moved = scene.time
        if self.on_its_way:
            yield from self._emptiness(sight)
        if moment == "beat":
            yield from self._beat(scene)

    def _beat(self, scene: Any) -> Iterator[tuple[str, str]]:
        still, pace = (scene.time - self.moved) * scene.options.pace, scene.options.pace
        if scene.asked:
            yield from too_soon(still)
        elif scene.landed is None:
            yield from too_long(still)
        else:
            yield from too_short(still)
            yield from unread((scene.read_by - scene.landed) * pace)

    def _emptiness(self, sight: Sight) -> Iterator[tuple[str, str]]:
        """What an empty stretch of time is called when it ends."""
        scene = sight.scene
        if not anything(sight):
            self._empty_since = scene.time if self._empty_since is None else self._empty_since
            return
        since, self._empty_since = self._empty_since, None
        if since is not None:
            self.empty += scene.time - since
            if scene.time - since > EMPTY + ROUNDING:
                yield "empty", f"nothing on the stage from {since:.2f} to {scene.time:.2f} s"


def too_short(still: float) -> Iterator[tuple[str, str]]:
    """A result that goes on too soon."""
    if still < theme.HOLD_RESULT - ROUNDING:
        yield "rhythm", f"{still:.2f} s still after its result, expected {theme.HOLD_RESULT:.1f} s or more"


def too_soon(still: float) -> Iterator[tuple[str, str]]:
    """A question that is answered before anybody could guess."""
    if still < theme.HOLD_GUESS - ROUNDING:
        yield (
            "rhythm",
            f"{still:.2f} s still with an open question, expected {theme.HOLD_GUESS:.1f} s or more",
        )


def too_long(still: float) -> Iterator[tuple[str, str]]:
    """An entrance that nobody has to look at for so long."""
    if still > theme.HOLD_ENTRANCE + ROUNDING:
        yield "rhythm", f"{still:.2f} s still after an entrance, expected {theme.HOLD_ENTRANCE:.1f} s or less"


def unread(missing: float) -> Iterator[tuple[str, str]]:
    """A result that is there before its caption has been read."""
    if missing > ROUNDING:
        yield "rhythm", f"the result is there {missing:.2f} s before its caption has been read"


def anything(sight: Sight) -> bool:
    """Whether anything can be seen between header and caption that belongs to neither nor to the map."""
    scene = sight.scene
    furniture = (scene.map, scene.header, scene.tag, scene.caption)
    others = {id(m) for m in family(m for m in furniture if m is not None)}
    highest = CONTENT_TOP if len(scene.header) else theme.SAFE_Y
    between = (sight.boxes[:, 1] < highest) & (sight.boxes[:, 3] > CONTENT_BOTTOM)
    return any(id(sight.things[k]) not in others for k in between.nonzero()[0])
