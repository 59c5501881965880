"""The plane: exact places, projection, hull; names that never overlap, however close their points are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.geometry import convex_hull, fits_plane, projected
from tensorreel.visuals.space.placement import Box, Wish, placed
from tensorreel.visuals.space.plane import Plane, box_around


@pytest.fixture
def pen() -> Pen:
    return Pen(theme.DARK)


def boxes_overlap(a: Box, b: Box) -> bool:
    return abs(a.x - b.x) < (a.w + b.w) / 2 and abs(a.y - b.y) < (a.h + b.h) / 2


def test_only_two_columns_are_a_plane() -> None:
    assert [fits_plane(k) for k in (1, 2, 3)] == [False, True, False]


def test_projection_is_the_dot_product_over_the_length() -> None:
    p, q = np.array([-0.4, -0.81]), np.array([-1.33, -1.0])
    foot, length = projected(p, q)
    assert length * np.hypot(*q) == pytest.approx(p @ q)
    assert (p - foot) @ q == pytest.approx(0)
    assert projected(-p, q)[1] == pytest.approx(-length)
    assert projected(p, [0.0, 0.0])[1] == p[0]  # no direction: along the first axis


def test_hull_of_few_and_many_points() -> None:
    assert convex_hull([(1, 1), (1, 1)]) == [(1.0, 1.0)]
    assert convex_hull([(0, 0), (1, 1), (2, 2)]) == [(0.0, 0.0), (2.0, 2.0)]
    square = [(0, 0), (2, 0), (2, 2), (0, 2)]
    assert convex_hull([*square, (1, 1), (1, 0)]) == [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]


@pytest.mark.parametrize(
    "points", [[(0.0, 0.0)], [(-123.45, 4e-4), (1e-4, 2e-4)], [(0.3, 0.2)] * 8, [(2.0, -1.0), (0.5, 3.0)]]
)
def test_the_range_holds_every_point_with_one_unit(points: list[tuple[float, float]], pen: Pen) -> None:
    plane = Plane(points, pen, width=5.0, height=3.0, center=(2.0, -1.0), room=0.4)
    for p in [(0.0, 0.0), *points]:
        x, y, _ = plane.spot(p)
        assert abs(x - 2.0) <= 2.1 + 1e-9
        assert abs(y + 1.0) <= 1.1 + 1e-9
    across, up = plane.spot((1.0, 0.0)) - plane.origin, plane.spot((0.0, 1.0)) - plane.origin
    assert np.linalg.norm(across) == pytest.approx(np.linalg.norm(up)) == pytest.approx(plane.unit)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("near", [0.0, 0.02, 1.0])
def test_names_do_not_overlap(seed: int, near: float, pen: Pen) -> None:
    rng = np.random.default_rng(seed)
    points = np.array([0.4, -0.3]) + near * rng.normal(size=(10, 2))
    plane = Plane(points, pen, width=4.6, height=3.9)
    for p in points:
        plane.dot(p, pen.theme.ink)
    words = ["糖", "尿", "病", "の", "治療", "血圧", "検査", "electroencephalography", "a", "薬"]
    tags = plane.names(list(points), words, [pen.theme.ink] * 10)
    boxes = [box_around(t) for t in tags.texts]
    assert not any(boxes_overlap(a, b) for a, b in itertools.combinations(boxes, 2))
    assert all(abs(b.x) + b.w / 2 <= 2.31 and abs(b.y) + b.h / 2 <= 1.96 for b in boxes)


def test_later_texts_keep_clear_of_earlier_ones(pen: Pen) -> None:
    plane = Plane([(1.0, 1.0)], pen, width=4.0, height=4.0)
    first = plane.names([(1.0, 1.0)], ["病"], [pen.theme.ink])
    second = plane.names([(1.0, 1.0)], ["糖"], [pen.theme.ink])
    assert not boxes_overlap(box_around(first.texts[0]), box_around(second.texts[0]))


def test_placement_is_the_same_every_time() -> None:
    wishes = [Wish(0.1 * k, 0.0, 0.5, 0.3) for k in range(6)]
    area = Box(0, 0, 5, 4)
    assert placed(wishes, area) == placed(wishes, area)
    assert placed([], area) == []


def test_a_shadow_of_nothing_is_drawn_as_nothing(pen: Pen) -> None:
    plane = Plane([(1.0, 0.0)], pen, width=4.0, height=3.0)
    flat = plane.projection((0.0, 0.0), (1.0, 0.0), pen.theme.ink, pen.theme.dim)
    assert flat.length == 0
    assert not len(flat.shadow.points)
    assert not len(flat.corner.points)
    assert len(plane.arrow((0.0, 0.0), pen.theme.ink)) == 1
