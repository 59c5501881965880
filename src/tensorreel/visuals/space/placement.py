"""Where texts may stand beside points: a small search, without randomness, that lets no two of them overlap.

Every text tries a ring of places around its point and a lattice over the whole area; each place has a price
(covering another text, a dot or a line, standing far away), the cheapest wins, and a second round moves
texts that a later one has crowded. Plain geometry: nothing here draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PAD = 0.045  # air between two texts
NEAR = 0.16  # from here on a leader joins a text to its point
LATTICE = 0.13  # pitch of the places that are tried far from the point
DENSITY = 0.05  # pitch of the samples along a line
_TEXT, _DOT, _FAR, _TURN = 400.0, 60.0, 3.0, 0.45
_RINGS, _ANGLES = (0.0, 0.07, 0.15, 0.26), 24
_ROUNDS, _TRIES = 3, 6


@dataclass(frozen=True)
class Box:
    """A rectangle by its middle and its sizes."""

    x: float
    y: float
    w: float
    h: float

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the rectangle nearest to (x, y)."""
        return (
            float(np.clip(x, self.x - self.w / 2, self.x + self.w / 2)),
            float(np.clip(y, self.y - self.h / 2, self.y + self.h / 2)),
        )

    def distance(self, x: float, y: float) -> float:
        """How far (x, y) is from the rectangle."""
        a, b = self.nearest(x, y)
        return float(np.hypot(a - x, b - y))


@dataclass(frozen=True)
class Wish:
    """A text of some size that wants to stand near (x, y), at best in direction ``away`` from it."""

    x: float
    y: float
    w: float
    h: float
    away: tuple[float, float] = (0.0, 1.0)
    gap: float = 0.1


def line_samples(a: Sequence[float] | Array, b: Sequence[float] | Array, weight: float) -> Array:
    """Points (n, 3: x, y, price) along a line that a text should not cover."""
    n = max(2, int(np.hypot(b[0] - a[0], b[1] - a[1]) / DENSITY) + 1)
    t = np.linspace(0.0, 1.0, n)[:, None]
    xy = (1 - t) * np.array([a[:2]]) + t * np.array([b[:2]])
    return np.column_stack([xy, np.full(n, weight * DENSITY / 0.3)])


def dot_samples(x: float, y: float, radius: float) -> Array:
    """Points (n, 3) of a dot that a text must not cover."""
    turn = np.linspace(0.0, 2 * np.pi, 8, endpoint=False)
    rim = np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])
    return np.column_stack([np.vstack([[x, y], rim]), np.full(9, _DOT)])


def placed(wishes: Sequence[Wish], area: Box, boxes: Sequence[Box] = (), busy: Any = None) -> list[Box]:
    """A place for every wish inside ``area``, clear of ``boxes`` and, as far as it goes, of ``busy`` samples.

    Several orders are tried: whoever fared worst chooses first in the next one. The cheapest picture wins.
    """
    samples = np.zeros((0, 3)) if busy is None else np.asarray(busy, dtype=np.float64)
    order, best, least = _crowded_first(wishes), list[Box](), float("inf")
    for _ in range(_TRIES):
        found, prices = _settled(wishes, order, area, boxes, samples)
        if sum(prices) < least:
            best, least = found, sum(prices)
        worst = max(range(len(wishes)), key=lambda k: prices[k], default=0)
        if not wishes or order[0] == worst:
            break
        order = [worst, *(k for k in order if k != worst)]
    return best


def _settled(
    wishes: Sequence[Wish], order: Sequence[int], area: Box, boxes: Sequence[Box], samples: Array
) -> tuple[list[Box], list[float]]:
    """Everyone chooses in turn, for a few rounds; places and their prices."""
    found: dict[int, Box] = {}
    prices = [0.0] * len(wishes)
    for _ in range(_ROUNDS):
        before = dict(found)
        for k in order:
            others = {m: b for m, b in found.items() if m != k}
            leads = [
                line_samples((wishes[m].x, wishes[m].y), b.nearest(wishes[m].x, wishes[m].y), 40.0)
                for m, b in others.items()
                if b.distance(wishes[m].x, wishes[m].y) > NEAR
            ]
            points = np.array([[w.x, w.y] for m, w in enumerate(wishes) if m != k]).reshape(-1, 2)
            lines = np.vstack([samples, *leads])
            found[k], prices[k] = _cheapest(wishes[k], area, [*boxes, *others.values()], lines, points)
        if found == before:
            break
    return [found[k] for k in range(len(wishes))], prices


def _crowded_first(wishes: Sequence[Wish]) -> list[int]:
    xy = np.array([[w.x, w.y] for w in wishes]).reshape(-1, 2)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return sorted(range(len(wishes)), key=lambda k: (-int((apart[k] < 0.5).sum()), -wishes[k].w))


