"""The built-in models: the article's numbers, and what the found ones need, line by line (tools/needs.py)."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import decimals_for, exact_at, format_number
from tensorreel.core.functional import Array, attention, attention_mask, layer_norm, relu, softmax
from tensorreel.core.model import Model
from tensorreel.models import BUILTIN, builtin_text, one_decimal, tiny_model
from tests.model_files import to_toml
from tools import needs

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
LAYERS = (0, 1)
SENTENCES = {
    "ja": (("糖", "尿", "病", "の", "治療"), "法", "薬"),
    "en": (("one", "to", "ten", "is", "a"), "rise", "fall"),
}


@pytest.fixture(scope="module", params=BUILTIN)
def trace(request: pytest.FixtureRequest) -> Trace:
    return forward(tiny_model(request.param))


@pytest.fixture(scope="module")
def find_tiny() -> ModuleType:
    """``tools/find-tiny`` as a module."""
    path = str(Path(__file__).parents[1] / "tools" / "find-tiny")
    loader = importlib.machinery.SourceFileLoader("find_tiny", path)
    spec = importlib.util.spec_from_loader("find_tiny", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["find_tiny"] = module  # where dataclasses look for it
    loader.exec_module(module)
    return module


def weights_of(model: Model) -> Mapping[str, Array]:
    """The weights of one model, as ``needs.runs`` takes them."""
    layers = {name: np.stack([model.param(name, layer)[None] for layer in LAYERS]) for name in needs.SHAPES}
    return {"E": model.param("E")[None], **layers}


@pytest.fixture(scope="module", params=BUILTIN)
def runs(request: pytest.FixtureRequest, find_tiny: ModuleType) -> needs.Runs:
    return needs.runs(weights_of(tiny_model(request.param)), find_tiny.SAMPLES[request.param].task)


@pytest.mark.parametrize("miss", needs.NEEDS, ids=lambda miss: miss.__name__)
def test_what_the_model_needs(miss: needs.Miss, runs: needs.Runs) -> None:
    assert miss(runs) == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize("miss", needs.PICTURES, ids=lambda miss: miss.__name__)
def test_what_its_pictures_wish(miss: needs.Miss, runs: needs.Runs) -> None:
    assert miss(runs) <= (0.125 if miss is needs.few_digits else 0.001)


def test_every_line_can_be_missed(find_tiny: ModuleType) -> None:
    rng = np.random.default_rng(1)
    many = {name: rng.normal(0, 1, (2, 200, *shape)) for name, shape in needs.SHAPES.items()}
    random = needs.runs({"E": rng.normal(0, 0.4, (200, 8, 4)), **many}, find_tiny.SAMPLES["ja"].task)
    for miss in (*needs.NEEDS, *needs.PICTURES):
        assert (miss(random) > 0).any(), miss.__name__


def with_zeros(model: Model, name: str) -> Model:
    """A copy in which a parameter is 0, in all layers."""
    params = {full: array * (full.rpartition(".")[2] != name) for full, array in model.params.items()}
    return replace(model, params=params)


def without_head(model: Model, head: int) -> Model:
    """A copy in which W_O takes nothing from a head (from 1)."""
    params = {full: array.copy() for full, array in model.params.items()}
    for layer in LAYERS:
        params[f"layers.{layer}.W_O"][2 * head - 2 : 2 * head] = 0
    return replace(model, params=params)


@pytest.mark.parametrize("sample", BUILTIN)
def test_the_engine_says_the_same(sample: str, find_tiny: ModuleType) -> None:
    model, task = tiny_model(sample), find_tiny.SAMPLES[sample].task
    ours = needs.runs(weights_of(model), task)
    changed = {
        "whole": model,
        "without attention": with_zeros(model, "W_O"),
        "without head 1": without_head(model, 1),
        "without head 2": without_head(model, 2),
        "without position": with_zeros(model, "P"),
    }
    theirs = {name: forward(other)["probs"].values[-1] for name, other in changed.items()}
    theirs["swapped"] = forward(model, task.swapped)["probs"].values[-1]
    theirs |= {f"without {part}": walked(model, part) for part in ("residual", "LayerNorm", "ReLU")}
    assert set(theirs) == set(needs.NAMES)
    for name, p in theirs.items():
        np.testing.assert_allclose(ours.of(name)[0], p, atol=1e-12, err_msg=name)


def walked(model: Model, without: str) -> Array:
    """p of the last word, [V], by the engine's operations without one of them."""
    E, mask = model.param("E"), attention_mask(5, causal=False)
    keep = float(without != "residual")
    hidden = E[list(model.tokens)] + model.param("P")
    for layer in LAYERS:
        W_Q, W_K, W_V, W_O, gamma_1, beta_1, W_1, b_1, W_2, b_2, gamma_2, beta_2 = (
            model.param(name, layer)
            for name, p in model.architecture.parameters.items()
            if p.scope == "layer"
        )
        heads = attention(hidden @ W_Q, hidden @ W_K, hidden @ W_V, mask)
        mid = keep * hidden + np.concatenate(list(heads), -1) @ W_O
        mid = mid if without == "LayerNorm" else layer_norm(mid, gamma_1, beta_1, 1e-5)
        units = mid @ W_1 + b_1
        hidden = keep * mid + (units if without == "ReLU" else relu(units)) @ W_2 + b_2
        hidden = hidden if without == "LayerNorm" else layer_norm(hidden, gamma_2, beta_2, 1e-5)
    return softmax(hidden[-1] @ E.T)


