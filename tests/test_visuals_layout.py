"""How things share a frame: the largest that fits, windows with a focus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from manim import VMobject

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.visuals.layout.largest import (
    first_with,
    largest_or_least,
    largest_that_fits,
    sizes,
    window,
    window_with,
)
from tensorreel.visuals.layout.placing import between, in_row, left_of, middles, right_of, stand, write
from tensorreel.visuals.layout.room import Room, edges
from tensorreel.visuals.lettering.glyphs import Label, Pen, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import Pitch

VISUALS = Path(__file__).resolve().parents[1] / "src" / "tensorreel" / "visuals"


def test_sizes_go_down_to_the_least_and_no_further() -> None:
    tried = sizes(0.3, 0.28, step=0.01)
    assert [round(em, 6) for em in tried] == [0.3, 0.29, 0.28]
    assert min(sizes(0.42)) >= theme.SIZE_NUMBER_MIN


def test_the_largest_that_fits_is_found_and_nothing_smaller_is_made() -> None:
    made: list[float] = []

    def width(em: float) -> float:
        made.append(em)
        return 10 * em

    found = largest_that_fits(0.4, width, lambda wide: wide <= 3.91)
    assert found is not None
    assert round(found, 6) == 3.9
    assert len(made) < 5


def test_where_none_fits_there_is_none_or_the_least() -> None:
    assert largest_that_fits(0.4, lambda em: em, lambda em: False) is None
    assert largest_or_least(0.4, lambda em: em, lambda em: False) == theme.SIZE_NUMBER_MIN


def test_a_window_has_the_focus_in_it() -> None:
    assert window(5, 5) == [0, 1, 2, 3, 4]
    assert window(6, 5) == [0, 1, 2, 3]  # the fifth place counts the others
    assert window_with(6, 5, 2) == [0, 1, 2, 3]
    assert window_with(6, 5, 5) == [0, 1, 2, 5]
    assert first_with(6, 3, 4) == [0, 1, 4]
    assert first_with(2, 3, 1) == [0, 1]


def test_a_room_knows_its_middle_and_what_it_holds() -> None:
    room = Room(-2.0, -1.0, 4.0, 2.0)
    assert (room.width, room.height, room.x, room.y) == (6.0, 3.0, 1.0, 0.5)
    assert room.under(1.0) == Room(-2.0, -1.0, 4.0, 1.0)
    assert room.over(1.0) == Room(-2.0, 0.0, 4.0, 2.0)
    assert room.holds(6.0, 3.0)
    assert not room.holds(6.1, 3.0)
    assert not room.holds(6.0, 3.1)


def box(width: float, height: float) -> VMobject:
    return shapes.panel(width, height, "#ffffff")


def test_things_stand_at_an_edge_and_in_one_place() -> None:
    thing = stand(box(2.0, 1.0), left=1.0, bottom=-3.0)
    assert edges(thing) == Room(1.0, -3.0, 3.0, -2.0)
    assert edges(stand(thing, right=0.0)) == Room(-2.0, -3.0, 0.0, -2.0)  # the height stays
    assert edges(stand(thing, left=0.0, by=Room(-1.0, 0.0, 1.0, 0.0))) == Room(-1.0, -3.0, 1.0, -2.0)
    with pytest.raises(TypeError, match="one edge"):
        stand(thing, left=0.0, right=1.0)


def test_things_stand_beside_each_other() -> None:
    middle = stand(box(2.0, 1.0), y=1.0)
    assert edges(right_of(box(1.0, 0.5), middle, 0.25)) == Room(1.25, 0.75, 2.25, 1.25)
    assert edges(left_of(box(1.0, 0.5), middle, 0.25)) == Room(-2.25, 0.75, -1.25, 1.25)
    assert edges(between(box(1.0, 1.0), middle, stand(box(2.0, 1.0), left=3.0), 0.0)).x == 2.0


def test_a_row_has_its_gaps() -> None:
    assert middles([2.0, 1.0], 0.5, 0.0) == [1.0, 3.0]
    assert middles([2.0, 1.0, 1.0], [0.5, 1.0], 0.0) == [1.0, 3.0, 5.0]
    assert middles([2.0, 2.0], 1.0) == [-1.5, 1.5]
    row = [box(2.0, 1.0), box(1.0, 1.0)]
    in_row(row, 0.5, left=0.0)
    assert [(edges(m).left, edges(m).right) for m in row] == [(0.0, 2.0), (2.5, 3.5)]


def test_pieces_are_written_behind_each_other() -> None:
    pen = Pen(theme.DARK)
    pieces = [Sign("+", pen, size=0.4), Label("word", pen, size=0.4)]
    end = write(pieces, 1.0, 0.5, 0.1)
    assert pieces[0].origin[0] == pytest.approx(1.0)
    assert pieces[1].origin[:2] == pytest.approx([1.1 + pieces[0].advance, 0.5])
    assert end == pytest.approx(1.1 + sum(p.advance for p in pieces))


def test_a_matrix_stands_by_its_cells() -> None:
    model = tiny_model()
    hidden = forward(model, model.tokens).at(layer=0)["hidden"]
    shown = DisplayTensor(hidden, hidden)
    grid = TensorGrid(shown, Pen(theme.DARK), Pitch(0.3, 0.8, 0.5))
    grid.stand(left=1.0, top=2.0)
    assert (grid.cells.left, grid.cells.top) == pytest.approx((1.0, 2.0))
    assert grid.cells.width == pytest.approx(0.8 * shown.values.shape[1])
    assert grid.row_y(0) == pytest.approx(1.75)


def test_the_edges_of_the_frame_are_read_in_one_place() -> None:
    """Pictures stand in ``CONTENT``: to give them more room is to change ``look/frame.py``."""
    pictures = [
        p
        for room in ("matrix", "stage", "product", "shares", "space", "chapters")
        for p in (VISUALS / room).rglob("*.py")
    ]
    assert pictures
    typed = [
        p.name
        for p in pictures
        if re.search("SAFE_X|CONTENT_TOP|CONTENT_BOTTOM", p.read_text(encoding="utf-8"))
    ]
    assert typed == []


def test_sizes_are_searched_and_windows_chosen_in_one_place() -> None:
    """A loop over digit sizes, or a list whose last index gives way to another, stands nowhere else."""
    again = re.compile(
        r"np\.arange\([^)]*(?:SIZE_NUMBER_MIN|LEAST|SMALLEST)|else (?:sorted\()?\[\*\w+\[:-1\], \w+\]"
    )
    places = [p.name for p in sorted(VISUALS.rglob("*.py")) if again.search(p.read_text(encoding="utf-8"))]
    assert places == ["largest.py"]
