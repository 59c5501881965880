"""Without ReLU: both layers of the feed-forward network are linear."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, linear
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("relu", of=stages.ffn_hidden)
@like(
    stages.ffn_hidden,
    formula=("bold(F)_1 = bold(H)' bold(W)_1 + bold(b)_1", "F₁ = H′ W₁ + b₁"),
    dims="T d, d f, f -> T f",
    meaning=Text("Each token is spread over more units, and negative results stay as they are.", "meaning"),
)
def ffn_hidden(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return linear(attn_norm, W_1, b_1)


@left_out("relu", of=stages.ffn_output)
@like(
    stages.ffn_output,
    formula=("bold(F)_2 = bold(F)_1 bold(W)_2 + bold(b)_2", "F₂ = F₁ W₂ + b₂"),
    dims="T f, f d, d -> T d",
    meaning=Text(
        "All units are gathered back into a vector of the model's width, negative ones as well.", "meaning"
    ),
)
def ffn_output(ffn_hidden: Array, W_2: Array, b_2: Array) -> Array:
    return linear(ffn_hidden, W_2, b_2)
