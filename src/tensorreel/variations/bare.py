"""Without residual and without norm: what a sub-layer gives goes on as it is."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array
from tensorreel.variations import norm, residual
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("norm", of=residual.attn_norm)
@left_out("residual", of=norm.attn_norm)
@like(
    stages.attn_norm,
    formula=("bold(H)' = bold(O)", "H′ = O"),
    dims="T d -> T d",
    title=Text("Neither sum nor norm", "title"),
    meaning=Text("Nothing is added back and nothing normalised: what attention gives goes on.", "meaning"),
)
def attn_norm(attn_output: Array) -> Array:
    return attn_output


@left_out("norm", of=residual.ffn_norm)
@left_out("residual", of=norm.ffn_norm)
@like(
    stages.ffn_norm,
    formula=("bold(H)^((l+1)) = bold(F)_2", "H⁽ˡ⁺¹⁾ = F₂"),
    dims="T d -> T d",
    title=Text("Neither sum nor norm", "title"),
    meaning=Text("The same once more: what the feed-forward network gives goes on as it is.", "meaning"),
)
def ffn_norm(ffn_output: Array) -> Array:
    return ffn_output