@pytest.mark.parametrize("sample", BUILTIN)
def test_sizes_and_sentence(sample: str) -> None:
    trace = forward(tiny_model(sample))
    words, answer, rival = SENTENCES[sample]
    assert trace.sizes == {"V": 8, "n": 5, "T": 5, "S": 5, "d": 4, "h": 2, "k": 2, "f": 6, "L": 2}
    assert (trace.words, trace.tokens) == (words, needs.SENTENCE)
    assert (trace.model.words[needs.ANSWER], trace.model.words[needs.RIVAL]) == (answer, rival)
    assert not trace.model.config.causal
    assert trace.model.config.eps == 1e-5
    assert trace.model.origin == "search"


def test_the_articles_twenty_cells() -> None:
    trace = forward(tiny_model())
    assert trace.glosses == ("sugar", "urine", "illness", "of", "treatment")
    np.testing.assert_array_equal(trace["token_embedding"].values, X)
    np.testing.assert_array_equal(trace["P"].values, P)
    np.testing.assert_allclose(trace["embedding"].values, H0, atol=1e-15)
    printed = [[format_number(x, 1) for x in row] for row in trace["embedding"].values]
    assert printed == [[f"{x:.1f}".replace("-", "−") for x in row] for row in H0]


def test_all_numbers_are_simple(trace: Trace) -> None:
    np.testing.assert_array_equal(trace["P"].values, P)
    assert one_decimal(trace.model)
    for name, array in trace.model.params.items():
        assert all(exact_at(x, 1) for x in array.flat), name
        if "gamma" in name or "beta" in name:
            assert (array == (1 if "gamma" in name else 0)).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_no_number_needs_the_scientific_form(trace: Trace, layer: int) -> None:
    for name, tensor in trace.at(layer=layer).items():
        decimals = decimals_for(tensor.values)
        assert not [x for x in tensor.values.flat if "e" in format_number(x, decimals)], name


@pytest.mark.parametrize("sample", BUILTIN)
def test_the_file_is_what_the_writer_writes(sample: str) -> None:
    text = builtin_text(sample)
    assert text.endswith(to_toml(tiny_model(sample)))
    assert "nothing is trained" in text
    assert max(len(line) for line in text.splitlines()) <= 112


def test_a_number_with_two_decimals_is_seen() -> None:
    tiny = tiny_model()
    finer = {**tiny.params, "layers.0.W_O": tiny.params["layers.0.W_O"] + 0.05}
    assert not one_decimal(replace(tiny, params=finer))


def test_a_search_is_the_same_each_time_and_finds_better_ones(find_tiny: ModuleType) -> None:
    sample = find_tiny.SAMPLES["ja"]
    once, again = (find_tiny.search(sample, 7, 120) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert find_tiny.cost(sample, once[None]) < find_tiny.cost(sample, find_tiny.search(sample, 7, 1)[None])


@pytest.mark.slow
@pytest.mark.parametrize("sample", BUILTIN)
def test_the_search_finds_the_file_again(sample: str, find_tiny: ModuleType) -> None:
    asked = find_tiny.SAMPLES[sample]
    found = find_tiny.model(asked, find_tiny.search(asked, asked.seed, find_tiny.STEPS))
    assert to_toml(found, asked.note) == builtin_text(sample)
