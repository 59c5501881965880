"""What a stage computes on its way: the values that a picture shows between a stage's inputs and its output.

They are declared like stages and stand in the trace beside them, but are no lines of the formula table.
"""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core.functional import Array, linear
from tensorreel.core.table import intermediate
from tensorreel.words.text import Text


@intermediate(
    of="attn_scores",
    symbol=("bold(Q) bold(K)^top", "QKᵀ"),
    dims="h T k, h S k -> h T S",
    title=Text("Dot products", "title"),
)
def attn_dot(query: Array, key: Array) -> Array:
    return query @ key.mT


@intermediate(
    of="attn_norm",
    symbol=("bold(H) + bold(O)", "H + O"),
    dims="T d, T d -> T d",
    title=Text("Residual sum", "title"),
)
def attn_residual(hidden: Array, attn_output: Array) -> Array:
    return hidden + attn_output


@intermediate(
    of="ffn_hidden",
    symbol=("bold(H)' bold(W)_1 + bold(b)_1", "H′ W₁ + b₁"),
    dims="T d, d f, f -> T f",
    title=Text("Before ReLU", "title"),
)
def ffn_pre(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return linear(attn_norm, W_1, b_1)


@intermediate(
    of="ffn_norm",
    symbol=("bold(H)' + bold(F)_2", "H′ + F₂"),
    dims="T d, T d -> T d",
    title=Text("Residual sum", "title"),
)
def ffn_residual(attn_norm: Array, ffn_output: Array) -> Array:
    return attn_norm + ffn_output
