"""The Falk layout: operands in line, digits legible, windows counted; further blocks of columns beside it."""

from __future__ import annotations

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.chapters.heads.mixing import HeadLedger, falk_of_heads
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.product.blocks import Block, pages, part
from tensorreel.visuals.product.corner import WIDE, SpacedFalk
from tensorreel.visuals.product.falk import Falk

MODELS = {"tiny": tiny_model(), **sample_models(), "large": large_model()}
PEN = Pen(theme.DARK)


def shown(trace: Trace, name: str, head: int | None = 0) -> DisplayTensor:
    return DisplayTensor(trace.at(layer=0, head=head)[name], trace.at(layer=0)[name])


def query(model: Model, *, beside: bool = False) -> tuple[Trace, Falk]:
    trace = forward(model)
    matrices = (shown(trace, "hidden"), shown(trace, "W_Q"), shown(trace, "query"))
    return trace, Falk(*matrices, PEN, names=list(trace.words), head=0, beside=beside)


@pytest.mark.parametrize("name", MODELS)
def test_operands_meet_at_the_corner(name: str) -> None:
    _, falk = query(MODELS[name])
    for i in falk.c.rows:
        assert falk.a.center_of(i, falk.a.cols[0])[1] == pytest.approx(falk.c.center_of(i, falk.c.cols[0])[1])
    for j in falk.c.cols:
        assert falk.b.center_of(falk.b.rows[0], j)[0] == pytest.approx(falk.c.center_of(falk.c.rows[0], j)[0])
    assert list(falk.a.cols) == list(falk.b.rows)


@pytest.mark.parametrize("name", MODELS)
def test_digits_are_legible_and_inside(name: str) -> None:
    _, falk = query(MODELS[name])
    sizes = [m.scale_now for m in falk.get_family() if isinstance(m, Numeral)]
    assert min(sizes) >= theme.SIZE_NUMBER_MIN - 1e-6
    assert falk.get_left()[0] >= -theme.SAFE_X - 0.01
    assert falk.right_edge <= theme.SAFE_X


def back_to_width() -> Falk:
    trace = forward(tiny_model())
    hidden, w, b, out = (shown(trace, name, None) for name in ("ffn_hidden", "W_2", "b_2", "ffn_output"))
    return SpacedFalk(hidden, w, out, PEN, names=list(trace.words), bias=b, width=WIDE)


def test_digits_of_wide_products_are_27_px_tall_at_1080p() -> None:
    falk = back_to_width()
    sizes = [n.scale_now for grid in (falk.a, falk.b, falk.c) for n in grid.numerals]
    assert theme.DIGIT_EM * min(sizes) * 1080 / theme.FRAME_HEIGHT >= 27


def test_what_is_not_shown_is_counted() -> None:
    _, falk = query(MODELS["large"])
    rows, cols = falk.a.tensor.values.shape
    assert len(falk.a.rows) + falk.a.more_rows == rows
    assert len(falk.a.cols) + falk.a.more_cols == cols
    assert falk.a.more_cols > 0 < len(falk.b.rest.rows_label)


@pytest.mark.parametrize("name", ["tiny", "largest", "far-numbers", "three-heads", "large"])
def test_other_heads_fit_beside_it(name: str) -> None:
    trace, falk = query(MODELS[name], beside=True)
    heads = range(1, trace.model.config.n_heads)
    blocks = [Block(shown(trace, "W_Q", k), shown(trace, "query", k), k) for k in heads]
    turned = [block for page in pages(falk, blocks) for block in page]
    assert [block.c.tensor.head for block in turned] == list(heads)
    for block in turned:
        assert block.right_edge <= theme.SAFE_X + 0.01
        rows = [block.c.center_of(i, block.c.cols[0])[1] for i in block.c.rows]
        assert rows == pytest.approx([falk.c.center_of(i, falk.c.cols[0])[1] for i in falk.c.rows])


def test_a_part_keeps_its_cells() -> None:
    trace = forward(tiny_model())
    whole = shown(trace, "query")
    row = part(whole, [2])
    assert str(row[0, 1]) == str(whole[2, 1])
    assert np.array_equal(row.values, whole.values[[2]])


@pytest.mark.parametrize("name", ["tiny", "largest", "one-head", "large"])
def test_shares_of_the_heads_add_up(name: str) -> None:
    trace = forward(MODELS[name])
    n = trace.model.config.n_heads
    m, w, out = (shown(trace, s, None) for s in ("concat", "W_O", "attn_output"))
    falk = falk_of_heads(m, w, out, PEN, names=list(trace.words), focus=0, heads=n)
    width = w.values.shape[0] // n
    pairs = [[(m[0, p], w[p, 0]) for p in range(k * width, (k + 1) * width)] for k in range(n)]
    ledger = HeadLedger(
        [(mine[:1], [a * b for a, b in mine[1:]]) for mine in pairs],
        out[0, 0],
        PEN,
        decimals=(m.decimals, w.decimals, out.decimals),
        colors=("#ffffff", "#ffffff", "#ffffff"),
        left=falk.right_edge + 0.45,
    )
    assert sum(s.value for s in ledger.shares) == pytest.approx(out[0, 0].value)
    assert {p // width for p in falk.a.cols} == set(range(n))
