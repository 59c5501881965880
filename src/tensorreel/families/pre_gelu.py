"""A feed-forward network with GELU over what the norm before it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, gelu, linear
from tensorreel.core.table import intermediate
from tensorreel.families.alike import alike
from tensorreel.families.gelu import GELU
from tensorreel.words.text import Text


@intermediate(
    of="ffn_hidden",
    symbol=("bold(N)_2 bold(W)_1 + bold(b)_1", "N₂ W₁ + b₁"),
    dims="T d, d f, f -> T f",
    title=Text("Before GELU", "title"),
)
def ffn_pre(ffn_input: Array, W_1: Array, b_1: Array) -> Array:
    return linear(ffn_input, W_1, b_1)


@alike(
    stages.ffn_hidden,
    formula=('bold(F)_1 = "GELU"(bold(N)_2 bold(W)_1 + bold(b)_1)', "F₁ = GELU(N₂ W₁ + b₁)"),
    dims="T d, d f, f -> T f",
    meaning=GELU,
    drawn_as="ffn_hidden_gelu",
)
def ffn_hidden(ffn_input: Array, W_1: Array, b_1: Array) -> Array:
    return gelu(linear(ffn_input, W_1, b_1))
