"""What each position has seen: one line for every token it took in, an arrow only to what it has not."""

from __future__ import annotations

import numpy as np
import pytest

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.chapters.output.positions_seen import Seen
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

MODELS = {"tiny": tiny_model(), "large": large_model(), **sample_models()}


def made(name: str) -> Seen:
    model = MODELS[name]
    trace = forward(model)
    p = DisplayTensor(trace["probs"], trace["probs"])
    return Seen(p, list(trace.words), model.words, Pen(theme.DARK), causal=model.config.causal)


@pytest.mark.parametrize("name", MODELS)
def test_every_position_has_a_line_to_what_attention_lets_it_see(name: str) -> None:
    seen, model = made(name), MODELS[name]
    seeable = np.isfinite(forward(model).at(layer=0, head=0)["attn_scores"].values)
    for i, looks in zip(seen.index, seen.looks, strict=True):
        whole = len(looks[0].points) // 4
        assert whole == sum(seeable[i, j] for j in seen.index if j <= i)
        assert (len(looks) > 1) == any(seeable[i, j] for j in seen.index if j > i)


@pytest.mark.parametrize("name", MODELS)
def test_arrows_lead_only_to_what_has_not_been_seen(name: str) -> None:
    seen, model = made(name), MODELS[name]
    assert len(seen.aheads) == (len(seen.index) if model.config.causal else 1)
    tip = seen.aheads[-1].get_right()[0]
    assert tip == pytest.approx(seen.xs[-1], abs=0.2)


@pytest.mark.parametrize("name", MODELS)
def test_guesses_are_the_likeliest_words_and_all_stays_inside(name: str) -> None:
    seen, model = made(name), MODELS[name]
    p = forward(model)["probs"].values
    assert [n.quantity.value for n in seen.shares] == [float(np.max(p[i])) for i in seen.index]
    everything = [seen.cards, seen.titles, seen.shares, seen.badge, seen.names, seen.guesses]
    assert min(m.get_left()[0] for m in everything) > -theme.SAFE_X
    assert max(m.get_right()[0] for m in everything) < theme.SAFE_X
    assert min(m.get_bottom()[1] for m in everything) > CONTENT_BOTTOM
    assert seen.cards.get_top()[1] < CONTENT_TOP
