"""The ReLU curve, skipped rows, signed bars and wide products: geometry and bookkeeping, no pictures."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.quantity import Quantity, positives
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.visuals.chapters.attention.scores import with_best
from tensorreel.visuals.chapters.attention.signedbars import SignedBars, Zone
from tensorreel.visuals.chapters.ffn.curve import (
    GELU,
    GELU_TANH,
    RELU,
    Activation,
    Curve,
    Inputs,
    Units,
    is_on,
    made_by,
)
from tensorreel.visuals.chapters.ffn.skip import mixed
from tensorreel.visuals.chapters.ffn.units import hollow_out
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.product.corner import AiryFalk, CornerFalk

PEN = Pen(theme.DARK)
MODELS = {"tiny": tiny_model(), **sample_models()}


def taken(trace: Trace, name: str) -> DisplayTensor:
    return DisplayTensor(trace[name], trace[name])


@pytest.fixture(params=MODELS, scope="module")
def trace(request: pytest.FixtureRequest) -> Trace:
    return forward(MODELS[request.param])


def curve_of(trace: Trace, activation: Activation = RELU) -> Curve:
    return Curve(
        activation,
        taken(trace, "ffn_pre"),
        PEN,
        left=0.6,
        right=theme.SAFE_X,
        top=CONTENT_TOP - 0.1,
        bottom=CONTENT_BOTTOM,
    )


def test_curve_is_relu_over_all_of_the_data(trace: Trace) -> None:
    curve = curve_of(trace)
    for x in trace["ffn_pre"].values.flat:
        foot, point = curve.ground(x), curve.point(x)
        assert curve.left <= foot[0] <= curve.right
        assert point[0] == foot[0]
        assert point[1] == pytest.approx(curve.axis_y + curve.unit_y * max(0.0, x))
        assert curve.axis_y <= point[1] <= curve.top


def test_units_stand_on_the_axis_then_on_the_curve(trace: Trace) -> None:
    curve, xs = curve_of(trace), trace["ffn_pre"].values[0]
    units = Units(curve, list(xs))
    assert all(dot.get_y() == pytest.approx(curve.axis_y) for dot in units.dots)
    units.put(xs, 1.0)
    for x, dot in zip(xs, units.dots, strict=True):
        assert dot.get_center() == pytest.approx(curve.point(x))
        assert (dot.get_fill_color().to_hex() == theme.DARK.accent) == is_on(x)


def test_inputs_keep_apart_and_inside(trace: Trace) -> None:
    curve, pre = curve_of(trace), taken(trace, "ffn_pre")
    digits = sorted(Inputs(curve, pre.row(0), PEN, decimals=pre.decimals).numerals, key=lambda n: n.get_x())
    for a, b in pairwise(digits):
        assert a.get_right()[0] < b.get_left()[0]
        assert a.quantity.value <= b.quantity.value
    assert digits[0].get_left()[0] >= curve.left - 0.01
    assert digits[-1].get_right()[0] <= theme.SAFE_X + 0.01


def test_positives_counts_units_and_ignores_noise() -> None:
    row = [Quantity("cell", (), v) for v in (1.0, -2.0, 0.0, 1e-17, 0.3)]
    assert positives(row).value == 2


def test_a_window_over_the_units_shows_both_kinds() -> None:
    row = [0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 3.0]
    kept = mixed(row)(8, 4)
    assert kept == sorted(kept)
    assert len(kept) == 3
    assert {is_on(row[p]) for p in kept} == {True, False}
    assert mixed(row)(8, 8) == list(range(8))
    assert len(mixed([0.0] * 8)(8, 5)) == len(mixed([1.0] * 8)(8, 5)) == 4


def test_the_best_word_is_always_in_the_window() -> None:
    assert with_best(900)(1000, 8)[-1] == 900
    assert with_best(2)(12, 8) == list(range(7))


def test_cells_of_units_that_are_off_are_hollow(trace: Trace) -> None:
    hidden, w = taken(trace, "ffn_hidden"), taken(trace, "W_2")
    falk = AiryFalk(hidden, w, taken(trace, "ffn_output"), PEN, names=trace.words)
    grid = hollow_out(falk.a)
    for i in grid.rows:
        for j in grid.cols:
            off = not is_on(hidden.values[i, j])
            assert (grid.numeral(i, j).get_fill_color().to_hex() == theme.DARK.dim) == off


def corner_falk(trace: Trace) -> CornerFalk:
    h, scores = taken(trace, "last_hidden_state"), taken(trace, "logits")
    words = trace.model.words
    return CornerFalk(h, taken(trace, "E").transposed(), scores, PEN, names=trace.words, col_names=words)


def test_wide_products_stay_inside_the_content_area(trace: Trace) -> None:
    falk = corner_falk(trace)
    for grid in (falk.a, falk.b, falk.c):
        assert grid.get_left()[0] >= -theme.SAFE_X
        assert grid.get_right()[0] <= theme.SAFE_X
        assert grid.get_bottom()[1] >= CONTENT_BOTTOM
        assert grid.get_top()[1] <= CONTENT_TOP + 0.05
    left, right, bottom, top = falk.corner
    assert left < right < falk.b.get_left()[0]
    assert falk.a.frame.get_top()[1] < bottom < top
    assert falk.c.center_of(falk.c.rows[0], falk.c.cols[0])[0] == pytest.approx(
        falk.b.center_of(falk.b.rows[0], falk.b.cols[0])[0]
    )


def bars_of(values: list[float]) -> SignedBars:
    scores = [Quantity("cell", (), v) for v in values]
    zone = Zone(-2.6, 0.0, [float(x) for x in np.arange(len(values))], 1.0)
    return SignedBars(scores, ["word"] * len(values), PEN, zone, decimals=2, hue="#FFFFFF")


@pytest.mark.parametrize("values", [[1.0, -0.5, 0.1], [0.2, 3.0], [-4.0, -0.1], [0.0, 0.0], [0.0004, 123.45]])
def test_signed_bars_are_to_scale_and_inside_their_zone(values: list[float]) -> None:
    bars = bars_of(values)
    for bar, value in zip(bars.bars, values, strict=True):
        end: Any = bar.get_top()[1] if value >= 0 else bar.get_bottom()[1]
        assert end == pytest.approx(bars.y0 + value * bars.unit, abs=0.021)
    for part in (*bars.values, *bars.bars, *bars.labels):
        assert part.get_bottom()[1] >= -2.65
        assert part.get_top()[1] <= 0.05


@pytest.mark.parametrize("bend", [GELU, GELU_TANH])
def test_the_curve_of_gelu_goes_through_all_that_it_makes(trace: Trace, bend: Activation) -> None:
    curve = curve_of(trace, bend)
    assert curve.depth > 0
    for x in trace["ffn_pre"].values.flat:
        point = curve.point(x)
        assert point[1] == pytest.approx(curve.axis_y + curve.unit_y * float(bend.fn(np.array([x]))[0]))
        assert curve.axis_y - curve.depth - 1e-6 <= point[1] <= curve.top
    drawn = np.array(list(curve._corners()))
    assert np.all(np.diff(drawn[:, 0]) > 0)


def test_which_curve_it_is_follows_from_the_numbers(trace: Trace) -> None:
    before = taken(trace, "ffn_pre")
    for bend in (GELU, GELU_TANH):
        values = bend.fn(before.values)
        after = DisplayTensor(*[replace(trace["ffn_hidden"], values=values)] * 2)
        assert made_by(before, after) is bend
    with pytest.raises(LookupError, match="ffn_pre"):
        made_by(before, DisplayTensor(*[replace(trace["ffn_hidden"], values=before.values + 1)] * 2))
