"""The built-in model: the article's numbers, and what the authored ones must achieve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import decimals_for, exact_at, format_number
from tensorreel.models import builtin_text, by_hand, tiny_model
from tests.model_files import to_toml

X = [
    [0.1, 0.3, -0.1, 0.2],
    [-0.2, 0.0, 0.5, 0.1],
    [0.3, 0.1, -0.3, 0.4],
    [0.0, -0.1, 0.2, 0.2],
    [0.1, 0.4, 0.1, -0.1],
]
P = [
    [0.0, 0.1, 0.0, 0.1],
    [0.1, 0.0, 0.1, 0.0],
    [0.2, 0.1, 0.0, 0.1],
    [0.3, 0.0, 0.1, 0.0],
    [0.4, 0.1, 0.0, 0.1],
]
H0 = [
    [0.1, 0.4, -0.1, 0.3],
    [-0.1, 0.0, 0.6, 0.1],
    [0.5, 0.2, -0.3, 0.5],
    [0.3, -0.1, 0.3, 0.2],
    [0.5, 0.5, 0.1, 0.0],
]
LAYERS, HEADS = (0, 1), (0, 1)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return forward(tiny_model())


def test_sizes_and_sentence(trace: Trace) -> None:
    assert trace.sizes == {"V": 8, "n": 5, "T": 5, "S": 5, "d": 4, "h": 2, "k": 2, "f": 6, "L": 2}
    assert trace.words == ("糖", "尿", "病", "の", "治療")
    assert trace.tokens == (1, 2, 3, 4, 5)
    assert trace.glosses == ("sugar", "urine", "illness", "of", "treatment")
    assert not trace.model.config.causal
    assert trace.model.config.eps == 1e-5


def test_the_articles_twenty_cells(trace: Trace) -> None:
    np.testing.assert_array_equal(trace["token_embedding"].values, X)
    np.testing.assert_array_equal(trace["P"].values, P)
    np.testing.assert_allclose(trace["embedding"].values, H0, atol=1e-15)
    printed = [[format_number(x, 1) for x in row] for row in trace["embedding"].values]
    assert printed == [[f"{x:.1f}".replace("-", "−") for x in row] for row in H0]


def test_authored_numbers_are_simple(trace: Trace) -> None:
    for name, array in trace.model.params.items():
        assert np.abs(array).max() <= 2, name
        assert all(exact_at(x, 1) for x in array.flat), name
        if "gamma" in name or "beta" in name:
            assert (array == (1 if "gamma" in name else 0)).all()
    everything = np.concatenate([a.ravel() for a in trace.model.params.values()])
    assert (np.abs(everything) <= 1).mean() > 0.9
    assert "not trained" in builtin_text() or "Nothing is trained" in builtin_text()


@pytest.mark.parametrize("layer", LAYERS)
def test_attention_is_not_flat(trace: Trace, layer: int) -> None:
    A = trace.at(layer=layer)["attn_weights"].values
    assert A.max() <= 0.95
    others = A * (1 - np.eye(5))
    assert ((others >= 0.4).any(-1).sum(-1) >= 2).all()
    assert (A[0].argmax(-1) != A[1].argmax(-1)).sum() >= 3
    spread = np.ptp(trace.at(layer=layer)["attn_scores"].values, axis=-1)
    assert (spread.max(-1) > 1.5).all()


def test_head_one_of_the_first_layer_looks_from_illness_at_sugar(trace: Trace) -> None:
    row = trace.at(layer=0, head=0)["attn_weights"].values[2]
    assert trace.words[int(row.argmax())] == "糖"
    assert np.sort(row)[-1] - np.sort(row)[-2] > 0.1


@pytest.mark.parametrize("layer", LAYERS)
def test_relu_switches_some_units_off(trace: Trace, layer: int) -> None:
    on = trace.at(layer=layer)["ffn_hidden"].values > 0
    assert 0.25 <= 1 - on.mean() <= 0.75
    assert on.any(-1).all()
    assert not on.all(-1).any()
    assert on.any(0).all()
    assert not on.all(0).any()


def test_the_next_word_makes_sense_and_has_a_rival(trace: Trace) -> None:
    last = trace["probs"].values[-1]
    order = last.argsort()[::-1]
    words = [trace.model.words[i] for i in order]
    assert words[:2] == ["法", "薬"]
    assert 0.35 <= last[order[0]] <= 0.85
    assert 0.08 <= last[order[1]] <= last[order[0]] - 0.1


@pytest.mark.parametrize("layer", LAYERS)
def test_no_number_needs_the_scientific_form(trace: Trace, layer: int) -> None:
    for name, tensor in trace.at(layer=layer).items():
        decimals = decimals_for(tensor.values)
        assert not [x for x in tensor.values.flat if "e" in format_number(x, decimals)], name


def test_the_file_is_what_the_writer_writes() -> None:
    model = tiny_model()
    body = to_toml(model)
    assert builtin_text().endswith(body)
    assert max(len(line) for line in builtin_text().splitlines()) <= 110


def test_an_edit_of_it_is_still_made_by_hand_and_a_trained_model_is_not() -> None:
    tiny = tiny_model()
    assert by_hand(tiny)
    edited = {**tiny.params, "layers.0.W_O": tiny.params["layers.0.W_O"] + 0.5}
    assert by_hand(replace(tiny, params=edited))
    trained = {name: array + 1e-3 for name, array in tiny.params.items()}
    assert not by_hand(replace(tiny, params=trained))
    assert not by_hand(replace(tiny, config=replace(tiny.config, n_layers=1)))
