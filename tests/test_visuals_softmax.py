"""The softmax bench, the bar of length 1 and the table of shares: geometry, real numbers, windows."""

from __future__ import annotations

import numpy as np
import pytest

from tensorreel.core.engine import forward
from tensorreel.core.formatting import format_number, parse_number
from tensorreel.core.model import Model
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.layout.largest import window_with
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.shares.bars import FEWER, Grow, ShareScale, Stack, heaviest
from tensorreel.visuals.shares.shares import ShareTable
from tensorreel.visuals.shares.softmax import strongest_look
from tensorreel.visuals.shares.softmax_sheet import Bench, SoftmaxRow

PEN = Pen(theme.DARK)
MODELS = {"tiny": tiny_model(), "large": large_model(), **sample_models()}


def shown(model: Model, name: str) -> DisplayTensor:
    trace = forward(model)
    return DisplayTensor(trace.at(head=0)[name], trace[name])


def bench(model: Model, before: str, after: str, i: int = 0) -> Bench:
    s, a = shown(model, before), shown(model, after)
    names = [f"n{k}" for k in range(s.values.shape[1])]
    return Bench(SoftmaxRow.of(s, a, i, names), PEN, PEN.theme.role(a.role))


@pytest.mark.parametrize("name", MODELS)
def test_the_segments_fill_exactly_one(name: str) -> None:
    b = bench(MODELS[name], "logits", "probs")
    assert sum(q.value for q in b.row.shares) == pytest.approx(1, abs=1e-12)
    left, right = b.stack.segments.get_left()[0], b.stack.segments.get_right()[0]
    assert left == pytest.approx(b.ruler.get_left()[0], abs=0.15)
    assert right <= b.ruler.get_right()[0] + 0.05
    assert b.stack.length == pytest.approx(b.room)


@pytest.mark.parametrize("name", MODELS)
def test_the_bench_stays_inside_the_margin(name: str) -> None:
    b = bench(MODELS[name], "logits", "probs")
    parts = [
        b.names,
        b.x,
        b.shifted,
        b.e,
        b.share,
        b.labels,
        b.max,
        b.max_number,
        b.sigma,
        b.sum_number,
        b.ruler,
    ]
    assert max(float(p.get_right()[0]) for p in parts) <= theme.SAFE_X + 0.01
    assert min(float(p.get_left()[0]) for p in parts) >= -theme.SAFE_X - 0.01
    assert b.em >= theme.SIZE_NUMBER_MIN


def test_twelve_words_have_twelve_bars() -> None:
    b = bench(MODELS["largest"], "logits", "probs")
    assert len(b.bars) == 12
    assert not b.hidden


def test_many_words_keep_the_largest_and_count_the_rest() -> None:
    b = bench(MODELS["large"], "logits", "probs")
    assert len(b.kept) <= FEWER
    assert len(b.kept) + len(b.hidden) == 1000
    best = int(np.argmax([q.value for q in b.row.shares]))
    assert best in b.kept
    assert len(b.bars) == len(b.kept) + 1
    assert sum(n.quantity.value for n in b.share) == pytest.approx(1)


def test_masked_scores_give_exactly_zero() -> None:
    b = bench(MODELS["causal"], "attn_scores", "attn_weights")
    assert [q.value for q in b.powers[1:]] == [0.0] * (len(b.powers) - 1)
    assert [n.text for n in b.share][1:] == ["0.00"] * (len(b.share) - 1)


def test_powers_are_of_the_lowered_scores() -> None:
    b = bench(MODELS["far-numbers"], "attn_scores", "attn_weights")
    assert max(q.value for q in b.powers) == 1.0
    assert b.sum.value == pytest.approx(sum(q.value for q in b.powers))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("pair", [("attn_scores", "attn_weights"), ("logits", "probs")])
def test_every_row_of_the_table_adds_up_to_one(name: str, pair: tuple[str, str]) -> None:
    before, after = (shown(MODELS[name], n) for n in pair)
    n, m = before.values.shape
    table = ShareTable(before, after, PEN, row_names=["名前"] * n, col_names=["語"] * m, focus=(n - 1, m - 1))
    printed = [[format_number(x, after.decimals) for x in after.printed(i)] for i in table.after.rows]
    hidden = len(table.after.cols) < m  # nobody can add up what is counted only
    whole = [hidden or sum(map(parse_number, row)) == 1 for row in printed]
    assert [group[1].text for group in table.sums] == ["=" if one else "≈" for one in whole]
    assert n - 1 in table.after.rows
    assert m - 1 in table.after.cols
    assert float(table.sums.get_right()[0]) <= theme.SAFE_X
    if table.stacked:
        assert len(table.stacks) == len(table.after.rows)


def test_strongest_look_is_at_another_token() -> None:
    assert strongest_look(np.array([[0.9, 0.1], [0.3, 0.7]])) == (1, 0)
    assert strongest_look(np.array([[1.0]])) == (0, 0)
    assert strongest_look(np.eye(2)) == (0, 1)


def test_heaviest_keeps_the_order() -> None:
    assert heaviest([0.2, 0.8]) == [0, 1]
    assert heaviest([0.1, 0.5, 0.4], 2, 2) == [1, 2]


def test_a_window_holds_the_focus() -> None:
    assert window_with(5, 5, 4) == [0, 1, 2, 3, 4]
    assert window_with(32, 6, 31)[-1] == 31


def test_a_stack_is_as_long_as_its_shares() -> None:
    stack = Stack([0.25, 0.0, 0.75], ["a", "b", "c"], PEN, PEN.theme.role("prob"), length=4.0, height=0.4)
    assert stack.segment(2).width == pytest.approx(3.0, abs=0.05)
    assert stack.segment(1).width < 0.05
    assert [n.text for n in stack.names] == ["a", "c"]


def test_the_ruler_ends_with_counts() -> None:
    ruler = ShareScale(PEN, 3.0)
    assert [n.text for n in ruler.ends] == ["0", "1"]
    assert ruler.line.width == pytest.approx(3.0)


def test_a_bar_grows_from_its_base() -> None:
    stack = Stack([1.0], ["a"], PEN, PEN.theme.role("prob"), length=2.0, height=0.4)
    segment, left = stack.segment(0), float(stack.segment(0).get_left()[0])
    motion = Grow(segment, (-1, 0))
    motion.begin()
    motion.interpolate(0.5)
    assert float(segment.get_left()[0]) == pytest.approx(left, abs=1e-3)
    assert segment.width < 1.5
    motion.interpolate(1.0)
    assert segment.width == pytest.approx(2.0, abs=0.05)
