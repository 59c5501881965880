"""Two further small architectures, of the article's functions and a few of their own, with models that run them.

``ONE_NORM`` is a post-LN block without its second norm: a plain sum ends the layer, 17 stages. ``GATED`` has one
stage more: a gate stands between the units and their projection, 19 stages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorreel.core import stages as article
from tensorreel.core.architecture import Architecture
from tensorreel.core.functional import Array, linear
from tensorreel.core.intermediates import attn_dot, attn_residual, ffn_pre, ffn_residual
from tensorreel.core.model import Model
from tensorreel.core.parameters import PARAMETERS, Parameter
from tensorreel.core.stages import ARTICLE
from tensorreel.core.table import Stage, stage
from tensorreel.models.samples import random_model
from tensorreel.review.references import reference
from tensorreel.review.references.decimals import Matrix, Row, plus, plus_row, times
from tensorreel.words.text import Text

# ---- a block without its second norm -------------------------------------------------------------------------


@stage(
    symbol=("bold(H)^((l+1))", "H⁽ˡ⁺¹⁾"),
    formula=(
        "bold(H)^((l+1)) = bold(H)' + bold(F)_1 bold(W)_2 + bold(b)_2",
        "H⁽ˡ⁺¹⁾ = H′ + F₁ W₂ + b₂",
    ),
    dims="T d, T f, f d, d -> T d",
    part="feed_forward",
    title=Text("Feed-forward sum", "title"),
    meaning=Text("The units are gathered and added to what they came from, without a norm.", "meaning"),
)
def ffn_sum(attn_norm: Array, ffn_hidden: Array, W_2: Array, b_2: Array) -> Array:
    return attn_norm + linear(ffn_hidden, W_2, b_2)


@stage(
    symbol=("bold(H)^((L))", "H⁽ᴸ⁾"),
    formula=("bold(H)^((L)) = bold(H)^((l+1)), quad l = L - 1", "H⁽ᴸ⁾ = H⁽ˡ⁺¹⁾, l = L − 1"),
    dims="T d -> T d",
    part="output",
    title=Text("Last sum", "title"),
    meaning=Text("What leaves the last layer, as it was added up.", "meaning"),
    scope="model",
)
def last_hidden_state(ffn_sum: Array) -> Array:
    return ffn_sum


@reference(ffn_sum)
def _ffn_sum(attn_norm: Matrix, ffn_hidden: Matrix, W_2: Matrix, b_2: Row) -> Matrix:
    return plus(attn_norm, plus_row(times(ffn_hidden, W_2), b_2))


@reference(last_hidden_state)
def _last_hidden_state(ffn_sum: Matrix) -> Matrix:
    return ffn_sum


# ---- a gate between two stages -------------------------------------------------------------------------------


@stage(
    symbol=("bold(G)", "G"),
    formula=("bold(G) = bold(F)_1 dot.o (bold(H)' bold(W)_G)", "G = F₁ ⊙ (H′ W_G)"),
    dims="T f, T d, d f -> T f",
    part="feed_forward",
    title=Text("Gate", "title"),
    meaning=Text("Each unit is let through as far as its gate is open for this token.", "meaning"),
)
def ffn_gate(ffn_hidden: Array, attn_norm: Array, W_G: Array) -> Array:
    return ffn_hidden * (attn_norm @ W_G)


@stage(
    symbol=("bold(F)_2", "F₂"),
    formula=("bold(F)_2 = bold(G) bold(W)_2 + bold(b)_2", "F₂ = G W₂ + b₂"),
    dims="T f, f d, d -> T d",
    part="feed_forward",
    title=Text("Feed-forward 2", "title"),
    meaning=Text("What the gates let through is gathered back into the model's width.", "meaning"),
)
def ffn_output(ffn_gate: Array, W_2: Array, b_2: Array) -> Array:
    return linear(ffn_gate, W_2, b_2)


@reference(ffn_gate)
def _ffn_gate(ffn_hidden: Matrix, attn_norm: Matrix, W_G: Matrix) -> Matrix:
    gates = times(attn_norm, W_G)
    return [[x * g for x, g in zip(*rows, strict=True)] for rows in zip(ffn_hidden, gates, strict=True)]


@reference(ffn_output)
def _ffn_output(ffn_gate: Matrix, W_2: Matrix, b_2: Row) -> Matrix:
    return plus_row(times(ffn_gate, W_2), b_2)


# ---- as values -----------------------------------------------------------------------------------------------


def _number(name: str) -> int:
    """How many stages of the article stand before one of them."""
    return [s.name for s in ARTICLE.stages].index(name)


def _fns(stages: Sequence[Stage]) -> list[Callable[..., Any]]:
    return [s.fn for s in stages]


_PARAMETERS = {n: p for n, p in PARAMETERS.items() if n not in ("gamma_2", "beta_2")}
ONE_NORM = Architecture.of(
    "one norm",
    (
        *_fns(ARTICLE.stages[: _number("ffn_output")]),
        ffn_sum,
        last_hidden_state,
        article.logits,
        article.probs,
    ),
    (attn_dot, attn_residual, ffn_pre),
    _PARAMETERS,
)
W_G = Parameter("W_G", "d f", "layer", "bold(W)_G", "W_G", Text("weights of the gate", "parameter"))
GATED = Architecture.of(
    "gated",
    (
        *_fns(ARTICLE.stages[: _number("ffn_output")]),
        ffn_gate,
        ffn_output,
        *_fns(ARTICLE.stages[_number("ffn_norm") :]),
    ),
    (attn_dot, attn_residual, ffn_pre, ffn_residual),
    {**PARAMETERS, "W_G": W_G},
)
OTHERS = {"one-norm": ONE_NORM, "gated": GATED}


def small_model(architecture: Architecture) -> Model:
    """A model of the built-in one's sizes that runs an architecture, always the same."""
    rng = np.random.default_rng(5)
    return random_model(
        rng, V=8, T=5, d=4, h=2, d_ff=6, L=2, decimals=1, words=_WORDS, architecture=architecture
    )


_WORDS = ("the", "cat", "dog", "sat", "on", "a", "mat", "ran")
