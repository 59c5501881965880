"""A model with one thing changed: what it computes, where that can be felt, what is said of it, and what is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorreel.cli import main
from tensorreel.cli.asked.options import chosen_model
from tensorreel.core.engine import forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.functional import Array
from tensorreel.core.model import Model
from tensorreel.core.variation import felt, told_in, told_of
from tensorreel.models import tiny_model
from tensorreel.models.samples import random_model
from tensorreel.publish.alt import alt_text
from tensorreel.review.changed import holds
from tensorreel.review.recompute import ReferencePass
from tensorreel.variations.change import change, possible, varied
from tensorreel.variations.parts import PARTS, left_out
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look.theme import DARK
from tensorreel.visuals.stage.furniture import Tag
from tensorreel.words.languages import LANGUAGES
from tests import badfiles
from tests.model_files import to_toml

CELL = "set layers.0.W_V[0,1,1]=0.8"
ASKED = [
    *([f"without {part}"] for part in PARTS),
    ["without head:2"],
    ["causal"],
    [CELL],
    ["set E[0,0]=−2"],
    ["without norm", "without residual"],
    ["causal", "without scale", "without position"],
]
each = pytest.mark.parametrize("asked", ASKED, ids=", ".join)


def made(seed: int = 1, **facts: Any) -> Model:
    sizes = {"V": 6, "T": 4, "d": 4, "h": 2, "d_ff": 5, "L": 2} | facts
    return random_model(np.random.default_rng(seed), **sizes)


def plain_softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def independent(model: Model, asked: list[str]) -> Array:
    """p by a forward pass of this test's own, which knows the changes by their texts and takes plain weights."""
    lacks, config = {text.removeprefix("without ") for text in asked}, model.config
    w = {name: array.copy() for name, array in model.params.items()}
    for text in asked:
        if text.startswith("set "):
            cell, value = text.removeprefix("set ").replace("−", "-").split("=")
            name, index = cell.removesuffix("]").split("[")
            w[name][tuple(map(int, index.split(",")))] = float(value)
    T, k = len(model.tokens), config.d_model // config.n_heads
    x = w["E"][list(model.tokens)] + (0 if "position" in lacks else w["P"][:T])
    later = np.triu(np.ones((T, T), dtype=bool), 1) & (config.causal or "causal" in lacks)

    def normed(x: Array, layer: int, n: int) -> Array:
        if "norm" in lacks:
            return x
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + config.eps) * w[f"layers.{layer}.gamma_{n}"] + w[
            f"layers.{layer}.beta_{n}"
        ]

    kept = 0.0 if "residual" in lacks else 1.0
    for i in range(config.n_layers):
        o = np.zeros_like(x)
        for h in range(config.n_heads):
            q, key, v = (x @ w[f"layers.{i}.{name}"][h] for name in ("W_Q", "W_K", "W_V"))
            scores = q @ key.T / (1.0 if "scale" in lacks else k**0.5)
            z = plain_softmax(np.where(later, -np.inf, scores)) @ v
            if not lacks & {f"head:{h + 1}", "attention"}:
                o += z @ w[f"layers.{i}.W_O"][h * k : (h + 1) * k]
        x = normed(kept * x + o, i, 1)
        f = x @ w[f"layers.{i}.W_1"] + w[f"layers.{i}.b_1"]
        f = f if "relu" in lacks else np.maximum(f, 0)
        x = normed(kept * x + f @ w[f"layers.{i}.W_2"] + w[f"layers.{i}.b_2"], i, 2)
    return plain_softmax(x @ w["E"].T)


@each
@pytest.mark.parametrize("seed", range(3))
def test_it_computes_what_is_asked_for(asked: list[str], seed: int) -> None:
    model = made(seed)
    got = forward(varied(model, asked))["probs"].values
    np.testing.assert_allclose(got, independent(model, asked), rtol=0, atol=1e-12)
    assert np.abs(got - forward(model)["probs"].values).max() > 1e-9


@each
def test_the_references_compute_it_too(asked: list[str]) -> None:
    model = varied(made(), asked)
    trace, second = forward(model), ReferencePass(model, model.tokens)
    for name, scope in model.architecture.scopes.items():
        for layer in range(2) if scope == "layer" else (None,):
            got = np.array(second.tensor(name, layer), dtype=np.float64)
            np.testing.assert_allclose(
                got, trace.at(layer=layer)[name].values, rtol=1e-9, atol=1e-12, err_msg=name
            )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(ASKED), st.integers(1, 3), st.booleans())
def test_what_does_not_depend_on_it_is_the_same_to_the_bit(
    seed: int, asked: list[str], L: int, causal: bool
) -> None:
    model = made(seed, L=L, causal=causal)
    other = varied(model, asked)
    before, after, places = forward(model), forward(other), felt(other)
    for stage in model.architecture.stages:
        for layer in range(L) if stage.scope == "layer" else (None,):
            if (stage.name, layer) not in places:
                a, b = (trace.at(layer=layer)[stage.name].values for trace in (before, after))
                assert a.tobytes() == b.tobytes(), (stage.name, layer)


def test_one_entry_of_w_v_is_felt_from_the_values_on() -> None:
    places = felt(varied(made(), ["set layers.1.W_V[0,0,0]=9"]))
    stages = [
        "value",
        "context",
        "heads",
        "concat",
        "attn_output",
        "attn_norm",
        "ffn_hidden",
        "ffn_output",
        "ffn_norm",
    ]
    assert places == {(name, 1) for name in stages} | {
        (n, None) for n in ("last_hidden_state", "logits", "probs")
    }


