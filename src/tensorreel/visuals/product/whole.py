"""A matrix with all its numbers, alone on the stage, where a layout shows only a window of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import FadeOut

from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.alone import wide_grid
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

WHOLE = Text("The whole result, with every number.", "whole")

LOOK = 1.2  # seconds that an operand stands alone


def windowed(grid: TensorGrid) -> bool:
    """Whether some of its rows or columns show no digits."""
    return bool(grid.more_rows or grid.more_cols)


def whole_grid(tensor: DisplayTensor, scene: StageScene, names: Sequence[str] | None) -> TensorGrid | None:
    """The matrix with every number; none where even alone it has too many."""
    n, _ = tensor.values.shape
    grid = wide_grid(tensor, scene.pen, list(names) if names is not None else [""] * n, focus=0)
    return None if windowed(grid) else grid


def operand(scene: StageScene, grid: TensorGrid) -> None:
    """A windowed operand stands alone in full before its window takes its place in the product."""
    full = whole_grid(grid.tensor, scene, None) if windowed(grid) else None
    if full is None:
        return
    full.remove(full.row_names)
    scene.enter(full)
    scene.wait(LOOK / scene.speed, frozen_frame=True)
    scene.play(FadeOut(full), run_time=theme.SHORT)


def result(scene: StageScene, grid: TensorGrid) -> TensorGrid:
    """The output in full takes the stage where it was windowed; returns what has to leave."""
    full = whole_grid(grid.tensor, scene, scene.words) if windowed(grid) else None
    if full is None:
        return grid
    with scene.beat("whole", WHOLE):
        scene.play(*(FadeOut(m) for m in scene.on_stage()), run_time=theme.SHORT)
        scene.enter(full)
    return full
