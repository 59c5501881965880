"""A norm behind the last layer, and scores of what it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, layer_norm
from tensorreel.core.table import stage
from tensorreel.families.alike import alike
from tensorreel.words.text import Text


@stage(
    symbol=("bold(N)", "N"),
    formula=('bold(N) = "LayerNorm"(bold(H)^((L)))', "N = LayerNorm(H⁽ᴸ⁾)"),
    dims="T d, d, d -> T d",
    part="output",
    title=Text("Last norm", "title"),
    meaning=Text(
        "Behind the last layer each token's vector is brought to mean 0 and variance 1 once more.", "meaning"
    ),
    scope="model",
    drawn_as="norm_alone",
)
def final_norm(last_hidden_state: Array, gamma_f: Array, beta_f: Array, eps: float) -> Array:
    return layer_norm(last_hidden_state, gamma_f, beta_f, eps)


@alike(
    stages.logits,
    formula=('"logits" = bold(N) bold(E)^top', "logits = N Eᵀ"),
    dims="T d, V d -> T V",
    drawn_as="logits",
)
def logits(final_norm: Array, E: Array) -> Array:
    return final_norm @ E.mT
