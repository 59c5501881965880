"""Attention with biases over what the norm before it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, Mask, attention, linear
from tensorreel.families.alike import alike


@alike(
    stages.query,
    formula=("bold(Q) = bold(N)_1 bold(W)_Q + bold(b)_Q", "Q = N₁ W_Q + b_Q"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="query",
)
def query(attn_input: Array, W_Q: Array, b_Q: Array) -> Array:
    return linear(attn_input, W_Q, b_Q[:, None])


@alike(
    stages.key,
    formula=("bold(K) = bold(N)_1 bold(W)_K + bold(b)_K", "K = N₁ W_K + b_K"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="key",
)
def key(attn_input: Array, W_K: Array, b_K: Array) -> Array:
    return linear(attn_input, W_K, b_K[:, None])


@alike(
    stages.value,
    formula=("bold(V) = bold(N)_1 bold(W)_V + bold(b)_V", "V = N₁ W_V + b_V"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="value",
)
def value(attn_input: Array, W_V: Array, b_V: Array) -> Array:
    return linear(attn_input, W_V, b_V[:, None])


@alike(
    stages.heads,
    formula=(
        '"head"_i = "Attention"(bold(N)_1 bold(W)_Q^i + bold(b)_Q^i, bold(N)_1 bold(W)_K^i + bold(b)_K^i, bold(N)_1 bold(W)_V^i + bold(b)_V^i)',
        "headᵢ = Attention(N₁ W_Qⁱ + b_Qⁱ, N₁ W_Kⁱ + b_Kⁱ, N₁ W_Vⁱ + b_Vⁱ)",
    ),
    dims="T d, h d k, h k, h d k, h k, h d k, h k -> h T k",
    drawn_as="heads",
)
def heads(
    attn_input: Array, W_Q: Array, b_Q: Array, W_K: Array, b_K: Array, W_V: Array, b_V: Array, mask: Mask
) -> Array:
    return attention(
        linear(attn_input, W_Q, b_Q[:, None]),
        linear(attn_input, W_K, b_K[:, None]),
        linear(attn_input, W_V, b_V[:, None]),
        mask,
    )
