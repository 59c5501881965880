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


def test_sizes_are_searched_and_windows_chosen_in_one_place() -> None:
    """A loop over digit sizes, or a list whose last index gives way to another, stands nowhere else."""
    again = re.compile(
        r"np\.arange\([^)]*(?:SIZE_NUMBER_MIN|LEAST|SMALLEST)|else (?:sorted\()?\[\*\w+\[:-1\], \w+\]"
    )
    places = [p.name for p in sorted(VISUALS.rglob("*.py")) if again.search(p.read_text(encoding="utf-8"))]
    assert places == ["largest.py"]
