"""Windowed products still show every number of a model inside the numeric view."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tensorreel.core.engine import forward
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.product.whole import whole_grid

MODELS = sample_models()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("tensor", ["W_O", "W_1", "W_2", "attn_output", "ffn_hidden", "ffn_output", "logits"])
def test_each_matrix_of_the_numeric_view_fits_alone(name: str, tensor: str) -> None:
    at = forward(MODELS[name]).at(layer=0)
    scene: Any = SimpleNamespace(pen=Pen(theme.DARK))
    grid = whole_grid(DisplayTensor(at[tensor], at[tensor]), scene, None)
    assert grid is not None
    assert len(grid.numerals) == at[tensor].values.size
    assert grid.get_top()[1] < CONTENT_TOP + 0.05
    assert grid.get_bottom()[1] > CONTENT_BOTTOM


def test_what_is_too_large_stays_a_window() -> None:
    at = forward(large_model()).at(layer=0)
    scene: Any = SimpleNamespace(pen=Pen(theme.DARK))
    assert whole_grid(DisplayTensor(at["ffn_hidden"], at["ffn_hidden"]), scene, None) is None
