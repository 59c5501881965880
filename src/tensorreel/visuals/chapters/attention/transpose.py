"""The transpose device: a matrix turns about its diagonal, and its rows' names become column names.

Each entry keeps its distance from the corner and swings on an arc of its own; entries of the diagonal stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject, linear, smooth
from manim.utils.rate_functions import squish_rate_func

from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.shapes import Vec
from tensorreel.visuals.matrix.display_tensor import Reworked
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.order import Verb

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LAG = 0.55  # share of the time by which the first row starts later than the last: outer arcs clear the way
AT_ONCE = 2.25  # rows on their way at the same time, where more of them follow one another


@dataclass(frozen=True, eq=False)
class Swing:
    """One thing on its way: where it starts, where it lands, how much larger it lands, and when it starts.

    ``fade`` is 1 for what appears on the way, −1 for what vanishes, 0 for what stays as it is.
    """

    mobject: VMobject
    start: Vec
    end: Vec
    grows: float
    row: int
    fade: int = 0


class CornerTurn(Animation):
    """Things swing about a corner, each on its own arc, the outer rows first."""

    def __init__(self, swings: Sequence[Swing], corner: Vec, n_rows: int, **kwargs: Any) -> None:
        self.swings, self.corner, self.n_rows = list(swings), corner, max(1, n_rows)
        self.lag = max(LAG, 1 - AT_ONCE / self.n_rows)
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(*(s.mobject for s in self.swings)), **kwargs)

    def begin(self) -> None:
        """Keep every outline around its own middle."""
        self.outlines = [s.mobject.points - s.mobject.get_center() for s in self.swings]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Every thing at its place on its arc."""
        for swing, points in zip(self.swings, self.outlines, strict=True):
            late = self.lag * (1 - (swing.row + 1) / self.n_rows)
            a = float(smooth(min(1.0, max(0.0, (alpha - late) / (1 - self.lag)))))
            swing.mobject.points = points * (1 + (swing.grows - 1) * a) + arc(
                swing.start, swing.end, self.corner, a
            )
            if swing.fade:
                seen = min(1.0, max(0.0, (a - 0.35) / 0.3))
                swing.mobject.set_fill(opacity=seen if swing.fade > 0 else 1 - seen, family=False)


def arc(start: Vec, end: Vec, corner: Vec, share: float) -> Vec:
    """A point of the arc around a corner from start to end; angle and distance change evenly, the short way round."""
    a, b = start - corner, end - corner
    r0, r1 = float(np.hypot(*a[:2])), float(np.hypot(*b[:2]))
    t0, t1 = float(np.arctan2(a[1], a[0])), float(np.arctan2(b[1], b[0]))
    turn = (t1 - t0 + np.pi) % (2 * np.pi) - np.pi
    angle, r = t0 + turn * share, r0 + (r1 - r0) * share
    return np.asarray(corner + np.array([np.cos(angle), np.sin(angle), 0.0]) * r)


def corner_of(grid: TensorGrid) -> Vec:
    """Upper left corner of a grid's cells, now."""
    return shapes.at(grid.cells.left, grid.cells.top)


class Transpose(Verb, steps="turn! settle?"):
    """A verb on a grid ``after`` that holds a transposed tensor and stands at its place.

    ``before`` is the same tensor upright, with the same cells, hung up by its upper left corner at ``corner``
    (default: ``after``'s own); it has to be on stage. If the corner differs, ``settle`` brings it home.
    ``names`` are the words of its rows; give ``after`` the same words as ``col_names``.
    """

    def __init__(
        self,
        scene: StageScene,
        after: TensorGrid,
        *,
        names: Sequence[str] | None = None,
        corner: Sequence[float] | None = None,
    ) -> None:
        if not isinstance(after.tensor, Reworked):
            raise TypeError("the grid does not hold a transposed tensor")
        self.scene, self.after = scene, after
        self.home = corner_of(after)
        self.before = TensorGrid(
            after.tensor.origin, scene.pen, after.pitch, rows=after.cols, cols=after.rows, row_names=names
        )
        place = self.home if corner is None else shapes.at(*corner[:2])
        self.before.shift(place - corner_of(self.before))
        self.glides = not np.allclose(place, self.home)
        self.ring = VMobject()

    def turn(self, *, follow: tuple[int, int] | None = None, run_time: float = 1.8) -> None:
        """Turn; ``follow`` (row, column of the upright tensor) is ringed all the way. The ring stays: ``self.ring``."""
        scene, before, after = self.scene, self.before, self.after
        scene.until_read(run_time)
        after.shift(corner_of(before) - corner_of(after))
        if self.glides:
            after.remove(after.badge)
        swings = self._swings()
        if follow is not None:
            self.ring = self._ring(*follow)
            scene.play(FadeIn(self.ring), run_time=theme.QUICK)
            way = after.center_of(follow[1], follow[0])
            swings.append(Swing(self.ring, self.ring.get_center(), way, 1.0, before.rows.index(follow[0])))
        old = [before.frame, before.badge, before.rest]
        kept = (after.shades, after.numerals, after.row_names, after.col_names)
        new = [m for m in after.submobjects if m not in kept]
        scene.play(
            CornerTurn(swings, corner_of(before), len(before.rows)),
            *(FadeOut(m, rate_func=squish_rate_func(smooth, 0.0, 0.35)) for m in old),
            *(FadeIn(m, rate_func=squish_rate_func(smooth, 0.65, 1.0)) for m in new),
            run_time=run_time,
        )
        scene.remove(before, *before.submobjects, *(s.mobject for s in swings), *new)
        scene.add(after, self.ring)

    def settle(self, *also: Animation, run_time: float = theme.MEDIUM) -> None:
        """Glide to the grid's own place, where its badge has room; the ring goes. ``also`` plays at the same time."""
        after, badge = self.after, self.after.badge
        way = self.home - corner_of(after)
        gone = [FadeOut(self.ring, shift=way)] if len(self.ring.points) else []
        come = [FadeIn(badge.shift(way), rate_func=squish_rate_func(smooth, 0.6, 1.0))] if self.glides else []
        self.scene.play(after.animate.shift(way).build(), *gone, *come, *also, run_time=run_time)
        if self.glides:
            self.scene.remove(badge)
            after.add(badge)

    def _swings(self) -> list[Swing]:
        before, after = self.before, self.after
        swings = []
        for row, i in enumerate(before.rows):
            for j in before.cols:
                for kind in ("shade", "numeral"):
                    a, b = getattr(before, kind)(i, j), getattr(after, kind)(j, i)
                    swings.append(Swing(a, a.get_center(), b.get_center(), 1.0, row))
        for row, (a, b) in enumerate(zip(before.row_names, after.col_names, strict=False)):
            swings += _renamed(a, b, row)
        return swings

    def _ring(self, i: int, j: int) -> VMobject:
        cell = self.before.shade(i, j)
        box = shapes.outline(
            cell.width + 0.1, cell.height + 0.08, self.scene.theme.accent, radius=0.2, line=4
        )
        return box.move_to(cell.get_center())


def _renamed(a: Any, b: Any, row: int) -> list[Swing]:
    """A row's name on its way to the head of its column; where the two are shortened differently, one gives way."""
    start, end = a.get_center(), b.get_center()
    if a.text == b.text:
        return [Swing(a, start, end, b.size / a.size, row)]
    arrives = b.copy().move_to(start)
    return [Swing(a, start, end, 1.0, row, -1), Swing(arrives, start, end, 1.0, row, 1)]
