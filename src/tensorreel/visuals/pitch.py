"""How large the cells of a matrix are, and how many of its rows and columns show digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from tensorreel.visuals import theme as T
from tensorreel.visuals.glyphs import Pen, shown
from tensorreel.visuals.shown import Shown

NAME_GAP, NAME_MAX = 0.16, 1.25  # between a row and its name; the widest name
REST, REST_ROW = 0.9, 0.4  # width of the columns, height of the rows that show no digits


@dataclass(frozen=True)
class Pitch:
    """How large cells are: em of the digits, column pitch and row pitch, in frame units."""

    em: float
    dx: float
    dy: float


def text_width(tensor: Shown, pen: Pen, em: float) -> float:
    """Width of the widest printed number of a tensor; measured once, since it grows with the digit size."""
    known = _UNIT_WIDTHS.setdefault(tensor, {})
    if pen.font not in known:
        printed = {shown(q, tensor.decimals) for row in tensor.cells.tolist() for q in row}
        known[pen.font] = max(pen.width(s, 1.0) for s in printed)
    return known[pen.font] * em


_UNIT_WIDTHS: WeakKeyDictionary[Shown, dict[str | None, float]] = WeakKeyDictionary()


def pitch_for(tensors: Iterable[Shown], pen: Pen, em: float) -> Pitch:
    """One pitch that holds every number of some tensors at a digit size."""
    widest = max(text_width(t, pen, em) for t in tensors)
    loose = np.interp(em, [T.SIZE_NUMBER_MIN, T.SIZE_NUMBER], [1.18, 1.55])
    return Pitch(em, widest + 0.42 * em, float(em * loose))


def window(n: int, most: int) -> list[int]:
    """Which of n rows (or columns) show their digits when at most ``most`` fit; the rest is counted."""
    return list(range(n)) if n <= most else list(range(max(1, most - 1)))
