"""Attention with biases, as PyTorch's own layers have them."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, Mask, attention, linear
from tensorreel.families.alike import alike


@alike(
    stages.query,
    formula=("bold(Q) = bold(H) bold(W)_Q + bold(b)_Q", "Q = H W_Q + b_Q"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="query",
)
def query(hidden: Array, W_Q: Array, b_Q: Array) -> Array:
    return linear(hidden, W_Q, b_Q[:, None])


@alike(
    stages.key,
    formula=("bold(K) = bold(H) bold(W)_K + bold(b)_K", "K = H W_K + b_K"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="key",
)
def key(hidden: Array, W_K: Array, b_K: Array) -> Array:
    return linear(hidden, W_K, b_K[:, None])


@alike(
    stages.value,
    formula=("bold(V) = bold(H) bold(W)_V + bold(b)_V", "V = H W_V + b_V"),
    dims="T d, h d k, h k -> h T k",
    drawn_as="value",
)
def value(hidden: Array, W_V: Array, b_V: Array) -> Array:
    return linear(hidden, W_V, b_V[:, None])


@alike(
    stages.heads,
    formula=(
        '"head"_i = "Attention"(bold(H) bold(W)_Q^i + bold(b)_Q^i, bold(H) bold(W)_K^i + bold(b)_K^i, bold(H) bold(W)_V^i + bold(b)_V^i)',
        "headᵢ = Attention(H W_Qⁱ + b_Qⁱ, H W_Kⁱ + b_Kⁱ, H W_Vⁱ + b_Vⁱ)",
    ),
    dims="T d, h d k, h k, h d k, h k, h d k, h k -> h T k",
    drawn_as="heads",
)
def heads(
    hidden: Array, W_Q: Array, b_Q: Array, W_K: Array, b_K: Array, W_V: Array, b_V: Array, mask: Mask
) -> Array:
    return attention(
        linear(hidden, W_Q, b_Q[:, None]),
        linear(hidden, W_K, b_K[:, None]),
        linear(hidden, W_V, b_V[:, None]),
        mask,
    )


@alike(
    stages.attn_output,
    formula=("bold(O) = bold(M) bold(W)_O + bold(b)_O", "O = M W_O + b_O"),
    dims="T d, d d, d -> T d",
    drawn_as="attn_output",
)
def attn_output(concat: Array, W_O: Array, b_O: Array) -> Array:
    return linear(concat, W_O, b_O)
