"""A feed-forward network with GELU as GPT-2 has it, by tanh, over what the norm before it gives."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, gelu_tanh, linear
from tensorreel.families.alike import alike
from tensorreel.families.gelu_tanh import BY_TANH
from tensorreel.families.pre_gelu import ffn_pre as ffn_pre


@alike(
    stages.ffn_hidden,
    formula=(
        'bold(F)_1 = "GELU"_"tanh" (bold(N)_2 bold(W)_1 + bold(b)_1)',
        "F₁ = GELU_tanh(N₂ W₁ + b₁)",
    ),
    dims="T d, d f, f -> T f",
    meaning=BY_TANH,
    drawn_as="ffn_hidden_gelu",
)
def ffn_hidden(ffn_input: Array, W_1: Array, b_1: Array) -> Array:
    return gelu_tanh(linear(ffn_input, W_1, b_1))
