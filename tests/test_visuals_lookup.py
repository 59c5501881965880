"""The nouns and verbs of the opening, stages 1 and 2, and the recap: geometry and what they count."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("manim")

from tensorreel.core.engine import Trace, forward
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.chapters.embedding.lookup import LookUp
from tensorreel.visuals.chapters.embedding.onehot import OneHot
from tensorreel.visuals.chapters.embedding.swap import swappable
from tensorreel.visuals.chapters.output.recap_bars import AnswerBars
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.thumbs import Thumb, sampled
from tensorreel.visuals.product.residual import AddGrids
from tensorreel.visuals.stage.sentence import Sentence

PEN = Pen(theme.DARK)
SAMPLES = sample_models()
MODELS = {"tiny": tiny_model(), "large": large_model()} | {
    name: SAMPLES[name] for name in ("smallest", "largest", "long-words", "far-numbers")
}


@pytest.fixture(params=MODELS, scope="module")
def trace(request: pytest.FixtureRequest) -> Trace:
    model = MODELS[request.param]
    return forward(model, model.tokens)


def shown(trace: Trace, name: str) -> DisplayTensor:
    return DisplayTensor(trace[name], trace[name])


def sums(trace: Trace, focus: int = 0) -> AddGrids:
    x, p, h = (shown(trace, n) for n in ("token_embedding", "P", "embedding"))
    return AddGrids(x, p, h, PEN, names=trace.words, focus=focus, positions=True)


def lookup(trace: Trace, focus: int = 0) -> LookUp:
    e, x = shown(trace, "E"), shown(trace, "token_embedding")
    return LookUp(e, x, PEN, tokens=trace.tokens, words=trace.model.words, focus=focus)


@pytest.fixture(scope="module")
def grids(trace: Trace) -> AddGrids:
    return sums(trace)


@pytest.fixture(scope="module")
def found(trace: Trace) -> LookUp:
    return lookup(trace)


def test_sums_stand_inside_the_frame_and_in_line(grids: AddGrids) -> None:
    assert grids.get_left()[0] >= -theme.SAFE_X - 0.01
    assert grids.get_right()[0] <= theme.SAFE_X + 0.01
    assert grids.get_top()[1] <= CONTENT_TOP + 0.06
    firsts = [g.center_of(g.rows[0], g.cols[0]) for g in (grids.a, grids.b, grids.c)]
    if grids.stacked:
        assert firsts[0][0] == pytest.approx(firsts[1][0])
        assert grids.a.frame.get_bottom()[1] > grids.b.frame.get_top()[1]
    else:
        assert np.ptp([y for _, y, _ in firsts]) < 1e-9


@pytest.mark.parametrize("name", [n for n in SAMPLES if n != "far-numbers"])
def test_sums_inside_the_numeric_view_show_every_number(name: str) -> None:
    grids = sums(forward(SAMPLES[name]))
    assert (grids.c.more_rows, grids.c.more_cols) == (0, 0)


@pytest.mark.parametrize("name", [n for n, m in SAMPLES.items() if m.config.d_model <= 6])
def test_the_look_up_shows_every_number_up_to_six_columns(name: str) -> None:
    found = lookup(forward(SAMPLES[name]))
    assert (found.e.more_rows, found.e.more_cols, found.x.more_rows) == (0, 0, 0)


def test_written_sums_stay_under_the_grids_and_above_the_caption(grids: AddGrids) -> None:
    equations = grids.equations(0)
    assert len(equations) == len(grids.c.cols)
    assert max(e.get_top()[1] for e in equations) < grids.c.frame.get_bottom()[1]
    if grids.stacked:
        assert min(e.get_left()[0] for e in equations) > grids.b.frame.get_right()[0]
    assert min(e.get_bottom()[1] for e in equations) >= CONTENT_BOTTOM - 0.05


def test_the_last_token_can_be_in_focus(trace: Trace) -> None:
    last = len(trace.words) - 1
    assert last in sums(trace, last).c.rows
    assert last in lookup(trace, last).x_rows


def test_rows_that_tokens_pick_are_always_shown(found: LookUp) -> None:
    assert {found.tokens[k] for k in found.x_rows} <= set(found.e.rows)
    assert not set(found.unused) & set(found.tokens)


def test_look_up_stands_inside_the_frame(found: LookUp) -> None:
    assert found.get_left()[0] >= -theme.SAFE_X - 0.02
    assert found.get_right()[0] <= theme.SAFE_X + 0.02


def test_one_hot_has_one_one_and_zeros(trace: Trace, found: LookUp) -> None:
    hot = OneHot(found)
    digits = [d.text for d in hot.digits]
    assert digits.count("1") == 1
    assert digits.count("0") + hot.more == len(trace.model.words) - 1


def test_sentence_fits_and_keeps_the_last_word(trace: Trace) -> None:
    sentence = Sentence(trace.words, trace.tokens, PEN)
    assert sentence.width <= 2 * theme.SAFE_X
    assert sentence.index[-1] == len(trace.words) - 1
    assert [n.text for n in sentence.ids] == [str(trace.tokens[i]) for i in sentence.index]


def test_answer_is_the_likeliest_word(trace: Trace) -> None:
    p = shown(trace, "probs")
    bars = AnswerBars(p, trace.model.words, PEN, base=-1.75)
    assert bars.best == int(np.argmax(p.values[-1]))
    assert bars.best in bars.index
    tallest = max(range(len(bars.index)), key=lambda k: bars.bars[k].height)
    assert bars.index[tallest] == bars.best
    assert bars.get_right()[0] <= theme.SAFE_X + 0.01


def test_only_different_words_change_places(trace: Trace, grids: AddGrids) -> None:
    pair = swappable(grids, trace.tokens)
    if pair is None:
        assert len({trace.tokens[i] for i in grids.a.rows}) == 1
    else:
        assert trace.tokens[pair[0]] != trace.tokens[pair[1]]


def test_thumbs_show_every_strength_once_per_sign(trace: Trace) -> None:
    x = shown(trace, "token_embedding")
    thumb = Thumb([x], PEN, rows=sampled(x.values.shape[0], 9), cell=(0.1, 0.1))
    assert 2 <= len(thumb) <= 15


@pytest.mark.parametrize(("n", "most", "expected"), [(3, 5, [0, 1, 2]), (9, 3, [0, 4, 8]), (1, 1, [0])])
def test_sampled(n: int, most: int, expected: list[int]) -> None:
    assert sampled(n, most) == expected
