"""What holds for the pictures of products: room, names, legends, and what stays where it was."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytest.importorskip("manim")

from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import format_number
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.review.cases import Case, play
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.shading import Legend
from tensorreel.visuals.product.blocks import Block, pages
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.ledger import Ledger

PEN = Pen(theme.DARK)
TINY = forward(tiny_model())
SAMPLES = sample_models()


def shown(trace: Trace, name: str, head: int | None = 0) -> DisplayTensor:
    return DisplayTensor(trace.at(layer=0, head=head)[name], trace.at(layer=0)[name])


def query(trace: Trace, *, beside: bool = False) -> Falk:
    matrices = (shown(trace, "hidden"), shown(trace, "W_Q"), shown(trace, "query"))
    return Falk(*matrices, PEN, names=list(trace.words), head=0, beside=beside)


def beats(scene: str, trace: Trace = TINY) -> dict[str, list[Any]]:
    """What stands on the stage at the end of every beat, as copies."""
    seen: dict[str, list[Any]] = {}

    def observe(playing: Any, moment: str, moving: list[Any]) -> None:
        if moment == "beat":
            seen[playing.beat_name] = [m.copy() for m in playing.mobjects]

    play(Case(scene, "trial", trace, SceneOptions()), observe)
    return seen


def family(things: list[Any], kind: type) -> list[Any]:
    return [m for top in things for m in top.get_family() if isinstance(m, kind)]


# ---- room ----------------------------------------------------------------------------------------
def test_a_small_product_has_large_digits_and_keeps_room_for_its_ledger() -> None:
    falk = query(TINY)
    assert falk.a.pitch.em > theme.SIZE_NUMBER
    assert falk.right_edge <= theme.SAFE_X - 3.3


def test_the_next_head_stands_beside_with_cells_of_the_same_size() -> None:
    falk = query(TINY, beside=True)
    ((block,),) = pages(falk, [Block(shown(TINY, "W_Q", 1), shown(TINY, "query", 1), 1)])
    assert block.b.pitch == falk.b.pitch
    left, right = falk.get_left()[0] + theme.SAFE_X, theme.SAFE_X - block.right_edge
    assert abs(left - right) < 0.5


@pytest.mark.parametrize("name", ["long-words", "largest", "three-heads"])
def test_names_of_rows_do_not_touch(name: str) -> None:
    trace = forward(SAMPLES[name])
    for grid in (query(trace).a, query(trace).c):
        boxes = [(m.get_bottom()[1], m.get_top()[1]) for m in grid.row_names]
        assert all(low >= top - 1e-6 for (low, _), (_, top) in pairwise(boxes))


# ---- legends -------------------------------------------------------------------------------------
def test_a_legend_spans_the_cells_of_its_matrix() -> None:
    q = shown(TINY, "query")
    ends = [m.text for m in Legend(q, PEN).get_family() if isinstance(m, Numeral)]
    assert ends == [format_number(x, q.decimals) for x in (q.values.min(), q.values.max())]


def test_a_legend_leaves_masked_scores_out() -> None:
    low, high = shown(forward(SAMPLES["causal"]), "attn_scores").ends
    assert np.isfinite(low.value)
    assert np.isfinite(high.value)


# ---- what stays ----------------------------------------------------------------------------------
def test_scores_are_divided_where_they_stand() -> None:
    seen = beats("attn_scores")
    for i, j in np.ndindex(*TINY.at(layer=0, head=0)["attn_scores"].values.shape):
        before, after = (
            [
                m.get_right()
                for m in family(seen[beat], Numeral)
                if str(m.quantity) == str(shown(TINY, name)[i, j])
            ]
            for beat, name in (("sweep", "attn_dot"), ("scale", "attn_scores"))
        )
        assert any(np.allclose(a, b, atol=0.02) for a in before for b in after)
    assert {"query", "key"} <= {g.tensor.name for g in family(seen["scale"], TensorGrid)}


def test_the_work_of_the_last_row_stays_after_the_sweep() -> None:
    (ledger,) = family(beats("query")["sweep"], Ledger)
    last = shown(TINY, "query")[len(TINY.words) - 1, 1]
    assert str(ledger.sum.quantity) == str(last)