@each
def test_it_is_a_value_with_a_text(asked: list[str]) -> None:
    model = varied(made(), asked)
    assert [change(v.text) for v in model.variations] == [change(text) for text in asked]
    assert varied(made(), [v.text for v in model.variations]).digest == model.digest != made().digest
    assert pickle.loads(pickle.dumps(model)).digest == model.digest
    assert all(holds(v, model) for v in model.variations)


@each
def test_it_is_told_where_it_is_felt_and_nowhere_else(asked: list[str]) -> None:
    model = varied(made(), asked)
    said = told_of(model)
    assert said is not None
    if not asked[-1].startswith("set E"):
        assert len({said.of(lang) for lang in LANGUAGES}) > 1
    assert told_in(model, "", 0) == told_in(model, "probs", 0) == said
    assert told_in(model, "query", 0) == (said if ("query", 0) in felt(model) else None)
    assert told_of(made()) is told_in(made(), "probs", 0) is None


@each
def test_what_is_said_of_an_altered_stage_is_its_own(asked: list[str]) -> None:
    plain, table = made().architecture, varied(made(), asked).architecture
    for before, after in zip(plain.stages, table.stages, strict=True):
        assert (before.name, before.number, before.symbol, before.scope, before.part) == (
            after.name, after.number, after.symbol, after.scope, after.part,
        )  # fmt: skip
        assert (before.fn is after.fn) == (before.meaning == after.meaning)


def test_the_same_twice_is_once_and_a_mask_that_is_there_is_no_change() -> None:
    assert len(varied(made(), [CELL, CELL.replace("=", " = ")]).variations) == 1
    masked = made(causal=True)
    assert varied(masked, ["causal"]) is masked


def test_a_part_exists_where_a_stage_has_it() -> None:
    model = made()
    assert possible(model) == [*PARTS, "head:1", "head:2"]
    assert "norm" not in possible(varied(model, ["without norm"]))
    assert possible(varied(model, ["without attention"]))[-1] in PARTS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("without nothing", "--without nothing, expected one of position, scale, attention, residual, norm, relu, head:1, head:2"),
        ("without head:3", "--without head:3, expected one of position, .*, head:1, head:2"),
        ("without head:0", "--without head:0, expected one of"),
        ("without", "'without', expected without PART, set CELL=VALUE or causal"),
        ("causal yes", "expected without PART"),
        ("set W_X[0]=1", r"--set W_X\[0\]: no such tensor, expected one of E, P, layers.0.W_Q"),
        ("set layers.0.W_o[0,0]=1", "did you mean layers.0.W_O"),
        ("set E[0]=1", r"--set E\[0\]: 1 indices, expected 2 \(V, d\), from 0"),
        ("set E[0,4]=1", r"--set E\[0,4\]: index 4, expected 0 to 3 \(d = 4\)"),
        ("set E[0,-1]=1", "expected CELL=VALUE such as"),
        ("set E[0,0]", "expected CELL=VALUE such as"),
        ("set E[0,0]=inf", "inf, expected a finite number"),
        ("set E[0,0]=x", "x, expected a finite number"),
    ],
)  # fmt: skip
def test_what_a_model_has_not_is_refused_in_one_line(text: str, line: str) -> None:
    with pytest.raises(UsageProblem, match=line) as caught:
        varied(made(), [text])
    assert "\n" not in str(caught.value)


def test_many_heads_are_not_listed_one_by_one() -> None:
    with pytest.raises(UsageProblem, match="relu, head:1 … head:8"):
        varied(made(d=8, h=8), ["without head:9"])


def test_two_functions_in_one_place_are_an_error() -> None:
    stage: Callable[..., Any] = made().architecture.stages[0].fn
    with pytest.raises(ValueError, match="expected a part"):
        left_out("wings", of=stage)(stage)


def test_every_command_that_takes_a_model_takes_changes() -> None:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        options = {option for param in command.params for option in param.opts}
        assert {"--without", "--set", "--causal"} <= options or "--model" not in options, name


def test_a_mask_is_a_change_unless_a_file_leaves_it_open(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(to_toml(made()))
    said = {key: value for key, value in badfiles.SAID.items() if key != "causal"}
    (tmp_path / "open.safetensors").write_bytes(badfiles.safetensors(badfiles.pytorch(), said))
    for file, changes in ((None, ["causal"]), ("ours.toml", ["causal"]), ("open.safetensors", [])):
        model = chosen_model(tmp_path / file if file else None, None, {"causal": True}, None)
        assert model.config.causal
        assert [v.text for v in model.variations] == changes


@pytest.mark.parametrize("text", [CELL, "without head:1", "causal"])
def test_a_film_that_says_what_was_not_changed_is_found_out(text: str) -> None:
    (variation,) = varied(made(), [text]).variations
    assert not holds(variation, made())


def test_the_alt_text_says_it_where_it_is_felt() -> None:
    trace = forward(varied(made(), ["without relu"]))
    assert "Changed: without ReLU." in alt_text("ffn_hidden", trace, [], "en")
    assert "Changed" not in alt_text("embedding", trace, [], "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("more", [[], ["without relu"]])
@pytest.mark.parametrize("value", ["0.9", "-0.85", "0.125", "-12.3456"])
def test_no_number_of_a_change_is_cut_where_its_tag_has_little_room(
    value: str, more: list[str], lang: str
) -> None:
    model = varied(tiny_model(), [f"set layers.0.W_V[0,1,0]={value}", *more])
    said = told_of(model)
    assert said is not None
    narrow, wide = (Tag(said, model.variations[0], Pen(DARK, lang=lang), left) for left in (3.7, -6.0))
    assert wide.text == said.of(lang)
    assert f"→ {value.replace('-', '−')}" in narrow.text or "→" not in narrow.text
    assert narrow.width < 2.85
