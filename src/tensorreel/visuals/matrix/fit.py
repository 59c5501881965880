"""How large the digits of a matrix may be, and which rows and columns show them, in a given room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tensorreel.visuals.layout.largest import largest_that_fits, window_with
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, pitch_for

BADGE_ROOM, COLUMN_NAME_ROOM = 0.52, 0.42
MOST_NAMES = 60  # of a vocabulary are measured: more never have room


@dataclass(frozen=True)
class Fit:
    """A pitch, and the indices of the rows and columns that show digits."""

    pitch: Pitch
    rows: list[int]
    cols: list[int]


def fit(
    tensors: Sequence[DisplayTensor],
    pen: Pen,
    width: float,
    height: float,
    *,
    row: int = 0,
    col: int = 0,
    largest: float = theme.SIZE_NUMBER,
    heads: float = 0.0,
) -> Fit:
    """The largest digits at which tensors of one shape fit ``width`` × ``height`` of cells.

    Where even the smallest digits do not fit, a window that holds ``row`` and ``col`` is shown, with columns
    at least as wide as ``heads``, the room of a column's name.
    """
    n, m = tensors[0].values.shape
    whole = largest_that_fits(
        largest, lambda em: pitch_for(tensors, pen, em), lambda p: p.dx * m <= width and p.dy * n <= height
    )
    if whole is not None:
        return Fit(whole, list(range(n)), list(range(m)))
    pitch = pitch_for(tensors, pen, theme.SIZE_NUMBER_MIN)
    pitch = replace(pitch, dx=max(pitch.dx, heads)) if pitch.dx * m > width else pitch
    rows = n if pitch.dy * n <= height else int((height - REST_ROW) / pitch.dy) + 1
    cols = m if pitch.dx * m <= width else int((width - REST) / pitch.dx) + 1
    return Fit(pitch, window_with(n, max(2, rows), row), window_with(m, max(2, cols), col))


def names_width(names: Sequence[str], pen: Pen, size: float = theme.SIZE_LABEL) -> float:
    """Room that row names take at the side of a grid."""
    return min(NAME_MAX, max(pen.width(s, size) for s in names)) + NAME_GAP
