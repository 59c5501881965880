"""What was drawn last: outlines, styles and pixel boxes of some objects, compared frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP

from tensorreel.film.draw import native
from tensorreel.film.draw.outlines import Outlines, Points, runs
from tensorreel.film.draw.tiles import Boxes, Tiles
from tensorreel.film.draw.transform import PixelTransform

# Columns of a style row.
FILL, STROKE, WIDTH, JOIN, CAP = slice(0, 4), slice(4, 8), 8, 9, 10
_JOINS = {joint: int(line) for joint, line in LINE_JOIN_MAP.items()}
_CAPS = {cap: int(line) for cap, line in CAP_STYLE_MAP.items()}
_MANY = 64  # curves of a line drawing beyond which its one box will do
_MITER_LIMIT = 10.0  # cairo's


class Layer:
    """Some VMobjects in drawing order. ``boxes`` are where each one's ink can be, in pixels.

    ``special`` holds, by index, what the rows cannot say: gradients and background strokes, which are left to
    Manim's own drawing.
    """

    def __init__(self, mobs: Sequence[VMobject], view: PixelTransform) -> None:
        self.mobs, self.view = list(mobs), view
        points = [_curves(m) for m in self.mobs]
        self.lengths = [len(p) for p in points]
        self.offsets = np.concatenate(([0], np.cumsum(self.lengths))).astype(np.int64)
        self.points: Points = np.concatenate(points) if points else np.zeros((0, 3))
        self.styles, self.special = _styles(self.mobs)
        self.boxes = self._boxes()
        self.moved = np.zeros(len(self.mobs), dtype=bool)  # since drawn last, by the kernel
        self.covers: Any = None  # the kernel's, of what the outlines cover
        self._spare = np.empty_like(self.points), np.empty_like(self.styles)
        self._outlines: Outlines | None = None

    @property
    def outlines(self) -> Outlines:
        """The same objects as cairo paths."""
        if self._outlines is None:
            self._outlines = Outlines(self.points, self.offsets)
        elif self._outlines.points is not self.points:
            self._outlines.move(self.points)
        return self._outlines

    def refresh(self, tiles: Tiles) -> bool:
        """Read the objects again and mark the tiles in which something changed; ``False`` when one has another
        number of points, and nothing was done."""
        read = self._read()
        if read is None:
            return False
        now, styles, special = read
        moved = self._moved(now)
        changed = moved | (styles != self.styles).any(1)
        for i in special.keys() | self.special.keys():
            changed[i] |= special.get(i) != self.special.get(i)
        if not changed.any():
            return True
        moved |= (styles[:, WIDTH:] != self.styles[:, WIDTH:]).any(1)
        self.moved |= moved
        redraw = bool(moved.any())
        self.mark(tiles, changed)
        self._spare = self.points if redraw else now, self.styles
        self.styles, self.special = styles, special
        if redraw:
            self.points = now
            self.boxes = self._boxes()
        self.mark(tiles, changed)
        return True

    def _read(self) -> tuple[Points, npt.NDArray[np.float64], dict[int, Any]] | None:
        """Points, styles and what is special, as they are now; ``None`` when the counts are others."""
        now, styles = self._spare
        if native.kernel is not None and native.kernel.gather(
            self.mobs, _JOINS, _CAPS, self.offsets, now, styles
        ):
            return now, styles, {}
        points = [_curves(m) for m in self.mobs]
        if [len(p) for p in points] != self.lengths:
            return None
        if points:
            np.concatenate(points, out=now)
        styles, special = _styles(self.mobs)
        return now, styles, special

    def _moved(self, now: Points) -> npt.NDArray[np.bool_]:
        """Which objects' outlines cairo would draw otherwise than last time.

        It keeps points in 1/256 pixels: what an interpolation does to the last bits of numbers that stay is
        no motion.
        """
        moved = np.zeros(len(self.mobs), dtype=bool)
        if native.kernel is not None:
            native.kernel.compare(self.offsets, now, self.points, moved, self.view.numbers)
        elif len(moved):
            other = (self.view.placed(now) != self.view.placed(self.points)).any(1)
            np.logical_or.reduceat(other, self.offsets[:-1], out=moved)
            joined = runs(now, self.offsets) != runs(self.points, self.offsets)
            moved |= np.logical_or.reduceat(joined.any(1), self.offsets[:-1] // 4)
        return moved

    def mark(self, tiles: Tiles, chosen: npt.NDArray[np.bool_]) -> None:
        """Mark the tiles that the chosen objects' ink can reach."""
        if native.kernel is None or self.special:
            tiles.mark(self.ink(chosen))
        else:
            held = chosen, self.points, self.offsets, self.styles, self.boxes, self.view.numbers
            native.kernel.mark(tiles.grid, tiles.size, *held)

    def same(self, index: int, other: Layer, at: int) -> bool:
        """Whether object ``index`` looks as ``other``'s object ``at``."""
        a, b = self.offsets[index : index + 2]
        c, d = other.offsets[at : at + 2]
        return (
            b - a == d - c
            and self.special.get(index) == other.special.get(at)
            and self.styles[index].tobytes() == other.styles[at].tobytes()
            and self.points[a:b].tobytes() == other.points[c:d].tobytes()
        )

    def ink(self, chosen: npt.NDArray[np.bool_]) -> Boxes:
        """Where the chosen objects' ink can be: one box each, or one per curve for those that are only lines."""
        hollow = chosen & (self.styles[:, 3] <= 0)
        hollow[list(self.special)] = False
        boxes = [self.boxes[chosen & ~hollow]]
        v = self.view
        for i in np.flatnonzero(hollow).tolist():
            a, b = self.offsets[i : i + 2]
            curves = self.points[a:b, :2].reshape(-1, 4, 2)
            if len(curves) > _MANY:
                boxes.append(self.boxes[i : i + 1])
                continue
            margin = self.points[a:b, 0].min() * v.sx + v.cx - self.boxes[i, 0]
            low, high = curves.min(1), curves.max(1)
            left, right = low[:, 0] * v.sx + v.cx - margin, high[:, 0] * v.sx + v.cx + margin
            top, bottom = v.cy - high[:, 1] * v.sy - margin, v.cy - low[:, 1] * v.sy + margin
            boxes.append(np.stack((left, top, right, bottom), axis=1))
        return np.concatenate(boxes)

    def _boxes(self) -> Boxes:
        boxes = np.empty((len(self.mobs), 4))
        if not len(boxes):
            return boxes
        if native.kernel is not None:
            native.kernel.boxes(self.points, self.offsets, self.styles, boxes, self.view.numbers)
            return boxes
        v, starts = self.view, self.offsets[:-1]
        margin = 0.5 * v.line * v.sx * self.styles[:, WIDTH]
        if margin.any():
            margin = margin * self._miters()
        margin = margin + 1.5
        low, high = (f.reduceat(self.points[:, :2], starts) for f in (np.minimum, np.maximum))
        boxes[:, 0] = low[:, 0] * v.sx + v.cx - margin
        boxes[:, 2] = high[:, 0] * v.sx + v.cx + margin
        boxes[:, 1] = v.cy - high[:, 1] * v.sy - margin
        boxes[:, 3] = v.cy - low[:, 1] * v.sy + margin
        return boxes

    def _miters(self) -> npt.NDArray[np.float64]:
        """How far each object's corners can reach, in half line widths (1.5 for caps and smooth lines)."""
        p = self.points[:, :2]
        curves = len(p) // 4
        leaving, arriving = p[1::4] - p[0::4], p[3::4] - p[2::4]
        first, last = self.offsets[:-1] // 4, self.offsets[1:] // 4 - 1
        after = np.arange(1, curves + 1)
        after[last] = first
        turn = leaving[after]
        size = np.hypot(*arriving.T) * np.hypot(*turn.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            cosine = (arriving * turn).sum(1) / size
            reach = np.sqrt(2 / np.maximum(1 + cosine, 0))
        reach = np.where(np.isnan(reach), _MITER_LIMIT, reach)
        reach[reach > _MITER_LIMIT] = 1.0
        worst: npt.NDArray[np.float64] = np.maximum(np.maximum.reduceat(reach, first), 1.5)
        return worst


def _curves(mob: VMobject) -> Points:
    """An object's points, whole curves only."""
    points: Points = mob.points
    spare = len(points) % 4
    return points[:-spare] if spare else points


def _styles(mobs: Sequence[VMobject]) -> tuple[npt.NDArray[np.float64], dict[int, Any]]:
    """Style rows, and what is special."""
    rows = np.zeros((len(mobs), 11))
    if not mobs:
        return rows, {}
    fills, strokes = [m.fill_rgbas for m in mobs], [m.stroke_rgbas for m in mobs]
    special: dict[int, Any] = {}
    if set(map(len, fills)) == {1} and set(map(len, strokes)) == {1}:
        rows[:, FILL], rows[:, STROKE] = np.concatenate(fills), np.concatenate(strokes)
    else:
        for i, (f, s) in enumerate(zip(fills, strokes, strict=True)):
            rows[i, FILL], rows[i, STROKE] = f[0], s[0]
            if len(f) > 1 or len(s) > 1:
                special[i] = _special(mobs[i])
    widths = [m.stroke_width for m in mobs]
    if any(widths):
        rows[:, WIDTH] = np.maximum(widths, 0)
        lines = rows[:, WIDTH] > 0
        rows[lines, JOIN] = [_JOINS[m.joint_type] for m, line in zip(mobs, lines, strict=True) if line]
        rows[lines, CAP] = [_CAPS[m.cap_style] for m, line in zip(mobs, lines, strict=True) if line]
    for i, behind in enumerate([m.background_stroke_width for m in mobs]):
        if behind:
            special[i] = _special(mobs[i])
            rows[i, WIDTH] = max(rows[i, WIDTH], behind)
    return rows, special


def _special(mob: VMobject) -> tuple[Any, ...]:
    """All that decides a gradient or a background stroke, comparable."""
    return (
        mob.points.tobytes(),
        mob.fill_rgbas.tobytes(),
        mob.stroke_rgbas.tobytes(),
        mob.background_stroke_rgbas.tobytes(),
        float(mob.background_stroke_width),
        tuple(np.ravel(mob.sheen_direction)),
    )
