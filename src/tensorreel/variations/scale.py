"""Without scale: the dot products of queries and keys are the scores."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, Mask, masked, softmax
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("scale", of=stages.attn_scores)
@like(
    stages.attn_scores,
    formula=("bold(S) = bold(Q) bold(K)^top", "S = QKᵀ"),
    dims="h T k, h S k -> h T S",
    meaning=Text(
        "The dot product of a query and a key says how well they match; here nothing divides it.",
        "meaning",
    ),
)
def attn_scores(query: Array, key: Array, mask: Mask) -> Array:
    return masked(query @ key.mT, mask)


@left_out("scale", of=stages.heads)
@like(
    stages.heads,
    formula=(
        '"head"_i = "softmax"(bold(H) bold(W)_Q^i (bold(H) bold(W)_K^i)^top) bold(H) bold(W)_V^i',
        "headᵢ = softmax(H W_Qⁱ (H W_Kⁱ)ᵀ) H W_Vⁱ",
    ),
    dims="T d, h d k, h d k, h d k -> h T k",
    meaning=Text(
        "Every head runs the same steps with its own matrices; here nothing divides the dot products.",
        "meaning",
    ),
)
def heads(hidden: Array, W_Q: Array, W_K: Array, W_V: Array, mask: Mask) -> Array:
    return softmax(masked((hidden @ W_Q) @ (hidden @ W_K).mT, mask)) @ (hidden @ W_V)
