"""A feed-forward network with GELU as GPT-2 has it, by tanh, behind a norm that stands after the sum."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array, gelu_tanh, linear
from tensorreel.families.alike import alike
from tensorreel.families.gelu import ffn_pre as ffn_pre
from tensorreel.words.text import Text

BY_TANH = Text(
    "Each token is spread over more units; GELU, here by tanh, lets little of negative results through.",
    "meaning",
)


@alike(
    stages.ffn_hidden,
    formula=(
        'bold(F)_1 = "GELU"_"tanh" (bold(H)\' bold(W)_1 + bold(b)_1)',
        "F₁ = GELU_tanh(H′ W₁ + b₁)",
    ),
    dims="T d, d f, f -> T f",
    meaning=BY_TANH,
    drawn_as="ffn_hidden_gelu",
)
def ffn_hidden(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return gelu_tanh(linear(attn_norm, W_1, b_1))
