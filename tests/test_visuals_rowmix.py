"""The row mix: weighted rows of V, their sum, and layouts that fit every model of the numeric view."""

from __future__ import annotations

import numpy as np
import pytest

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.chapters.attention.mixsheet import MOST_ROWS, MixSheet, Mixture
from tensorreel.visuals.chapters.attention.rowmix import MixTable
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

PEN = Pen(theme.DARK)
MODELS = {"tiny": tiny_model(), "large": large_model(), **sample_models()}


def mixture(name: str) -> tuple[Mixture, list[str]]:
    trace = forward(MODELS[name])
    a, v, z = (DisplayTensor(trace.at(head=0)[n], trace[n]) for n in ("attn_weights", "value", "context"))
    return Mixture(a, v, z, len(trace.words) - 1), list(trace.words)


@pytest.mark.parametrize("name", MODELS)
def test_scaled_rows_add_up_to_the_row_of_z(name: str) -> None:
    mix, _ = mixture(name)
    assert np.allclose(mix.scaled.values.sum(axis=0), mix.z.values[mix.i])
    n = len(mix.scaled.products)
    assert mix.partial(n, 0).value == pytest.approx(mix.z[mix.i, 0].value)


@pytest.mark.parametrize("name", MODELS)
def test_the_sheet_fits_the_frame(name: str) -> None:
    mix, words = mixture(name)
    sheet = MixSheet(mix, words, PEN, PEN.theme.role("attention"))
    parts = [sheet.bars, sheet.v, sheet.scaled, sheet.z, sheet.symbol, sheet.rule]
    assert max(float(p.get_right()[0]) for p in parts) <= theme.SAFE_X + 0.01
    assert min(float(p.get_left()[0]) for p in parts) >= -theme.SAFE_X - 0.01
    for bar, weight in zip(sheet.bars, sheet.weights, strict=True):
        assert bar.get_right()[0] < weight.get_left()[0]


@pytest.mark.parametrize("name", MODELS)
def test_the_table_fits_the_frame(name: str) -> None:
    mix, words = mixture(name)
    table = MixTable(mix, words, PEN)
    assert max(float(g.get_right()[0]) for g in table.grids) <= theme.SAFE_X + 0.05
    assert min(float(g.get_left()[0]) for g in table.grids) >= -theme.SAFE_X - 0.05
    assert mix.i in table.z.rows
    assert mix.heaviest in table.a.cols


def test_longer_bars_for_larger_weights() -> None:
    mix, words = mixture("tiny")
    sheet = MixSheet(mix, words, PEN, PEN.theme.role("attention"))
    weights = mix.a.values[mix.i]
    assert np.argmax([b.width for b in sheet.bars]) == np.argmax(weights)
    assert sheet.bars[0].width / sheet.bars[2].width == pytest.approx(weights[0] / weights[2], rel=0.02)


def test_many_rows_keep_the_heaviest_and_one_real_rest() -> None:
    mix, _ = mixture("large")
    assert len(mix.kept) == MOST_ROWS - 1
    assert mix.heaviest in mix.kept
    assert len(mix.kept) + len(mix.hidden) == 32
    rest = sum(mix.a.values[mix.i, j] * mix.v.values[j] for j in mix.hidden)
    assert np.allclose(mix.scaled.values[-1], rest)
