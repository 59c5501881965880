"""The choices that make an architecture, and the table that follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from tensorreel.core import intermediates as ways
from tensorreel.core import stages
from tensorreel.core.architecture import Architecture
from tensorreel.core.parameters import PARAMETERS, Parameter
from tensorreel.core.stages import ARTICLE
from tensorreel.families import (
    biased,
    gelu,
    gelu_tanh,
    last_norm,
    normed,
    normed_biased,
    pre_gelu,
    pre_gelu_tanh,
    pre_norm,
)
from tensorreel.families.learned import ATTENTION_BIASES, LAST_NORM

Functions = tuple[Callable[..., Any], ...]
ACTIVATIONS = {"relu": "ReLU", "gelu": "GELU", "gelu_tanh": "GELU by tanh"}


@dataclass(frozen=True)
class Choices:
    """What a Transformer encoder with learned positions and a tied output table may have in one way or another.

    ``norm``: LayerNorm after each sum (post) or before attention and FFN (pre). ``activation``: ``gelu`` is the exact
    one, x·Φ(x), ``gelu_tanh`` the one of GPT-2. ``attention_biases``: b_Q, b_K, b_V and b_O. ``final_norm``: a
    LayerNorm behind the last layer.
    """

    norm: Literal["post", "pre"] = "post"
    activation: Literal["relu", "gelu", "gelu_tanh"] = "relu"
    attention_biases: bool = False
    final_norm: bool = False

    @property
    def name(self) -> str:
        """``pre-LN, GELU, attention biases, last norm``: what is chosen, in the field's terms."""
        said = [f"{self.norm}-LN", ACTIVATIONS[self.activation]]
        said += ["attention biases"] if self.attention_biases else []
        return ", ".join(said + (["last norm"] if self.final_norm else []))


OF_ARTICLE = Choices()


@lru_cache
def architecture_of(choices: Choices) -> Architecture:
    """The architecture that is chosen; the article's own where everything is as there."""
    if choices == OF_ARTICLE:
        return ARTICLE
    ffn, on_the_way = _ffn(choices)
    layer = _post(choices, ffn) if choices.norm == "post" else _pre(choices, ffn)
    table: Functions = (stages.token_embedding, stages.embedding, *layer, *_output(choices), stages.probs)
    return Architecture.of(choices.name, table, (ways.attn_dot, *on_the_way), _learned(choices))


def _learned(choices: Choices) -> dict[str, Parameter]:
    return {
        **PARAMETERS,
        **(ATTENTION_BIASES if choices.attention_biases else {}),
        **(LAST_NORM if choices.final_norm else {}),
    }


def _post(choices: Choices, ffn: Functions) -> Functions:
    return (*_attention(choices), stages.attn_norm, *ffn, stages.ffn_norm)


def _pre(choices: Choices, ffn: Functions) -> Functions:
    first, second = pre_norm.attn_input, pre_norm.ffn_input
    return (first, *_attention(choices), pre_norm.attn_sum, second, *ffn, pre_norm.ffn_sum)


def _attention(choices: Choices) -> Functions:
    own: Any = {
        ("post", False): stages,
        ("post", True): biased,
        ("pre", False): normed,
        ("pre", True): normed_biased,
    }[choices.norm, choices.attention_biases]
    output = biased.attn_output if choices.attention_biases else stages.attn_output
    between = (stages.attn_scores, stages.attn_weights, stages.context)
    return (own.query, own.key, own.value, *between, own.heads, stages.concat, output)


def _ffn(choices: Choices) -> tuple[Functions, Functions]:
    """The two stages of the feed-forward network, and what a layer computes on its way."""
    own: Any = {
        ("post", "relu"): stages,
        ("post", "gelu"): gelu,
        ("pre", "relu"): pre_norm,
        ("pre", "gelu"): pre_gelu,
        ("post", "gelu_tanh"): gelu_tanh,
        ("pre", "gelu_tanh"): pre_gelu_tanh,
    }[choices.norm, choices.activation]
    before = ways.ffn_pre if own is stages else own.ffn_pre
    gathered = stages.ffn_output if choices.activation == "relu" else gelu.ffn_output
    sums = (ways.attn_residual, ways.ffn_residual) if choices.norm == "post" else ()
    return (own.ffn_hidden, gathered), (before, *sums)


def _output(choices: Choices) -> Functions:
    last = stages.last_hidden_state if choices.norm == "post" else pre_norm.last_hidden_state
    return (last, last_norm.final_norm, last_norm.logits) if choices.final_norm else (last, stages.logits)
