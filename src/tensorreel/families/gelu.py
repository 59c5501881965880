"""A feed-forward network with GELU behind a norm that stands after the sum."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, gelu, linear
from tensorreel.core.table import intermediate
from tensorreel.families.alike import alike
from tensorreel.words.text import Text

GELU = Text(
    "Each token is spread over more units; GELU keeps large results and lets little of negative ones through.",
    "meaning",
)


@intermediate(
    of="ffn_hidden",
    symbol=("bold(H)' bold(W)_1 + bold(b)_1", "H′ W₁ + b₁"),
    dims="T d, d f, f -> T f",
    title=Text("Before GELU", "title"),
)
def ffn_pre(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return linear(attn_norm, W_1, b_1)


@alike(
    stages.ffn_hidden,
    formula=('bold(F)_1 = "GELU"(bold(H)\' bold(W)_1 + bold(b)_1)', "F₁ = GELU(H′ W₁ + b₁)"),
    dims="T d, d f, f -> T f",
    meaning=GELU,
    drawn_as="ffn_hidden_gelu",
)
def ffn_hidden(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return gelu(linear(attn_norm, W_1, b_1))


@alike(
    stages.ffn_output,
    formula=("bold(F)_2 = bold(F)_1 bold(W)_2 + bold(b)_2", "F₂ = F₁ W₂ + b₂"),
    dims="T f, f d, d -> T d",
    meaning=Text(
        "All units are gathered back into a vector of the model's width, negative ones as well.", "meaning"
    ),
    drawn_as="ffn_output_of_all",
)
def ffn_output(ffn_hidden: Array, W_2: Array, b_2: Array) -> Array:
    return linear(ffn_hidden, W_2, b_2)
