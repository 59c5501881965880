"""How large the cells of a matrix are, and how many of its rows and columns show digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from tensorreel.core.formatting import distinct
from tensorreel.visuals.lettering.glyphs import Pen, shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

NAME_GAP, NAME_MAX = 0.16, 1.25  # between a row and its name; the widest name
REST, REST_ROW = 0.9, 0.4  # width of the columns, height of the rows that show no digits


@dataclass(frozen=True)
class Pitch:
    """How large cells are: em of the digits, column pitch and row pitch, in frame units."""

    em: float
    dx: float
    dy: float


def text_width(tensor: DisplayTensor, pen: Pen, em: float) -> float:
    """Width of the widest printed number of a tensor; measured once, since it grows with the digit size."""
    known = _UNIT_WIDTHS.setdefault(tensor, {})
    face = (pen.font, pen.lang)
    if face not in known:
        known[face] = max(pen.width(s, 1.0) for s in distinct(tensor.values, tensor.decimals))
    return known[face] * em


_UNIT_WIDTHS: WeakKeyDictionary[DisplayTensor, dict[tuple[str | None, str], float]] = WeakKeyDictionary()


def pitch_for(tensors: Iterable[DisplayTensor], pen: Pen, em: float) -> Pitch:
    """One pitch that holds every number of some tensors at a digit size."""
    widest = max(text_width(t, pen, em) for t in tensors)
    loose = np.interp(em, [theme.SIZE_NUMBER_MIN, theme.SIZE_NUMBER], [1.18, 1.55])
    return Pitch(em, widest + 0.42 * em, float(em * loose))


def name_size(names: Sequence[str], pitch: Pitch) -> float:
    """em of the names at rows of a pitch: in step with the digits, never too small to read."""
    latin = any(c.islower() for name in names for c in name)
    return min(max(theme.SIZE_LABEL, 1.05 * pitch.em), max(pitch.dy * 0.82, 0.33 if latin else 0.27))


def least_dy(names: Sequence[str], pitch: Pitch, pen: Pen) -> float:
    """The row pitch at which no name touches the next one."""
    size = name_size(names, pitch)
    inks = [_ink(shortened(name, pen, size, NAME_MAX, among=names), pen) for name in names]
    return max((size * (top - bottom) for (bottom, _), (_, top) in pairwise(inks)), default=0.0)


def _ink(text: str, pen: Pen) -> tuple[float, float]:
    """Lowest and highest ink of a line, in em from its baseline."""
    points = pen.shape(text).points
    return (float(points[:, 1].min()), float(points[:, 1].max())) if len(points) else (0.0, 0.0)
