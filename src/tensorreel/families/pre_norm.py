"""Layers that normalise first: the road of the sums stays as it is, the norms stand on the branches."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, layer_norm, linear, relu
from tensorreel.core.table import intermediate, stage
from tensorreel.families.alike import alike
from tensorreel.words.text import Text


@stage(
    symbol=("bold(N)_1", "N₁"),
    formula=('bold(N)_1 = "LayerNorm"(bold(H))', "N₁ = LayerNorm(H)"),
    dims="T d, d, d -> T d",
    part="norm",
    title=Text("Norm 1", "title"),
    meaning=Text(
        "Attention gets each token's vector at mean 0 and variance 1; the layer's input itself stays as it is.",
        "meaning",
    ),
    drawn_as="norm_alone",
)
def attn_input(hidden: Array, gamma_1: Array, beta_1: Array, eps: float) -> Array:
    return layer_norm(hidden, gamma_1, beta_1, eps)


@stage(
    symbol=("bold(H)'", "H′"),
    formula=("bold(H)' = bold(H) + bold(O)", "H′ = H + O"),
    dims="T d, T d -> T d",
    part="norm",
    title=Text("Residual sum 1", "title"),
    meaning=Text("What attention gives is added to the layer's input, and nothing is normalised.", "meaning"),
    drawn_as="sum_alone",
)
def attn_sum(hidden: Array, attn_output: Array) -> Array:
    return hidden + attn_output


@stage(
    symbol=("bold(N)_2", "N₂"),
    formula=('bold(N)_2 = "LayerNorm"(bold(H)\')', "N₂ = LayerNorm(H′)"),
    dims="T d, d, d -> T d",
    part="norm",
    title=Text("Norm 2", "title"),
    meaning=Text(
        "The feed-forward network gets each token's vector at mean 0 and variance 1, too; the sum stays as it is.",
        "meaning",
    ),
    drawn_as="norm_alone",
)
def ffn_input(attn_sum: Array, gamma_2: Array, beta_2: Array, eps: float) -> Array:
    return layer_norm(attn_sum, gamma_2, beta_2, eps)


@intermediate(
    of="ffn_hidden",
    symbol=("bold(N)_2 bold(W)_1 + bold(b)_1", "N₂ W₁ + b₁"),
    dims="T d, d f, f -> T f",
    title=Text("Before ReLU", "title"),
)
def ffn_pre(ffn_input: Array, W_1: Array, b_1: Array) -> Array:
    return linear(ffn_input, W_1, b_1)


@alike(
    stages.ffn_hidden,
    formula=('bold(F)_1 = "ReLU"(bold(N)_2 bold(W)_1 + bold(b)_1)', "F₁ = ReLU(N₂ W₁ + b₁)"),
    dims="T d, d f, f -> T f",
    drawn_as="ffn_hidden",
)
def ffn_hidden(ffn_input: Array, W_1: Array, b_1: Array) -> Array:
    return relu(linear(ffn_input, W_1, b_1))


@stage(
    symbol=("bold(H)^((l+1))", "H⁽ˡ⁺¹⁾"),
    formula=("bold(H)^((l+1)) = bold(H)' + bold(F)_2", "H⁽ˡ⁺¹⁾ = H′ + F₂"),
    dims="T d, T d -> T d",
    part="norm",
    title=Text("Residual sum 2", "title"),
    meaning=Text(
        "What the feed-forward network gives is added, too: this sum is what the next layer receives.",
        "meaning",
    ),
    drawn_as="sum_alone",
)
def ffn_sum(attn_sum: Array, ffn_output: Array) -> Array:
    return attn_sum + ffn_output


@alike(
    stages.last_hidden_state,
    formula=("bold(H)^((L)) = bold(H)^((l+1)), quad l = L - 1", "H⁽ᴸ⁾ = H⁽ˡ⁺¹⁾, l = L − 1"),
    dims="T d -> T d",
    drawn_as="last_hidden_state",
)
def last_hidden_state(ffn_sum: Array) -> Array:
    return ffn_sum
