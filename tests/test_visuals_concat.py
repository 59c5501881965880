"""The concat device: columns of every head, places to slide to, widths that add up; lanes of the heads."""

from __future__ import annotations

import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.quantity import Count, count
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.chapters.heads.attention_arrows import most_telling
from tensorreel.visuals.chapters.heads.concat import Joining, per_head
from tensorreel.visuals.chapters.heads.lanes import areas, chosen
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

MODELS = {"tiny": tiny_model(), **sample_models(), "large": large_model()}
PEN = Pen(theme.DARK)


def joining(trace: Trace) -> Joining:
    n = trace.model.config.n_heads
    whole = trace.at(layer=0)
    heads = [DisplayTensor(trace.at(layer=0, head=k)["heads"], whole["heads"]) for k in range(n)]
    return Joining(heads, DisplayTensor(whole["concat"], whole["concat"]), PEN, names=list(trace.words))


def test_columns_come_from_every_head() -> None:
    assert per_head(range(2), 2, 8) == [0, 1, 2, 3]
    assert per_head(range(4), 16, 8) == [0, 1, 16, 17, 32, 33, 48, 49]
    assert per_head(range(4), 16, 3) == [0, 16, 32, 48]


@pytest.mark.parametrize("name", MODELS)
def test_heads_slide_onto_their_columns(name: str) -> None:
    placed = joining(forward(MODELS[name]))
    for k, grid in enumerate(placed.parts):
        assert grid.get_left()[0] >= -theme.SAFE_X - 0.01
        assert grid.get_right()[0] <= theme.SAFE_X + 0.01
        grid.shift(placed.way(k))
        for n, j in enumerate(grid.cols):
            here = grid.numeral(grid.rows[0], j)
            there = placed.joined.numeral(placed.joined.rows[0], placed.joined.cols[k * placed.each + n])
            assert here.text == there.text
            assert here.origin == pytest.approx(there.origin, abs=1e-6)


def test_widths_add_up() -> None:
    trace = forward(tiny_model())
    widths = joining(trace).widths(
        *(count(n, Count.SIZE, letter) for n, letter in ((2, "k"), (2, "h"), (4, "d")))
    )
    relation, result = widths.result
    assert (relation.text, result.text) == ("=", "4")


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_lanes_stay_apart_and_inside(n: int) -> None:
    spots = areas(n)
    assert len(spots) == n
    assert all(-theme.SAFE_X - 1e-6 <= x0 < x1 <= theme.SAFE_X + 1e-6 for x0, _, x1, _ in spots)
    for a in range(n):
        for b in range(a):
            (x0, y0, x1, y1), (u0, v0, u1, v1) = spots[a], spots[b]
            assert x0 >= u1 or u0 >= x1 or y0 >= v1 or v0 >= y1


def test_wanted_columns_are_among_the_chosen() -> None:
    assert chosen(5, 8, (4,)) == [0, 1, 2, 3, 4]
    assert chosen(32, 4, (20, 9)) == [0, 1, 9, 20]


def test_the_most_telling_word_is_where_heads_differ() -> None:
    trace = forward(tiny_model())
    whole = trace.at(layer=0)["attn_weights"]
    weights = [DisplayTensor(trace.at(layer=0, head=k)["attn_weights"], whole) for k in range(2)]
    i = most_telling(weights)
    assert len({int(w.values[i].argmax()) for w in weights}) == 2
