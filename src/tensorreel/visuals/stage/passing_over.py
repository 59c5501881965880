"""Beats that are not in the cut: what they would have done is done at once, and the next picture fades in for the last."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, Mobject, VMobject, Wait

from tensorreel.visuals.look.shapes import anchored

_LOOK = ("points", "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")


class PassedOver:
    """What stood on the stage when the first of some beats began that are not shown.

    From then on ``do`` brings animations to their end without a frame, until the picture has ``caught_up``.
    """

    def __init__(self, standing: Sequence[Mobject]) -> None:
        self._seen = list(zip(standing, map(_look, standing), _copied(standing), strict=True))

    def do(self, scene: Any, animations: Sequence[Animation]) -> None:
        """Their end, now; it takes no time."""
        if any(isinstance(a, Wait) for a in animations):
            return
        scene.compile_animation_data(*animations)
        scene.begin_animations()
        for animation in scene.animations:
            animation.finish()
            animation.clean_up_from_scene(scene)
        scene.update_mobjects(0)

    def unchanged(self, thing: Mobject) -> bool:
        """Whether something looks as it was last seen."""
        return any(seen is thing and look == _look(thing) for seen, look, _ in self._seen)

    def caught_up(self, standing: Sequence[Mobject]) -> list[Animation]:
        """The fades from what was last seen to what stands now."""
        came = [m for m in standing if not self.unchanged(m)]
        gone = (m for m, _, _ in self._seen if not (m in standing and self.unchanged(m)))
        return [*map(FadeOut, self.copies(gone)), *map(FadeIn, came)]

    def copies(self, things: Iterable[Mobject] | None = None) -> list[Any]:
        """Copies of some things, or of all, as they were last seen."""
        wanted = None if things is None else list(things)
        return [copy for thing, _, copy in self._seen if wanted is None or thing in wanted]


def _copied(things: Sequence[Mobject]) -> list[Mobject]:
    """Copies of some things; a mark belongs to the copy of what it belonged to."""
    copies = deepcopy(list(things))
    pairs = zip(_members(things), _members(copies), strict=True)
    copy_of = {id(thing): copy for thing, copy in pairs}
    for copy in copy_of.values():
        anchor = copy.anchor() if isinstance(getattr(copy, "anchor", None), weakref.ref) else None
        if id(anchor) in copy_of:
            anchored(copy, copy_of[id(anchor)])
    return copies


def _members(things: Iterable[Mobject]) -> list[Any]:
    return [member for thing in things for member in thing.get_family()]


def _look(thing: Mobject) -> int:
    """A number that changes with whatever is drawn of something."""
    drawn = [m for m in thing.get_family() if isinstance(m, VMobject) and len(m.points)]
    return hash(tuple(np.asarray(getattr(m, name)).tobytes() for m in drawn for name in _LOOK))
