"""The largest size at which something fits, and which of many rows or columns are shown where not all do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from tensorreel.visuals.look import theme

Made = TypeVar("Made")
STEP = 0.005  # between two sizes that are tried, em


def sizes(largest: float, least: float = theme.SIZE_NUMBER_MIN, *, step: float = STEP) -> list[float]:
    """The em heights to try, from ``largest`` down to ``least``; by default the least at which digits are legible."""
    return [float(em) for em in np.arange(largest, least - 1e-9, -step)]


def largest_that_fits(
    largest: float,
    make: Callable[[float], Made],
    fits: Callable[[Made], bool],
    *,
    least: float = theme.SIZE_NUMBER_MIN,
    step: float = STEP,
) -> Made | None:
    """What ``make`` makes of the largest em height at which it ``fits``; None where not even the least does."""
    tries = (make(em) for em in sizes(largest, least, step=step))
    return next((made for made in tries if fits(made)), None)


def largest_or_least(
    largest: float,
    make: Callable[[float], Made],
    fits: Callable[[Made], bool],
    *,
    least: float = theme.SIZE_NUMBER_MIN,
    step: float = STEP,
) -> Made:
    """The same, but what it makes of ``least`` where none ``fits``: it has to be drawn somehow."""
    made = largest_that_fits(largest, make, fits, least=least, step=step)
    return make(least) if made is None else made


def window(n: int, most: int) -> list[int]:
    """Which of n rows (or columns) show their digits when at most ``most`` fit; the rest is counted, in one place."""
    return list(range(n)) if n <= most else list(range(max(1, most - 1)))


def with_focus(kept: Sequence[int], focus: int) -> list[int]:
    """As many indices with ``focus`` among them, in order: it comes instead of the last."""
    return list(kept) if focus in kept else sorted([*kept[:-1], focus])


def first_with(n: int, most: int, focus: int) -> list[int]:
    """The first of n indices, at most ``most``, with ``focus`` among them."""
    return with_focus(range(min(n, most)), focus)


def window_with(n: int, most: int, focus: int) -> list[int]:
    """The window of n indices with ``focus`` in it."""
    return with_focus(window(n, most), focus)
