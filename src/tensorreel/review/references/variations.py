"""The references of stages that compute something else where a part of the model is left out."""

# ruff: noqa: D103  (each says what it follows)
from __future__ import annotations

from decimal import Decimal

from tensorreel.review.references import reference
from tensorreel.review.references.decimals import (
    Matrix,
    Row,
    layer_norm,
    plus,
    plus_row,
    seen,
    softmax,
    times,
    turned,
)
from tensorreel.variations import attention, bare, norm, position, relu, residual, scale

Heads = list[Matrix]


@reference(position.embedding)
def unplaced(token_embedding: Matrix) -> Matrix:
    return token_embedding


@reference(scale.attn_scores)
def unscaled(query: Heads, key: Heads, causal: bool) -> Heads:
    return [seen(times(q, turned(k)), causal) for q, k in zip(query, key, strict=True)]


@reference(scale.heads)
def unscaled_heads(hidden: Matrix, W_Q: Heads, W_K: Heads, W_V: Heads, causal: bool) -> Heads:
    return [
        times(
            list(map(softmax, seen(times(times(hidden, q), turned(times(hidden, k))), causal))),
            times(hidden, v),
        )
        for q, k, v in zip(W_Q, W_K, W_V, strict=True)
    ]


@reference(attention.attn_output)
def nothing(concat: Matrix) -> Matrix:
    return [[Decimal(0) for _ in row] for row in concat]


@reference(residual.attn_norm)
def normalised_1(attn_output: Matrix, gamma_1: Row, beta_1: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_1, beta_1, eps) for row in attn_output]


@reference(residual.ffn_norm)
def normalised_2(ffn_output: Matrix, gamma_2: Row, beta_2: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_2, beta_2, eps) for row in ffn_output]


@reference(norm.attn_norm)
def summed_1(hidden: Matrix, attn_output: Matrix) -> Matrix:
    return plus(hidden, attn_output)


@reference(norm.ffn_norm)
def summed_2(attn_norm: Matrix, ffn_output: Matrix) -> Matrix:
    return plus(attn_norm, ffn_output)


@reference(bare.attn_norm)
def handed_on_1(attn_output: Matrix) -> Matrix:
    return attn_output


@reference(bare.ffn_norm)
def handed_on_2(ffn_output: Matrix) -> Matrix:
    return ffn_output


@reference(relu.ffn_hidden)
def unbent(attn_norm: Matrix, W_1: Matrix, b_1: Row) -> Matrix:
    return plus_row(times(attn_norm, W_1), b_1)


@reference(relu.ffn_output)
def gathered(ffn_hidden: Matrix, W_2: Matrix, b_2: Row) -> Matrix:
    return plus_row(times(ffn_hidden, W_2), b_2)
