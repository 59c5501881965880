"""The exact picture of normalised tokens with d = 4: points of a sphere in the space orthogonal to (1, 1, 1, 1).

Mean 0 puts a token into that three-dimensional space, variance 1 at distance √4 from its middle. The basis is
orthonormal, so nothing is lost; the sphere is drawn by parallel projection, with the far side dashed and
far points smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from manim import Animation, FadeIn, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.norm_row import NormRow

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Array = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1
BASIS: Array = (
    np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 2.0
)  # orthonormal, each ⊥ (1, 1, 1, 1)
TILT = np.radians(22)
FAR, NEAR = 0.065, 0.11  # radii of the dots at the back and at the front
TURN = 1.2  # how far it turns when it comes up, in radians
LARGEST = 3.8  # width of the sphere; names stand above and below it
APART = 0.2  # between the sphere and what stands beside it
CURVES = 24  # cubic curves of a half circle


def in_space(values: Array) -> Array:
    """[..., 4] -> [..., 3]: coordinates in the space orthogonal to (1, 1, 1, 1). Lengths stay as they are there."""
    return np.asarray(values, dtype=np.float64) @ BASIS.T


def is_exact(rows: Sequence[NormRow]) -> bool:
    """Whether the picture is exact for these rows: d = 4, and ε too small to be seen in their variance."""
    return len(rows[0].values) == 4 and all(r.check[1].value > 0.99 for r in rows)


def view(turn: float) -> Array:
    """Rotation (3, 3) whose rows are right, up and towards the viewer, after a turn about the upright axis."""
    c, s, ct, st = np.cos(turn), np.sin(turn), np.cos(TILT), np.sin(TILT)
    right = np.array([c, s, 0.0])
    toward = np.array([s * ct, -c * ct, st])
    return np.array([right, np.cross(toward, right), toward])


def best_turn(points: Array) -> float:
    """The turn, of 72, at which the points stand farthest apart in the picture, front ones preferred."""

    def merit(turn: float) -> float:
        seen = points @ view(turn).T
        gaps = [np.linalg.norm(a[:2] - b[:2]) for k, a in enumerate(seen) for b in seen[:k]]
        return float(min(gaps, default=0.0) + 0.12 * seen[:, 2].mean())

    return max((float(t) for t in np.linspace(0, 2 * np.pi, 72, endpoint=False)), key=merit)


class Sphere(VGroup):
    """A sphere of radius √4 with named points at ``coordinates`` (n, 3), as large as fits
    between the two x of ``room``. ``solid`` is everything but the names.
    """

    def __init__(
        self,
        coordinates: Array,
        names: Sequence[str],
        pen: Pen,
        *,
        room: tuple[float, float],
        turn: float | None = None,
    ) -> None:
        super().__init__()
        self.pen, self.coordinates, self.room = pen, coordinates, room
        self.x, self.y = sum(room) / 2, CONTENT.y
        size = min(LARGEST, room[1] - room[0] - 1.2)
        self.scale_ = size / 4.0
        self.final = best_turn(coordinates) if turn is None else turn
        look = pen.theme
        middle = [self.x, self.y, 0]
        self.body = shapes.filled(shapes.rounded_box(size, size, size), look.panel, 1.0).move_to(middle)
        self.rim = shapes.ring(look.dim, size / 2, 2.5).move_to(middle)
        self.back = VGroup(*(shapes.stroke(self._half(a, False, 0.0), look.faint, 1.5) for a in range(3)))
        self.front = VGroup(*(shapes.stroke(self._half(a, True, 0.0), look.dim, 1.8) for a in range(3)))
        self.spokes = VGroup(
            *(shapes.stroke(shapes.polyline((0, 0), (1, 0)), look.faint, 2) for _ in coordinates)
        )
        self.hub = shapes.dot(look.dim, 0.05).move_to(middle)
        self.dots = VGroup(*(shapes.dot(look.role("query"), 0.1) for _ in coordinates))
        self.at(self.final)
        self.names = VGroup(*self._labels(names))
        self.solid = VGroup(self.body, self.back, self.spokes, self.hub, self.rim, self.front, self.dots)
        self.add(self.solid, self.names)

    # ---- projection -------------------------------------------------------------------------------
    def seen(self, points: Array, turn: float) -> Array:
        """[n, 3] -> [n, 3]: places on the frame, and the depth towards the viewer in units of the space."""
        shown = points @ view(turn).T
        return np.column_stack([shown[:, :2] * self.scale_ + [self.x, self.y], shown[:, 2]])

    def _half(self, axis: int, front: bool, turn: float) -> Array:
        """The near or the far half of the great circle around a coordinate axis."""
        normal = view(turn).T[axis]  # the axis as the viewer sees it
        toward = np.array([0.0, 0.0, 1.0]) - normal[2] * normal
        length = np.linalg.norm(toward)
        deepest = toward / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
        across = np.cross(normal, deepest)
        angles = np.linspace(-np.pi / 2, np.pi / 2, CURVES + 1) + (0.0 if front else np.pi)
        circle = 2.0 * (np.outer(np.cos(angles), deepest) + np.outer(np.sin(angles), across))
        flat = circle[:, :2] * self.scale_ + [self.x, self.y]
        ends = [shapes.polyline(a, b) for a, b in pairwise(flat)]
        kept = ends if front else ends[::2]
        return np.concatenate(kept)

    def at(self, turn: float) -> Sphere:
        """Turn everything but the names."""
        for axis, (front, back) in enumerate(zip(self.front, self.back, strict=True)):
            front.points, back.points = self._half(axis, True, turn), self._half(axis, False, turn)
        seen = self.seen(self.coordinates, turn)
        for dot, spoke, (x, y, depth) in zip(self.dots, self.spokes, seen, strict=True):
            near = (depth / 2.0 + 1.0) / 2.0
            size = 2 * (FAR + (NEAR - FAR) * near)
            dot.points = shapes.rounded_box(size, size, size) + shapes.at(x, y)
            spoke.points = shapes.polyline((self.x, self.y), (x, y))
        return self

    # ---- names ------------------------------------------------------------------------------------
    def _labels(self, names: Sequence[str]) -> list[Label]:
        """A name beside each point, where it meets no other name and no point."""
        seen = self.seen(self.coordinates, self.final)
        taken = self.obstacles()
        labels = []
        for name, (x, y, _) in zip(names, seen, strict=True):
            label = Label(shortened(name, self.pen, 0.34, 1.3, among=names), self.pen, size=0.34)
            box = self.free(label.width, x, y, taken)
            taken.append(box)
            labels.append(label.move_to([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0]))
        return labels

    def obstacles(self) -> list[Box]:
        """What names keep clear of: the points."""
        seen = self.seen(self.coordinates, self.final)
        return [(x - 0.11, y - 0.11, x + 0.11, y + 0.11) for x, y, _ in seen]

    def free(self, width: float, x: float, y: float, taken: Sequence[Box]) -> Box:
        """The box of a name of some width: away from the middle of the sphere if possible, overlapping least."""
        height = 0.32
        out = np.arctan2(y - self.y, x - self.x)
        best: tuple[float, Box] | None = None
        for k, angle in enumerate(np.concatenate([[0], np.repeat(np.arange(1, 9), 2)]) * 0.3926990817):
            a = out + (angle if k % 2 else -angle)
            for distance in (0.18, 0.4):
                cx = x + np.cos(a) * (distance + width / 2)
                cy = y + np.sin(a) * (distance + height / 2)
                box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
                cost = (
                    sum(_shared(box, t) for t in taken) * 100
                    + k * 0.1
                    + distance
                    + 100 * max(0.0, self.room[0] - box[0], box[2] - self.room[1])
                )
                if best is None or cost < best[0]:
                    best = (float(cost), tuple(map(float, box)))  # type: ignore[assignment]
        assert best is not None
        return best[1]


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes share, with a little air around them."""
    w = min(a[2], b[2]) - max(a[0], b[0]) + 0.06
    h = min(a[3], b[3]) - max(a[1], b[1]) + 0.04
    return w * h if w > 0 and h > 0 else 0.0


