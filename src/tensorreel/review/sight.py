"""What can be seen of a picture: everything that is drawn with ink, and every text with its box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from manim import Mobject, VMobject

from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Inked
from tensorreel.visuals.look import theme

VISIBLE = 0.03


@dataclass(frozen=True, eq=False)
class Written:
    """A text that can be seen: a written line or a whole formula, with its box (x0, y0, x1, y1)."""

    text: str
    box: tuple[float, float, float, float]
    mobject: Mobject
    order: int


def inked(mobjects: Iterable[Mobject]) -> Iterator[VMobject]:
    """Everything drawn with ink, in drawing order."""
    for top in mobjects:
        for m in top.get_family():
            if isinstance(m, VMobject) and len(m.points) and max(fill_of(m), line_of(m)) > VISIBLE:
                yield m


def fill_of(m: VMobject) -> float:
    """Opacity of the inside."""
    return float(m.fill_rgbas[0][3]) if len(m.fill_rgbas) else 0.0


def line_of(m: VMobject) -> float:
    """Opacity of the outline."""
    return float(m.stroke_rgbas[0][3]) if len(m.stroke_rgbas) and m.stroke_width else 0.0


def box_of(m: VMobject) -> tuple[float, float, float, float]:
    """Extent of the outline."""
    (x0, y0), (x1, y1) = m.points[:, :2].min(axis=0), m.points[:, :2].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def written(mobjects: Iterable[Mobject]) -> list[Written]:
    """All texts that can be seen; a formula counts as one."""
    found: list[Written] = []

    def walk(m: Mobject) -> None:
        if isinstance(m, Formula):
            parts = [p for p in m.submobjects if len(p.points) and max(fill_of(p), line_of(p)) > VISIBLE]
            if parts:
                boxes = np.array([box_of(p) for p in parts])
                box = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
                found.append(Written(m.source, tuple(map(float, box)), m, len(found)))  # type: ignore[arg-type]
            return
        if isinstance(m, Inked) and len(m.points) and fill_of(m) > VISIBLE:
            found.append(Written(m.text, box_of(m), m, len(found)))
        for child in m.submobjects:
            walk(child)

    for top in mobjects:
        walk(top)
    return found


def overhang(m: VMobject) -> float:
    """How far a thing reaches out of the safe margin, in frame units; negative when it lies within."""
    x0, y0, x1, y1 = box_of(m)
    return max(-theme.SAFE_X - x0, x1 - theme.SAFE_X, -theme.SAFE_Y - y0, y1 - theme.SAFE_Y)


def name(m: VMobject) -> str:
    """What a finding calls a thing: its text, or its kind."""
    return repr(m.text) if isinstance(m, Inked) else type(m).__name__
