"""What can be seen of a picture at one moment: everything that is drawn with ink, and every text with its box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from manim import Mobject, VMobject

from tensorreel.core.functional import Array
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Inked
from tensorreel.visuals.look import theme

VISIBLE = 0.03
Extent = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Written:
    """A text that can be seen: a written line or a whole formula, with its box (x0, y0, x1, y1)."""

    text: str
    box: Extent
    mobject: Mobject
    order: int


class Sight:
    """One look at a scene: each of its things is visited and measured once, whichever rules ask for it."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        self.family = list(family(scene.mobjects))
        self._drawn = [m for m in self.family if isinstance(m, VMobject) and len(m.points)]
        self._places = {id(m): k for k, m in enumerate(self._drawn)}

    @cached_property
    def frames(self) -> list[Any]:
        """The brackets and lines of matrices that are drawn whole."""
        framing = (m for m in self.family if marked(m, "is_frame"))
        return [m for m in framing if all(len(p.points) for p in m.submobjects)]

    @cached_property
    def things(self) -> list[VMobject]:
        """Everything drawn with ink, in drawing order."""
        return [m for m in self._drawn if max(fill_of(m), line_of(m)) > VISIBLE]

    @cached_property
    def boxes(self) -> Array:
        """Extents of ``things``: (n, 4), x0, y0, x1, y1."""
        return self._extents[[self._places[id(m)] for m in self.things]]

    @cached_property
    def _extents(self) -> Array:
        if not self._drawn:
            return np.empty((0, 4))
        points = np.concatenate([m.points for m in self._drawn])[:, :2]
        starts = np.cumsum([0, *(len(m.points) for m in self._drawn[:-1])])
        return np.hstack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)])

    def box(self, m: VMobject) -> Extent:
        """Extent of the outline of a thing on the scene."""
        x0, y0, x1, y1 = self._extents[self._places[id(m)]].tolist()
        return x0, y0, x1, y1

    @cached_property
    def texts(self) -> list[Written]:
        """All texts that can be seen; a formula counts as one."""
        seen = {id(m) for m in self.things}
        found: list[Written] = []

        def walk(m: Mobject) -> None:
            if isinstance(m, Formula):
                if boxes := [self.box(p) for p in m.submobjects if id(p) in seen]:
                    found.append(Written(m.source, bounds(boxes), m, len(found)))
                return
            if isinstance(m, Inked) and len(m.points) and fill_of(m) > VISIBLE:
                found.append(Written(m.text, self.box(m), m, len(found)))
            for child in m.submobjects:
                walk(child)

        for top in self.scene.mobjects:
            walk(top)
        return found


def family(mobjects: Iterable[Mobject]) -> Iterator[Mobject]:
    """The things and all their parts, each once, in drawing order."""
    met: set[int] = set()
    waiting = [*mobjects][::-1]
    while waiting:
        m = waiting.pop()
        if id(m) not in met:
            met.add(id(m))
            yield m
            waiting.extend(m.submobjects[::-1])


def marked(m: Mobject, mark: str) -> Any:
    """What a thing itself carries under a name, ``None`` without: Manim's ``getattr`` makes up a getter for each miss."""
    return vars(m).get(mark)


def fill_of(m: VMobject) -> float:
    """Opacity of the inside."""
    return float(m.fill_rgbas.item(3)) if len(m.fill_rgbas) else 0.0


def line_of(m: VMobject) -> float:
    """Opacity of the outline."""
    return float(m.stroke_rgbas.item(3)) if len(m.stroke_rgbas) and m.stroke_width else 0.0


def extent_of(m: VMobject) -> Extent:
    """Extent of the outline of one thing, wherever it is."""
    (x0, y0), (x1, y1) = m.points[:, :2].min(axis=0).tolist(), m.points[:, :2].max(axis=0).tolist()
    return x0, y0, x1, y1


def overhang(boxes: Array) -> Array:
    """How far boxes (n, 4) reach out of the safe margin, in frame units; negative when they lie within."""
    low, high = (-theme.SAFE_X, -theme.SAFE_Y) - boxes[:, :2], boxes[:, 2:] - (theme.SAFE_X, theme.SAFE_Y)
    out: Array = np.maximum(low, high).max(axis=1)
    return out


def bounds(boxes: Iterable[Extent]) -> Extent:
    """The box of some boxes."""
    xs0, ys0, xs1, ys1 = zip(*boxes, strict=True)
    return min(xs0), min(ys0), max(xs1), max(ys1)


def name(m: VMobject) -> str:
    """What a finding calls a thing: its text, or its kind."""
    return repr(m.text) if isinstance(m, Inked) else type(m).__name__