def _cheapest(
    wish: Wish, area: Box, boxes: Sequence[Box], samples: Array, points: Array
) -> tuple[Box, float]:
    middles = _candidates(wish, area)
    price = _FAR * _distance(wish, middles) + _turn(wish, middles) + _doubt(wish, middles, points)
    price = (
        price
        + _covered(wish, middles, boxes)
        + _under(wish, middles, samples)
        + _leader(wish, middles, boxes)
    )
    k = int(np.argmin(price))
    return Box(float(middles[k, 0]), float(middles[k, 1]), wish.w, wish.h), float(price[k])


def _candidates(wish: Wish, area: Box) -> Array:
    """Middles (m, 2) that keep the text inside the area."""
    turn = np.linspace(0.0, 2 * np.pi, _ANGLES, endpoint=False)
    ring = [
        (wish.x + np.cos(t) * (wish.gap + r + wish.w / 2), wish.y + np.sin(t) * (wish.gap + r + wish.h / 2))
        for r in _RINGS
        for t in turn
    ]
    half_w, half_h = max(0.0, (area.w - wish.w) / 2), max(0.0, (area.h - wish.h) / 2)
    xs = np.arange(area.x - half_w, area.x + half_w + 1e-9, LATTICE)
    ys = np.arange(area.y - half_h, area.y + half_h + 1e-9, LATTICE)
    tried = np.vstack([np.array(ring), np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)])
    inside = (np.abs(tried[:, 0] - area.x) <= half_w + 1e-9) & (np.abs(tried[:, 1] - area.y) <= half_h + 1e-9)
    return np.asarray(tried[inside])


def _gap(wish: Wish, middles: Array, x: float, y: float) -> Array:
    """From the text at each place to the point (x, y)."""
    dx = np.maximum(np.abs(middles[:, 0] - x) - wish.w / 2, 0.0)
    dy = np.maximum(np.abs(middles[:, 1] - y) - wish.h / 2, 0.0)
    return np.asarray(np.hypot(dx, dy))


def _doubt(wish: Wish, middles: Array, points: Array) -> Array:
    """The price of standing as near to another point: the eye would not know whose name it is."""
    own, price = _gap(wish, middles, wish.x, wish.y), np.zeros(len(middles))
    for x, y in points:
        if np.hypot(x - wish.x, y - wish.y) > 0.03:
            price += 1.2 * np.clip((own + 0.09 - _gap(wish, middles, x, y)) / 0.09, 0.0, 1.0)
    return price


def _distance(wish: Wish, middles: Array) -> Array:
    far = _gap(wish, middles, wish.x, wish.y)
    on_the_point = np.where(far < 0.5 * wish.gap, 5.0, 0.0)
    return np.asarray(far + on_the_point)


def _turn(wish: Wish, middles: Array) -> Array:
    """The price of another direction than the wished one."""
    d = middles - [wish.x, wish.y]
    cosine = (d @ np.array(wish.away)) / (np.hypot(*d.T) * (np.hypot(*wish.away) or 1.0) + 1e-9)
    return np.asarray(_TURN * (1 - cosine))


def _covered(wish: Wish, middles: Array, boxes: Sequence[Box]) -> Array:
    price = np.zeros(len(middles))
    for b in boxes:
        clash = (np.abs(middles[:, 0] - b.x) < (wish.w + b.w) / 2 + PAD) & (
            np.abs(middles[:, 1] - b.y) < (wish.h + b.h) / 2 + PAD
        )
        price += _TEXT * clash
    return price


def _under(wish: Wish, middles: Array, samples: Array) -> Array:
    """What the text would cover: samples inside its box, at their price."""
    if not len(samples):
        return np.zeros(len(middles))
    inside = (np.abs(middles[:, :1] - samples[:, 0]) < wish.w / 2 + 0.03) & (
        np.abs(middles[:, 1:] - samples[:, 1]) < wish.h / 2 + 0.03
    )
    return np.asarray(inside @ samples[:, 2])


def _leader(wish: Wish, middles: Array, boxes: Sequence[Box]) -> Array:
    """A leader that would run through another text costs nearly as much as covering it."""
    price = np.zeros(len(middles))
    ends = np.column_stack(
        [
            np.clip(wish.x, middles[:, 0] - wish.w / 2, middles[:, 0] + wish.w / 2),
            np.clip(wish.y, middles[:, 1] - wish.h / 2, middles[:, 1] + wish.h / 2),
        ]
    )
    for t in np.linspace(0.1, 1.0, 10):
        x, y = ((1 - t) * np.array([wish.x, wish.y]) + t * ends).T
        for b in boxes:
            price += 8.0 * ((np.abs(x - b.x) < b.w / 2) & (np.abs(y - b.y) < b.h / 2))
    return price
