"""The trace: names, views, read-only values, and errors that say where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, random_model, sample_models


@pytest.fixture(scope="module")
def trace() -> Trace:
    return forward(tiny_model())


def changed(model: Model, **arrays: np.ndarray) -> Model:
    params = dict(model.params) | {name.replace("__", "."): array for name, array in arrays.items()}
    return replace(model, params=params)


def test_the_trace_is_a_mapping_of_everything(trace: Trace) -> None:
    names = {*ARTICLE.steps, *ARTICLE.parameters, HIDDEN}
    assert set(trace) == names
    assert len(trace) == len(names)
    assert "query" in trace
    assert "tokens" not in trace
    with pytest.raises(KeyError):
        trace["qeury"]


def test_all_values_are_read_only_float64(trace: Trace) -> None:
    for view in (trace, trace.at(layer=1), trace.at(head=1)):
        for tensor in view.values():
            assert tensor.values.dtype == np.float64
            assert len(tensor.dims) == tensor.values.ndim
            with pytest.raises(ValueError, match="read-only"):
                tensor.values[...] = 0


def test_views_of_layers_and_heads(trace: Trace) -> None:
    assert trace["query"].shape == (2, 5, 2)
    assert trace["query"].layer == 0
    assert trace["query"].head is None
    one = trace.at(layer=1, head=1)
    assert one["query"].shape == (5, 2)
    assert one["query"].dims == ("T", "k")
    assert (one["query"].layer, one["query"].head) == (1, 1)
    assert one["W_Q"].shape == (4, 2)
    assert one["W_Q"].dims == ("d", "k")
    np.testing.assert_array_equal(one["W_Q"].values, trace.model.params["layers.1.W_Q"][1])
    assert one["probs"].layer is None
    assert one["probs"].head is None
    assert one["concat"].head is None
    np.testing.assert_array_equal(trace.at(layer=0, head=1).at(layer=1)["query"].values, one["query"].values)


def test_a_layer_receives_what_the_one_before_it_gave(trace: Trace) -> None:
    np.testing.assert_array_equal(trace["hidden"].values, trace["embedding"].values)
    np.testing.assert_array_equal(trace.at(layer=1)["hidden"].values, trace["ffn_norm"].values)
    np.testing.assert_array_equal(trace["last_hidden_state"].values, trace.at(layer=1)["ffn_norm"].values)


def test_symbols_carry_the_layer(trace: Trace) -> None:
    assert trace["hidden"].symbol_plain == "H⁽⁰⁾"
    assert trace["ffn_norm"].symbol_plain == "H⁽¹⁾"
    assert trace.at(layer=1)["hidden"].symbol == "bold(H)^((1))" == trace["ffn_norm"].symbol
    assert trace.at(layer=1)["ffn_norm"].symbol == "bold(H)^((2))"
    assert trace["last_hidden_state"].symbol == "bold(H)^((L))"


def test_inputs_of_a_stage(trace: Trace) -> None:
    for stage in ARTICLE.stages:
        assert [t.name for t in trace.inputs(stage)] == [n for n in stage.inputs if n != "tokens"]


@pytest.mark.parametrize(("layer", "head"), [(2, None), (-1, None), (0, 2), (0, -1)])
def test_an_absent_layer_or_head_is_refused(trace: Trace, layer: int, head: int | None) -> None:
    with pytest.raises(UsageProblem, match="expected 1 to 2"):
        trace.at(layer=layer, head=head)


def test_causal_models_mask_what_comes_later() -> None:
    for model in sample_models().values():
        trace = forward(model)
        later = np.triu(np.ones((len(trace.tokens),) * 2), 1).astype(bool)
        scores, weights = trace["attn_scores"].values, trace["attn_weights"].values
        assert np.isneginf(scores[:, later]).all() == model.config.causal or not later.any()
        assert np.isfinite(scores[:, ~later]).all()
        if model.config.causal:
            assert (weights[:, later] == 0).all()


def test_a_causal_prefix_does_not_see_the_rest() -> None:
    model = sample_models()["causal"]
    whole = forward(model)["probs"].values
    for T in range(1, len(model.tokens)):
        np.testing.assert_allclose(forward(model, model.tokens[:T])["probs"].values, whole[:T], atol=1e-12)


def test_the_run_repeats_exactly() -> None:
    first, second = forward(large_model()), forward(large_model())
    for name, tensor in first.items():
        np.testing.assert_array_equal(tensor.values, second[name].values)


def test_zero_variance_names_stage_layer_and_row() -> None:
    rng = np.random.default_rng(3)
    model = random_model(rng, V=4, T=2, d=4, h=2, d_ff=3, L=2)
    flat = changed(
        replace(model, config=replace(model.config, eps=0.0)), layers__1__gamma_1=np.zeros(4),
        layers__1__beta_1=np.ones(4), layers__1__b_2=np.ones(4), layers__1__W_2=np.zeros((3, 4)),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"ffn-norm, layer 2, row 1 \(w\d\): its variance is zero"):
        forward(flat)


def test_overflow_names_stage_layer_head_and_row() -> None:
    model = random_model(np.random.default_rng(4), V=4, T=3, d=4, h=2, d_ff=3, L=1)
    W_Q = model.params["layers.0.W_Q"].copy()
    W_Q[1] = 1e308
    with pytest.raises(InputError, match=r"^query, layer 1, head 2, row 1 \(w\d\): -?inf at \[1, 0, 0\]"):
        forward(changed(model, layers__0__W_Q=W_Q, E=np.full((4, 4), 30.0)))


def test_a_row_that_may_look_at_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    mask = np.ones((5, 5), dtype=bool)
    mask[2] = False
    monkeypatch.setattr("tensorreel.core.engine.attention_mask", lambda tokens, causal: mask)
    word = model.words[model.tokens[2]]
    with pytest.raises(InputError) as caught:
        forward(model)
    place = f"attn-weights, layer 1, head 1, row 3 ({word}): "
    assert str(caught.value) == place + "every score is masked, expected one that is not"


def test_an_overflow_that_leaves_no_trace_is_refused() -> None:
    """Whatever a stage computes on the way: nothing may go wrong unheard."""

    def careless(ffn_pre: np.ndarray) -> np.ndarray:
        return np.maximum(ffn_pre, 0.0) + np.isnan(np.full(1, 1e308) * 10)

    stages = [replace(s, fn=careless) if s.name == "ffn_hidden" else s for s in ARTICLE.stages]
    model = replace(tiny_model(), architecture=replace(ARTICLE, stages=tuple(stages)))
    with pytest.raises(InputError, match=r"^ffn-hidden, layer 1: overflow encountered in multiply, expected"):
        forward(model)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "tokens: none"),
        ([1] * 6, "tokens: 6, expected at most 5"),
        ([1, 8], "tokens: id 8 at place 2, expected 0 to 7"),
        ([-1], "tokens: id -1 at place 1"),
    ],
)
def test_bad_tokens_are_refused(tokens: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        forward(tiny_model(), tokens)


def test_other_sentences_run() -> None:
    model = tiny_model()
    assert forward(model, [6]).words == ("法",)
    assert forward(model, model.tokens_from_text("糖尿病 の薬"))["probs"].shape == (5, 8)
