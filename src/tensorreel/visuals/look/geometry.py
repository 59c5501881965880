"""Plane geometry without pictures: projection onto a line, convex hull."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Point = Sequence[float] | Array  # (x, y) of the data


def fits_plane(d_k: int) -> bool:
    """Whether a head's rows are points of a plane; other widths leave the plane out."""
    return d_k == 2


def projected(p: Point, q: Point) -> tuple[Array, float]:
    """Foot of p on the line of q, and its signed distance from the origin (0 where q is 0)."""
    a, way = np.array(pair(p)), np.array(direction(q))
    length = float(a @ way)
    return np.asarray(way * length), length


def convex_hull(points: Iterable[Point]) -> list[tuple[float, float]]:
    """Corners of the convex hull, counter-clockwise; one or two where the points are one or on a line."""
    rest = sorted({pair(p) for p in points})
    if len(rest) < 3:
        return rest
    return _chain(rest)[:-1] + _chain(rest[::-1])[:-1]


def _chain(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for p in points:
        while len(chain) > 1 and _left_turn(chain[-2], chain[-1], p) <= 1e-12:
            chain.pop()
        chain.append(p)
    return chain


def _left_turn(a: Point, b: Point, c: Point) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def pair(p: Point) -> tuple[float, float]:
    """A point as two plain numbers."""
    return float(p[0]), float(p[1])


def direction(q: Point) -> tuple[float, float]:
    """The direction of q, of length 1; along the first axis where q is 0."""
    x, y = pair(q)
    size = float(np.hypot(x, y))
    return (x / size, y / size) if size else (1.0, 0.0)
