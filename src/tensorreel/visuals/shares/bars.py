"""Bars that stand for shares: upright ones on a base line, and a bar of length 1 made of them, with its ruler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject

from tensorreel.core.functional import Array
from tensorreel.core.quantity import Count, count
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen
from tensorreel.visuals.look import shapes, theme

SEAM, THIN = 0.018, 0.03


def bar(width: float, height: float, pen: Pen, hue: str, strength: float = 1.0) -> VMobject:
    """A filled bar around the origin; ``strength`` 0 … 1 shades it as a cell of a grid is shaded."""
    shape = shapes.panel(
        max(width, THIN / 2),
        max(height, THIN),
        hue,
        radius=0.04,
        opacity=pen.theme.shade_max * (0.12 + 0.88 * strength),
    )
    return shape.set_stroke(hue, width=1.6, opacity=1.0)


MOST = 12  # entries that a bar of shares shows one by one
FEWER = 8  # and how many of them where there are more


def heaviest(shares: Sequence[float] | Array, most: int = MOST, fewer: int = FEWER) -> list[int]:
    """The indices that are shown one by one: all, or the largest ones where they are too many; in order."""
    if len(shares) <= most:
        return list(range(len(shares)))
    return sorted(np.argsort(-np.asarray(shares), kind="stable")[:fewer].tolist())


class Stack(VGroup):
    """Shares laid end to end from the origin to the right: a bar as long as their sum times ``length``.

    ``names`` stand inside the segments that are wide enough for them. Where there are many shares, the largest
    are segments of their own (``kept``) and the others one dim segment at the end.
    """

    def __init__(
        self,
        shares: Sequence[float] | Array,
        names: Sequence[str],
        pen: Pen,
        hue: str,
        *,
        length: float,
        height: float,
        name_size: float = theme.SIZE_LABEL,
        kept: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.length = length
        self.segments, self.names = VGroup(), VGroup()
        self.kept = list(kept if kept is not None else heaviest(shares))
        rest = max(0.0, 1.0 - sum(shares[k] for k in self.kept)) if len(self.kept) < len(shares) else None
        top, x = float(np.max(shares)), 0.0
        for k in self.kept:
            share, name = shares[k], names[k]
            width = share * length
            segment = bar(width - 2 * SEAM, height, pen, hue, share / top).move_to([x + width / 2, 0, 0])
            if width < 2 * SEAM + THIN:
                segment.set_stroke(width=0)
            self.segments.add(segment)
            if name and pen.width(name, name_size) < width - 0.1:
                self.names.add(Label(name, pen, size=name_size).level(x + width / 2, 0.0, "center"))
            x += width
        if rest is not None:
            others = bar(rest * length - 2 * SEAM, height, pen, pen.theme.dim, 0.5)
            self.segments.add(others.move_to([x + rest * length / 2, 0, 0]))
        self.add(self.segments, self.names)

    def segment(self, k: int) -> VMobject:
        """The segment of entry k; the last one for an entry that has none of its own."""
        found: VMobject = self.segments[self.kept.index(k) if k in self.kept else -1]
        return found


class ShareScale(VGroup):
    """A scale from 0 to 1 from the origin to the right, ticked in tenths, its two ends numbered below."""

    def __init__(self, pen: Pen, length: float, size: float = 0.28) -> None:
        super().__init__()
        line = [shapes.polyline((0, 0), (length, 0))]
        for k in range(11):
            x, tick = length * k / 10, 0.1 if k % 10 == 0 else 0.07 if k % 5 == 0 else 0.045
            line.append(shapes.polyline((x, 0), (x, -tick)))
        self.line = shapes.stroke(np.concatenate(line), pen.theme.dim, 2)
        self.ends = VGroup(
            *(
                Numeral(count(k, Count.TICK), pen, decimals=0, size=size).sit(
                    k * length, -0.16 - 0.73 * size, "center"
                )
                for k in (0, 1)
            )
        )
        self.add(self.line, self.ends)


class Grow(Animation):
    """A bar grows out of one of its edges: ``edge`` is its direction, (0, −1) the lower one."""

    def __init__(self, mobject: VMobject, edge: tuple[float, float] = (0, -1), **kwargs: Any) -> None:
        self.edge = np.array([*edge, 0.0])
        super().__init__(mobject, **kwargs)

    def begin(self) -> None:
        """Remember the full outlines and the edge that stays."""
        self.family = [m for m in self.mobject.get_family() if len(m.points)]
        self.full = [m.points.copy() for m in self.family]
        self.root = self.mobject.get_critical_point(self.edge)
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Stretch along the edge's direction from nothing to the full length."""
        a = max(1e-3, self.rate_func(alpha))
        stretch = np.where(self.edge != 0, a, 1.0)
        for part, full in zip(self.family, self.full, strict=True):
            part.points = self.root + (full - self.root) * stretch
