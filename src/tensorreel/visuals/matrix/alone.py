"""A matrix alone in the middle of the stage."""

from __future__ import annotations

from collections.abc import Sequence

from tensorreel.visuals.layout.largest import largest_or_least, window_with
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import pitch_for

LARGEST = 0.42  # em of its digits
ROOM = (11.4, 3.9)  # width and height for the cells of a matrix that stands alone


def wide_grid(
    tensor: DisplayTensor, pen: Pen, names: Sequence[str], *, focus: int, focus_col: int = 0
) -> TensorGrid:
    """One matrix alone in the middle of the stage, as large as it fits, with a window where it does not."""
    n, m = tensor.values.shape
    pitch = largest_or_least(
        LARGEST,
        lambda em: pitch_for([tensor], pen, em),
        lambda p: n * p.dy <= ROOM[1] and m * p.dx <= ROOM[0],
        step=0.01,
    )
    rows = window_with(n, int(ROOM[1] / pitch.dy), focus)
    cols = window_with(m, int(ROOM[0] / pitch.dx), focus_col)
    grid = TensorGrid(tensor, pen, pitch, rows=rows, cols=cols, row_names=names)
    return grid.move_to([0, CONTENT.y, 0])
