"""The references of the article's stages."""

# ruff: noqa: D103  (each says what it follows)
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tensorreel.core import intermediates as ways
from tensorreel.core import stages
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

Heads = list[Matrix]


@reference(stages.token_embedding)
def token_embedding(tokens: Sequence[int], E: Matrix) -> Matrix:
    return [E[t] for t in tokens]


@reference(stages.embedding)
def embedding(token_embedding: Matrix, P: Matrix) -> Matrix:
    return plus(token_embedding, P[: len(token_embedding)])


@reference(stages.query)
def query(hidden: Matrix, W_Q: Heads) -> Heads:
    return [times(hidden, w) for w in W_Q]


@reference(stages.key)
def key(hidden: Matrix, W_K: Heads) -> Heads:
    return [times(hidden, w) for w in W_K]


@reference(stages.value)
def value(hidden: Matrix, W_V: Heads) -> Heads:
    return [times(hidden, w) for w in W_V]


@reference(ways.attn_dot)
def attn_dot(query: Heads, key: Heads) -> Heads:
    return [times(q, turned(k)) for q, k in zip(query, key, strict=True)]


@reference(stages.attn_scores)
def attn_scores(attn_dot: Heads, key: Heads, causal: bool) -> Heads:
    root = Decimal(len(key[0][0])).sqrt()
    return [seen([[x / root for x in row] for row in dots], causal) for dots in attn_dot]


@reference(stages.attn_weights)
def attn_weights(attn_scores: Heads) -> Heads:
    return [[softmax(row) for row in head] for head in attn_scores]


@reference(stages.context)
def context(attn_weights: Heads, value: Heads) -> Heads:
    return [times(a, v) for a, v in zip(attn_weights, value, strict=True)]


@reference(stages.heads)
def heads(context: Heads) -> Heads:
    return context


@reference(stages.concat)
def concat(context: Heads) -> Matrix:
    return [[v for head in context for v in head[t]] for t in range(len(context[0]))]


@reference(stages.attn_output)
def attn_output(concat: Matrix, W_O: Matrix) -> Matrix:
    return times(concat, W_O)


@reference(ways.attn_residual)
def attn_residual(hidden: Matrix, attn_output: Matrix) -> Matrix:
    return plus(hidden, attn_output)


@reference(stages.attn_norm)
def attn_norm(attn_residual: Matrix, gamma_1: Row, beta_1: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_1, beta_1, eps) for row in attn_residual]


@reference(ways.ffn_pre)
def ffn_pre(attn_norm: Matrix, W_1: Matrix, b_1: Row) -> Matrix:
    return plus_row(times(attn_norm, W_1), b_1)


@reference(stages.ffn_hidden)
def ffn_hidden(ffn_pre: Matrix) -> Matrix:
    return [[max(x, Decimal(0)) for x in row] for row in ffn_pre]


@reference(stages.ffn_output)
def ffn_output(ffn_hidden: Matrix, W_2: Matrix, b_2: Row) -> Matrix:
    return plus_row(times(ffn_hidden, W_2), b_2)


@reference(ways.ffn_residual)
def ffn_residual(attn_norm: Matrix, ffn_output: Matrix) -> Matrix:
    return plus(attn_norm, ffn_output)


@reference(stages.ffn_norm)
def ffn_norm(ffn_residual: Matrix, gamma_2: Row, beta_2: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_2, beta_2, eps) for row in ffn_residual]


@reference(stages.last_hidden_state)
def last_hidden_state(ffn_norm: Matrix) -> Matrix:
    return ffn_norm


@reference(stages.logits)
def logits(last_hidden_state: Matrix, E: Matrix) -> Matrix:
    return times(last_hidden_state, turned(E))


@reference(stages.probs)
def probs(logits: Matrix) -> Matrix:
    return [softmax(row) for row in logits]
