"""LayerNorm's nouns: labels that keep clear, real squares, the recipe of every number, the exact sphere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.quantity import eps
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.visuals.chapters.norm.changes import Difference
from tensorreel.visuals.chapters.norm.numberline import DotLine
from tensorreel.visuals.chapters.norm.rows import RowLines
from tensorreel.visuals.chapters.norm.sheet import NormSheet
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.norm_row import NormRow
from tensorreel.visuals.space.sphere import BASIS, in_space, is_exact, view
from tensorreel.visuals.space.value_labels import spread_out

PEN = Pen(theme.DARK)
MODELS = {"tiny": tiny_model(), **sample_models()}


def taken(trace: Trace, name: str) -> DisplayTensor:
    return DisplayTensor(trace[name], trace[name])


def rows_of(trace: Trace) -> list[NormRow]:
    x, gamma, beta, out = (taken(trace, n) for n in ("attn_residual", "gamma_1", "beta_1", "attn_norm"))
    small = eps(trace.model.config.eps)
    return [NormRow(x, gamma, beta, out, i, small) for i in range(len(trace.words))]


@pytest.mark.parametrize("name", MODELS)
def test_steps_lead_to_the_cells_of_the_stage(name: str) -> None:
    for row in rows_of(forward(MODELS[name])):
        made = [
            n.value * g.value + b.value
            for n, g, b in zip(row.normal, row.gamma.row(0), row.beta.row(0), strict=True)
        ]
        assert made == pytest.approx([q.value for q in row.result], rel=1e-9, abs=1e-12)
        assert row.check[0].value == pytest.approx(0.0, abs=1e-9)
        assert row.check[1].value == pytest.approx(row.variance.value / (row.variance.value + 1e-5))


def test_spread_keeps_order_distance_and_bounds() -> None:
    wanted, widths = [0.0, 0.02, 0.01, 3.0, 3.1], [0.6] * 5
    places = spread_out(wanted, widths, 0.1, -1.0, 3.3)
    order = np.argsort(wanted)
    gaps = np.diff(np.array(places)[order])
    assert (gaps >= 0.7 - 1e-9).all()
    assert min(places) - 0.3 >= -1.0 - 1e-9
    assert max(places) + 0.3 <= 3.3 + 1e-9
    assert spread_out([1.0, 5.0], [0.5, 0.5], 0.1, 0, 9) == [1.0, 5.0]


def test_slabs_fill_the_mean_square_exactly() -> None:
    line = DotLine([-0.4, 0.1, 0.3], PEN, middle=0.0, y=1.0, reach=3.0, room=2.0)
    slabs = line.slabs(line.deviations)
    side = line.side()
    assert side == pytest.approx(line.unit * math.sqrt(np.mean(np.square(line.deviations))))
    assert sum(s.height for s in slabs) == pytest.approx(side)
    for slab, deviation in zip(slabs, line.deviations, strict=True):
        assert slab.width * slab.height == pytest.approx((deviation * line.unit) ** 2 / 3)
        square = line.square(deviation)
        assert square.width == pytest.approx(square.height) == pytest.approx(abs(deviation) * line.unit)


def test_equal_values_do_not_break_the_line() -> None:
    line = DotLine([0.0, 0.0], PEN, middle=0.0, y=0.0, reach=3.0, room=2.0)
    assert line.xs() == [0.0, 0.0]
    assert len(line.slabs(line.deviations)) == 2


def test_ruler_marks_stay_on_the_line() -> None:
    line = DotLine([-0.5, 0.5], PEN, middle=0.0, y=0.0, reach=3.0, room=2.0)
    ruler = line.ruler(line.plain_step())
    for offset in (0.0, 1.3, -2.9, 40.0):
        ruler.at(ruler.within(offset))
        shown = [t.get_center()[0] for t in ruler.ticks if t.get_stroke_opacity() > 0.5]
        assert shown
        assert max(map(abs, shown)) <= 3.0 + 1e-6
    assert ruler.zero.get_fill_opacity() == 0.0  # forty units away


@pytest.mark.parametrize("name", MODELS)
def test_sheet_and_lines_stay_inside(name: str) -> None:
    trace = forward(MODELS[name])
    rows = rows_of(trace)
    sheet = NormSheet(rows[0], PEN, name=trace.words[0], left=-theme.SAFE_X, breadth=8.82)
    assert sheet.get_left()[0] >= -theme.SAFE_X - 0.01
    assert sheet.right_edge <= -theme.SAFE_X + 9.3
    if name != "far-numbers":
        assert sheet.cols == list(range(len(rows[0].values)))
    lines = RowLines(rows, PEN, names=trace.words)
    assert lines.get_left()[0] >= -theme.SAFE_X - 0.12
    assert lines.get_right()[0] <= theme.SAFE_X + 0.01
    assert lines.y.cols == list(range(len(rows[0].values)))


def test_dots_of_a_row_end_at_the_output_values() -> None:
    lines = RowLines(rows_of(forward(tiny_model())), PEN, names=tiny_model().words)
    places = np.array(lines.places(0, 2.0)) - lines.strip_x
    assert places / lines.unit == pytest.approx(lines.norms[0].out.values[0])
    centred = np.array(lines.places(0, 1.0)) - lines.strip_x
    assert centred.mean() == pytest.approx(0.0)


def test_basis_is_exact_and_tokens_lie_on_the_sphere() -> None:
    assert np.array_equal(BASIS @ BASIS.T, np.eye(3))
    assert np.array_equal(BASIS @ np.ones(4), np.zeros(3))
    rows = rows_of(forward(tiny_model()))
    assert is_exact(rows)
    normal = np.array([[q.value for q in r.normal] for r in rows])
    assert np.linalg.norm(in_space(normal), axis=1) == pytest.approx(np.linalg.norm(normal, axis=1))
    assert np.linalg.norm(in_space(normal), axis=1) == pytest.approx(2.0, abs=0.01)
    for turn in (0.0, 1.0, 4.0):
        assert view(turn) @ view(turn).T == pytest.approx(np.eye(3))


def test_change_is_after_minus_before() -> None:
    trace = forward(tiny_model())
    change = Difference.of(taken(trace, "hidden"), taken(trace, "ffn_norm"))
    i = change.largest_row()
    before, after, by = (tensor[i, change.largest(i)] for tensor in (change.before, change.after, change))
    assert by.op == "sub"
    assert by.value == after.value - before.value
    assert abs(by.value) == np.abs(change.values).max()
