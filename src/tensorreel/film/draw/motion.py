"""Quick interpolation: all submobjects of a ``Transform`` as one array, one small sum per frame.

The arithmetic is Manim's, ``(1 - a) * start + a * target``, so the numbers come out the same to the bit,
save that what does not change during a play is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import Animation, AnimationGroup, Mobject, Succession, Transform, VMobject
from manim.utils.bezier import interpolate
from manim.utils.paths import straight_path

Floats = npt.NDArray[np.float64]
_COLOURS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")
_ARRAYS = ("points", *_COLOURS)
_NUMBERS = ("stroke_width", "background_stroke_width", "sheen_factor")
_STRAIGHT = {interpolate, straight_path()}


def leaves(animations: Iterable[Animation]) -> Iterator[Animation]:
    """The single animations inside groups. A ``Succession`` counts as one: what it holds has not begun."""
    for animation in animations:
        if isinstance(animation, AnimationGroup) and not isinstance(animation, Succession):
            yield from leaves(animation.animations)
        else:
            yield animation


class _Column:
    """One array attribute of all objects, end to end; ``lengths`` rows for each object."""

    def __init__(self, name: str, starts: Sequence[Floats], targets: Sequence[Floats]) -> None:
        self.name = name
        self.start, self.target = np.concatenate(starts), np.concatenate(targets)
        self.lengths = np.array([len(s) for s in starts])
        edges = np.concatenate(([0], np.cumsum(self.lengths))).tolist()
        self.slices = [slice(a, b) for a, b in pairwise(edges)]

    def still(self, now: Sequence[Floats]) -> bool:
        """Nothing to do: the objects are where they start and stay there."""
        return np.array_equal(self.start, self.target) and np.array_equal(np.concatenate(now), self.start)

    def at(self, alpha: float | Floats) -> Floats:
        """All rows at ``alpha``, a number or one number per object."""
        share = np.repeat(alpha, self.lengths)[:, None] if isinstance(alpha, np.ndarray) else alpha
        value: Floats = (1 - share) * self.start + share * self.target
        return value


class Batch:
    """Stands in for ``interpolate_mobject`` on one animation while it plays."""

    def __init__(self, animation: Transform, lean: bool) -> None:
        self.animation = animation
        self.rows = [tuple(row) for row in animation.get_all_families_zipped()]
        now, start, target = (list(column) for column in zip(*self.rows, strict=True))
        self.mobs: list[VMobject] = now
        self.path = None if animation.path_func in _STRAIGHT else animation.path_func
        self.whole = getattr(self.path, "__module__", "") == "manim.utils.paths"
        columns = [
            _Column(n, [getattr(m, n) for m in start], [getattr(m, n) for m in target]) for n in _ARRAYS
        ]
        moving = [c for c in columns if not (lean and c.still([getattr(m, c.name) for m in now]))]
        self.points = next((c for c in moving if c.name == "points"), None)
        self.colours = [c for c in moving if c.name != "points"]
        self.numbers = [n for n in _NUMBERS if not lean or _varies(n, now, start, target)]
        self.sheens = [
            row for row in self.rows if not np.array_equal(row[1].sheen_direction, row[2].sheen_direction)
        ]

    def __call__(self, alpha: float) -> None:
        """Put every object where it is at ``alpha``, 0 to 1 of the play."""
        animation, n = self.animation, len(self.mobs)
        share: float | Floats
        if animation.lag_ratio:
            share = np.array([animation.get_sub_alpha(alpha, i, n) for i in range(n)])
        else:
            share = float(animation.get_sub_alpha(alpha, 0, n))
        if self.points is not None:
            self._move(self.points, share)
        for column in self.colours:
            _hand_out(column, self.mobs, column.at(share))
        for name in self.numbers:
            shares = share if isinstance(share, np.ndarray) else [share] * n
            for (mob, start, target), a in zip(self.rows, shares, strict=True):
                setattr(mob, name, interpolate(getattr(start, name), getattr(target, name), a))
        for row in self.sheens:
            row[0].sheen_direction = interpolate(row[1].sheen_direction, row[2].sheen_direction, alpha)

    def _move(self, column: _Column, share: float | Floats) -> None:
        if self.path is None:
            _hand_out(column, self.mobs, column.at(share))
        elif self.whole and not isinstance(share, np.ndarray):
            _hand_out(column, self.mobs, np.asarray(self.path(column.start, column.target, share)))
        else:
            shares = share.tolist() if isinstance(share, np.ndarray) else [share] * len(self.mobs)
            for mob, piece, a in zip(self.mobs, column.slices, shares, strict=True):
                mob.points = self.path(column.start[piece], column.target[piece], a)


def _hand_out(column: _Column, mobs: Sequence[VMobject], rows: Floats) -> None:
    name = column.name
    for mob, piece in zip(mobs, column.slices, strict=True):
        mob.__dict__[name] = rows[piece]


def _varies(name: str, *families: Sequence[VMobject]) -> bool:
    now, start, target = ([getattr(m, name) for m in family] for family in families)
    return not now == start == target


def _suits(animation: Animation) -> bool:
    """Whether ``animation`` interpolates exactly as ``Transform`` does, over plain VMobjects of equal make."""
    kind = type(animation)
    if not isinstance(animation, Transform) or "interpolate_mobject" in animation.__dict__:
        return False
    if kind.interpolate_submobject is not Transform.interpolate_submobject:
        return False
    if kind.interpolate_mobject is not Animation.interpolate_mobject:
        return False
    if kind.get_all_families_zipped is not Transform.get_all_families_zipped:
        return False
    rows = list(animation.get_all_families_zipped())
    return bool(rows) and all(_matching(*row) for row in rows)


def _matching(mob: Any, start: Any, target: Any) -> bool:
    if not isinstance(mob, VMobject) or not isinstance(start, VMobject) or not isinstance(target, VMobject):
        return False
    kind = type(mob)
    if (
        kind.interpolate is not Mobject.interpolate
        or kind.interpolate_color is not VMobject.interpolate_color
    ):
        return False
    if any(np.shape(getattr(start, n)) != np.shape(getattr(target, n)) for n in _ARRAYS):
        return False
    return np.shape(start.sheen_direction) == np.shape(target.sheen_direction)


def quicken(animations: Sequence[Animation], lean: bool) -> list[Animation]:
    """Give every fitting animation, all begun, its ``Batch``; returns those, for ``slow_again``.

    ``lean`` leaves alone what an animation does not change, which is right only while nothing else writes to
    the same objects (no updaters). An object that two animations hold keeps Manim's own way: there the last
    one to write wins.
    """
    each = list(leaves(animations))
    owners: dict[int, int] = {}
    for animation in each:
        for mob in set(map(id, animation.mobject.get_family())):
            owners[mob] = owners.get(mob, 0) + 1
    quick = []
    for animation in each:
        shared = any(owners[id(m)] > 1 for m in animation.mobject.get_family())
        if not shared and _suits(animation):
            animation.interpolate_mobject = Batch(animation, lean)
            quick.append(animation)
    return quick


def slow_again(animations: Iterable[Animation]) -> None:
    """Take the batches off."""
    for animation in animations:
        del animation.interpolate_mobject
