"""Twenty-four architectures from four choices: one wiring, and a second path that finds the same numbers."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterable
from decimal import localcontext
from typing import Any

import numpy as np
import pytest

from tensorreel import scenes
from tensorreel.core.engine import forward
from tensorreel.core.functional import gelu, gelu_tanh
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.families.choices import Choices, architecture_of
from tensorreel.models.samples import random_model
from tensorreel.publish.questions import question_of
from tensorreel.review.cases import Case
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.references.decimals import PRECISION, exact, gelu_by_tanh, gelu_exact
from tensorreel.review.run import audit_one, lint_one
from tensorreel.variations.parts import parts_of
from tensorreel.visuals.look.options import SceneOptions
from tests.architectures import small_model

COMBINED: Iterable[Any] = itertools.product(
    ("post", "pre"), ("relu", "gelu", "gelu_tanh"), (False, True), (False, True)
)
ALL = [Choices(*choices) for choices in COMBINED]
each = pytest.mark.parametrize("choices", ALL, ids=lambda c: c.name)
RELATIVE = 1e-9


def test_twenty_four_different_tables_and_the_articles_is_the_default() -> None:
    assert architecture_of(Choices()) is ARTICLE
    assert len({architecture_of(c).digest for c in ALL}) == len(ALL) == 24


@each
def test_a_second_path_finds_every_tensor_again(choices: Choices) -> None:
    model = small_model(architecture_of(choices))
    trace, second = forward(model), ReferencePass(model, model.tokens)
    for name, scope in model.architecture.scopes.items():
        for layer in range(model.config.n_layers) if scope == "layer" else (None,):
            values = trace.at(layer=layer)[name].values if layer is not None else trace[name].values
            wanted = np.array(second.tensor(name, layer), dtype=float)
            np.testing.assert_allclose(values, wanted, rtol=RELATIVE, atol=1e-12, err_msg=f"{name} {layer}")


@each
def test_it_reaches_other_processes_as_it_is(choices: Choices) -> None:
    table = architecture_of(choices)
    assert pickle.loads(pickle.dumps(table)).digest == table.digest


@pytest.mark.parametrize(
    ("found", "second", "least"), [(gelu, gelu_exact, 1e-30), (gelu_tanh, gelu_by_tanh, 1e-15)]
)
def test_gelu_is_exact_far_from_zero(found: Any, second: Any, least: float) -> None:
    x = np.array([-30.0, -8.25, -1.5, -1e-9, 0.0, 0.3, 4.0, 12.0])
    with localcontext() as context:
        context.prec = PRECISION
        wanted = [float(second(v)) for v in exact(x.tolist())]
    np.testing.assert_allclose(found(x), wanted, rtol=1e-12, atol=least)


@each
def test_a_part_is_left_out_wherever_it_stands_or_is_not_offered(choices: Choices) -> None:
    """Heads go through scores of their own, so what scores do without, they have to do without, too."""
    parts = parts_of(architecture_of(choices))
    assert ("scale" in parts) == (choices.norm == "post" and not choices.attention_biases)
    assert ("norm" in parts) == (choices.norm == "post" and not choices.final_norm)


# ---- the film of one of GPT-2's kind ------------------------------------------------------------------------
GPT2 = architecture_of(Choices("pre", "gelu_tanh", True, True))


def small_gpt2() -> Model:
    """More units than are drawn, a mask, four heads; random weights, always the same."""
    rng = np.random.default_rng(6)
    return random_model(rng, V=12, T=5, d=8, h=4, d_ff=32, L=2, causal=True, architecture=GPT2)


def scene_by_scene() -> Iterable[Any]:
    """Its scenes; all but the one of its own activation are looked at in the slow lane."""
    for scene in scenes.film(GPT2):
        yield pytest.param(scene, marks=() if scene == "ffn_hidden" else pytest.mark.slow)


@pytest.mark.parametrize("check", [lint_one, audit_one])
@pytest.mark.parametrize("scene", [*scene_by_scene()])
def test_the_film_of_a_small_gpt2_is_clean(scene: str, check: Any) -> None:
    report = check(Case(scene, "gpt2", forward(small_gpt2()), SceneOptions()))
    assert report.findings == ()
    assert sum(report.counts.values())


def test_no_question_is_asked_that_is_about_another_computation() -> None:
    """Storyboards are true of both; what is asked of the article's stage need not be."""
    alike = {s.name for s in GPT2.stages if GPT2.computes_alike(ARTICLE, s.name)}
    assert {s.name for s in GPT2.stages if question_of(s.name, GPT2)} <= alike
    assert question_of("attn_weights", GPT2) is not None
    assert question_of("query", GPT2) is question_of("ffn_hidden", GPT2) is None
