"""Without residual: what a sub-layer receives is not added to what it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, layer_norm
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("residual", of=stages.attn_norm)
@like(
    stages.attn_norm,
    formula=('bold(H)\' = "LayerNorm"(bold(O))', "H′ = LayerNorm(O)"),
    dims="T d, d, d -> T d",
    title=Text("Norm, nothing added", "title"),
    meaning=Text(
        "The layer's input is not added back; each token's vector is brought to mean 0 and variance 1.",
        "meaning",
    ),
)
def attn_norm(attn_output: Array, gamma_1: Array, beta_1: Array, eps: float) -> Array:
    return layer_norm(attn_output, gamma_1, beta_1, eps)


@left_out("residual", of=stages.ffn_norm)
@like(
    stages.ffn_norm,
    formula=('bold(H)^((l+1)) = "LayerNorm"(bold(F)_2)', "H⁽ˡ⁺¹⁾ = LayerNorm(F₂)"),
    dims="T d, d, d -> T d",
    title=Text("Norm, nothing added", "title"),
    meaning=Text(
        "The feed-forward network's input is not added back either: only its result goes on.", "meaning"
    ),
)
def ffn_norm(ffn_output: Array, gamma_2: Array, beta_2: Array, eps: float) -> Array:
    return layer_norm(ffn_output, gamma_2, beta_2, eps)
