"""How things share a frame: the largest that fits, windows with a focus."""

from __future__ import annotations

import re
from pathlib import Path

from tensorreel.visuals.layout.largest import (
    first_with,
    largest_or_least,
    largest_that_fits,
    sizes,
    window,
    window_with,
)
from tensorreel.visuals.layout.room import Room
from tensorreel.visuals.look import theme as T

VISUALS = Path(__file__).resolve().parents[1] / "src" / "tensorreel" / "visuals"


def test_sizes_go_down_to_the_least_and_no_further() -> None:
    tried = sizes(0.3, 0.28, step=0.01)
    assert [round(em, 6) for em in tried] == [0.3, 0.29, 0.28]
    assert min(sizes(0.42)) >= T.SIZE_NUMBER_MIN


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
    assert largest_or_least(0.4, lambda em: em, lambda em: False) == sizes(0.4)[-1]


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
