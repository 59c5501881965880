"""Without norm: the residual sums go on as they are."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("norm", of=stages.attn_norm)
@like(
    stages.attn_norm,
    formula=("bold(H)' = bold(H) + bold(O)", "H′ = H + O"),
    dims="T d, T d -> T d",
    title=Text("Added, no norm", "title"),
    meaning=Text("The layer's input is added back, and the sum goes on as it is.", "meaning"),
)
def attn_norm(hidden: Array, attn_output: Array) -> Array:
    return hidden + attn_output


@left_out("norm", of=stages.ffn_norm)
@like(
    stages.ffn_norm,
    formula=("bold(H)^((l+1)) = bold(H)' + bold(F)_2", "H⁽ˡ⁺¹⁾ = H′ + F₂"),
    dims="T d, T d -> T d",
    title=Text("Added, no norm", "title"),
    meaning=Text(
        "The same once more around the feed-forward network: the sum is what the next layer receives.",
        "meaning",
    ),
)
def ffn_norm(attn_norm: Array, ffn_output: Array) -> Array:
    return attn_norm + ffn_output
