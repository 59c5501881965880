"""A matrix alone in the middle of the stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme as T
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import pitch_for, window
from tensorreel.visuals.matrix.shown import Shown

ROOM = (11.4, 3.9)  # width and height for the cells of a matrix that stands alone


def wide_grid(tensor: Shown, pen: Pen, names: Sequence[str], *, focus: int, focus_col: int = 0) -> TensorGrid:
    """One matrix alone in the middle of the stage, as large as it fits, with a window where it does not."""
    n, m = tensor.values.shape
    pitch = pitch_for([tensor], pen, T.SIZE_NUMBER_MIN)
    for em in np.arange(0.42, T.SIZE_NUMBER_MIN, -0.01):
        pitch = pitch_for([tensor], pen, float(em))
        if n * pitch.dy <= ROOM[1] and m * pitch.dx <= ROOM[0]:
            break
    rows = window(n, int(ROOM[1] / pitch.dy))
    cols = window(m, int(ROOM[0] / pitch.dx))
    rows = rows if focus in rows else [*rows[:-1], focus]
    cols = cols if focus_col in cols else [*cols[:-1], focus_col]
    grid = TensorGrid(tensor, pen, pitch, rows=rows, cols=cols, row_names=names)
    return grid.move_to([0, (CONTENT_TOP + CONTENT_BOTTOM) / 2, 0])
