"""The formula table: eighteen lines in order, each consistent with its function."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import typst

from tensorreel.core.architecture import Architecture
from tensorreel.core.engine import forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.parameters import PARAMETERS
from tensorreel.core.stages import ARTICLE
from tensorreel.core.table import NOT_TENSORS, Stage, Step
from tensorreel.models.samples import sample_models

NAMES = [
    "token_embedding",
    "embedding",
    "query",
    "key",
    "value",
    "attn_scores",
    "attn_weights",
    "context",
    "heads",
    "concat",
    "attn_output",
    "attn_norm",
    "ffn_hidden",
    "ffn_output",
    "ffn_norm",
    "last_hidden_state",
    "logits",
    "probs",
]
STEPS: list[Step] = list(ARTICLE.steps.values())
by_name = pytest.mark.parametrize("step", STEPS, ids=lambda s: s.name)


def test_eighteen_stages_in_order() -> None:
    assert [s.name for s in ARTICLE.stages] == NAMES
    assert [s.number for s in ARTICLE.stages] == list(range(1, 19))
    assert [s.scope for s in ARTICLE.stages] == ["model"] * 2 + ["layer"] * 13 + ["model"] * 3


@by_name
def test_inputs_are_known_before_they_are_used(step: Step) -> None:
    stage_of = step.name if isinstance(step, Stage) else ARTICLE.intermediates[step.name].of
    earlier = NAMES[: NAMES.index(stage_of)]
    known = {*earlier, *PARAMETERS, "tokens", "hidden", *NOT_TENSORS}
    assert set(step.arguments) <= known
    assert len(step.in_dims) == len(step.inputs)


@by_name
def test_declared_axes_are_the_tensors_axes(step: Step) -> None:
    for model in sample_models().values():
        trace = forward(model).at(layer=model.config.n_layers - 1)
        sizes = trace.sizes
        assert trace[step.name].shape == tuple(sizes[x] for x in step.out_dims)
        for name, dims in zip(step.inputs, step.in_dims, strict=True):
            if name != "tokens":
                assert trace[name].shape == tuple(sizes[x] for x in dims), name
                # keys and values are computed for T tokens and looked at as S
                assert [x.replace("S", "T") for x in dims] == [x.replace("S", "T") for x in trace[name].dims]


def test_contracted_axes() -> None:
    contracted = {s.name: s.contracted for s in ARTICLE.stages if s.contracted}
    assert contracted == {
        "query": "d", "key": "d", "value": "d", "attn_scores": "k", "context": "S", "heads": "d",
        "attn_output": "d", "ffn_hidden": "d", "ffn_output": "f", "logits": "d",
    }  # fmt: skip


def test_factors_share_the_contracted_axis() -> None:
    factors = {s.name: s.factors for s in ARTICLE.stages}
    assert factors["attn_scores"] == ("query", "key")
    assert factors["ffn_output"] == ("ffn_hidden", "W_2")  # and not the bias
    assert factors["concat"] == factors["attn_norm"] == ()


def test_all_formulas_and_symbols_compile() -> None:
    fonts = typst.Fonts(include_system_fonts=False)
    sources = (
        [s.formula for s in ARTICLE.stages]
        + [s.symbol for s in STEPS]
        + [p.symbol for p in PARAMETERS.values()]
    )
    page = "\n\n".join(f"$ {source} $" for source in sources)
    assert typst.compile(page.encode(), format="svg", font_paths=fonts)


@pytest.mark.parametrize("line", ARTICLE.stages, ids=lambda s: s.name)
def test_formulas_hold_their_own_symbol_and_those_of_their_inputs(line: Stage) -> None:
    symbols = {s.name: s.symbol for s in ARTICLE.stages} | {p.name: p.symbol for p in PARAMETERS.values()}
    symbols |= {"hidden": "bold(H)", "heads": '"head"_1', "tokens": "t_1"}
    unwritten = {"gamma_1", "beta_1", "gamma_2", "beta_2"}  # inside LayerNorm, as in the paper
    assert line.formula.startswith(line.symbol)
    for name in set(line.inputs) - unwritten:
        assert symbols[name] in line.formula, name


@pytest.mark.parametrize("line", ARTICLE.stages, ids=lambda s: s.name)
def test_texts_are_there_in_both_languages(line: Stage) -> None:
    assert line.meaning.of("en").endswith(".")
    assert line.meaning.of("ja").endswith("。")
    assert line.title.of("en")
    assert line.title.of("ja")
    assert len(line.meaning.of("en")) <= 110
    assert len(line.meaning.of("ja")) <= 60
    assert line.fn.__doc__
    assert line.formula_plain in line.fn.__doc__


@pytest.mark.parametrize("key", ["attn_weights", "attn-weights", "7", 7, " Attn-Weights "])
def test_a_stage_is_found_by_name_or_number(key: str | int) -> None:
    assert ARTICLE.find(key).name == "attn_weights"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("attn-wieghts", "attn-weights"),
        ("softmax", "attn-weights or probs"),
        ("残差", "attn-norm or ffn-norm"),
    ],
)
def test_a_near_miss_is_suggested(key: str, hint: str) -> None:
    with pytest.raises(UsageProblem, match=f"did you mean {hint}"):
        ARTICLE.find(key)


@pytest.mark.parametrize("key", ["0", "19", "", "𝕏", "-1"])
def test_an_unknown_stage_is_refused(key: str) -> None:
    with pytest.raises(UsageProblem, match="from 1 to 18"):
        ARTICLE.find(key)


def test_a_table_that_cannot_run_is_refused() -> None:
    fns = [s.fn for s in ARTICLE.stages]
    ways = [i.fn for i in ARTICLE.intermediates.values()]

    def of(stages: Sequence[Callable[..., Any]]) -> Architecture:
        return Architecture.of("other", stages, ways, PARAMETERS)

    assert [s.name for s in of(fns).stages] == NAMES
    with pytest.raises(ValueError, match="twice"):
        of([*fns, fns[0]])
    with pytest.raises(ValueError, match=r"ffn_output: no ffn_hidden before it"):
        of([fn for fn in fns if fn.__name__ != "ffn_hidden"])
    with pytest.raises(ValueError, match="do not stand together"):
        of([fns[0], fns[2], fns[1], *fns[3:]])
    with pytest.raises(TypeError, match="not declared"):
        of([*fns, len])


def test_what_follows_from_the_wiring() -> None:
    number = {s.name: s.number for s in ARTICLE.stages}
    assert [(a.name, b.name) for a, b in ARTICLE.bypasses] == [
        ("embedding", "attn_norm"),
        ("attn_norm", "ffn_norm"),
    ]
    assert [(run[0].part, len(run)) for run in ARTICLE.parts] == [
        ("embedding", 2),
        ("attention", 9),
        ("norm", 1),
        ("feed_forward", 2),
        ("norm", 1),
        ("output", 3),
    ]
    assert (len(ARTICLE.prologue), len(ARTICLE.layer), len(ARTICLE.epilogue)) == (2, 13, 3)
    assert [s.number for s in ARTICLE.users("E")] == [number["token_embedding"], number["logits"]]
    assert [ARTICLE.source("hidden", layer) for layer in (0, 1)] == [ARTICLE.prologue[-1], ARTICLE.layer[-1]]


def test_an_architecture_reaches_other_processes() -> None:
    again = pickle.loads(pickle.dumps(ARTICLE))
    assert [s.name for s in again.stages] == NAMES
    assert again.stages[6].fn is ARTICLE.stages[6].fn