class SphereTurn(Animation):
    """The sphere turns to its final view."""

    def __init__(self, sphere: Sphere, by: float, **kwargs: Any) -> None:
        self.sphere, self.by = sphere, by
        super().__init__(sphere.solid, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Blend the angle."""
        self.sphere.at(self.sphere.final - self.by * (1.0 - self.rate_func(alpha)))


def radius_mark(sphere: Sphere) -> VGroup:
    """The sphere's radius √4 as a level line from the middle, with its number."""
    pen = sphere.pen
    half = 2.0 * sphere.scale_
    line = shapes.stroke(
        shapes.polyline((sphere.x, sphere.y), (sphere.x + half, sphere.y)), pen.theme.accent, 2.5
    )
    number = Numeral(count(4, Count.SIZE, "d").sqrt(), pen, decimals=0, size=0.36, color=pen.theme.accent)
    mark: VMobject = number.sit(sphere.x + half * 0.5, sphere.y + 0.1, "center")
    return VGroup(line, mark)


def reveal(scene: StageScene, rows: Sequence[NormRow], matrix: VMobject) -> Sphere:
    """The sphere of some normalised rows comes up left of their matrix, turns, and gets its names and its radius."""
    right = matrix.get_left()[0] - APART
    points = in_space(np.array([[q.value for q in r.normal] for r in rows]))
    sphere = Sphere(points, scene.words, scene.pen, room=(CONTENT.left, right))
    sphere.at(sphere.final - TURN)
    scene.play(FadeIn(sphere.solid), run_time=theme.QUICK)
    scene.until_read(theme.LONG + theme.QUICK)
    scene.play(SphereTurn(sphere, TURN), run_time=theme.LONG)
    scene.play(FadeIn(sphere.names), FadeIn(radius_mark(sphere)), run_time=theme.QUICK)
    scene.land()
    return sphere
