"""Attention over what the norm before it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, Mask, attention
from tensorreel.families.alike import alike


@alike(
    stages.query,
    formula=("bold(Q) = bold(N)_1 bold(W)_Q", "Q = N₁ W_Q"),
    dims="T d, h d k -> h T k",
    drawn_as="query",
)
def query(attn_input: Array, W_Q: Array) -> Array:
    return attn_input @ W_Q


@alike(
    stages.key,
    formula=("bold(K) = bold(N)_1 bold(W)_K", "K = N₁ W_K"),
    dims="T d, h d k -> h T k",
    drawn_as="key",
)
def key(attn_input: Array, W_K: Array) -> Array:
    return attn_input @ W_K


@alike(
    stages.value,
    formula=("bold(V) = bold(N)_1 bold(W)_V", "V = N₁ W_V"),
    dims="T d, h d k -> h T k",
    drawn_as="value",
)
def value(attn_input: Array, W_V: Array) -> Array:
    return attn_input @ W_V


@alike(
    stages.heads,
    formula=(
        '"head"_i = "Attention"(bold(N)_1 bold(W)_Q^i, bold(N)_1 bold(W)_K^i, bold(N)_1 bold(W)_V^i)',
        "headᵢ = Attention(N₁ W_Qⁱ, N₁ W_Kⁱ, N₁ W_Vⁱ)",
    ),
    dims="T d, h d k, h d k, h d k -> h T k",
    drawn_as="heads",
)
def heads(attn_input: Array, W_Q: Array, W_K: Array, W_V: Array, mask: Mask) -> Array:
    return attention(attn_input @ W_Q, attn_input @ W_K, attn_input @ W_V, mask)
