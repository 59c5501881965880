"""The references of the stages that families have in the place of the article's."""

# ruff: noqa: D103  (each says what it follows)
from __future__ import annotations

from decimal import Decimal

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
from tensorreel.review.references import reference
from tensorreel.review.references.decimals import (
    Matrix,
    Row,
    gelu_by_tanh,
    gelu_exact,
    layer_norm,
    plus,
    plus_row,
    seen,
    softmax,
    times,
    turned,
)

Heads = list[Matrix]


def _moved(x: Matrix, W: Heads, b: Matrix) -> Heads:
    return [plus_row(times(x, w), row) for w, row in zip(W, b, strict=True)]


def _attended(queries: Heads, keys: Heads, values: Heads, causal: bool) -> Heads:
    found = []
    for q, k, v in zip(queries, keys, values, strict=True):
        root = Decimal(len(k[0])).sqrt()
        scores = [[x / root for x in row] for row in times(q, turned(k))]
        found.append(times([softmax(row) for row in seen(scores, causal)], v))
    return found


def _turned_by(x: Matrix, W: Heads) -> Heads:
    return [times(x, w) for w in W]


@reference(biased.query)
def biased_query(hidden: Matrix, W_Q: Heads, b_Q: Matrix) -> Heads:
    return _moved(hidden, W_Q, b_Q)


@reference(biased.key)
def biased_key(hidden: Matrix, W_K: Heads, b_K: Matrix) -> Heads:
    return _moved(hidden, W_K, b_K)


@reference(biased.value)
def biased_value(hidden: Matrix, W_V: Heads, b_V: Matrix) -> Heads:
    return _moved(hidden, W_V, b_V)


@reference(biased.heads)
def biased_heads(
    hidden: Matrix, W_Q: Heads, b_Q: Matrix, W_K: Heads, b_K: Matrix, W_V: Heads, b_V: Matrix, causal: bool
) -> Heads:
    return _attended(_moved(hidden, W_Q, b_Q), _moved(hidden, W_K, b_K), _moved(hidden, W_V, b_V), causal)


@reference(normed.query)
def normed_query(attn_input: Matrix, W_Q: Heads) -> Heads:
    return _turned_by(attn_input, W_Q)


@reference(normed.key)
def normed_key(attn_input: Matrix, W_K: Heads) -> Heads:
    return _turned_by(attn_input, W_K)


@reference(normed.value)
def normed_value(attn_input: Matrix, W_V: Heads) -> Heads:
    return _turned_by(attn_input, W_V)


@reference(normed.heads)
def normed_heads(attn_input: Matrix, W_Q: Heads, W_K: Heads, W_V: Heads, causal: bool) -> Heads:
    return _attended(
        _turned_by(attn_input, W_Q), _turned_by(attn_input, W_K), _turned_by(attn_input, W_V), causal
    )


@reference(normed_biased.query)
def normed_biased_query(attn_input: Matrix, W_Q: Heads, b_Q: Matrix) -> Heads:
    return _moved(attn_input, W_Q, b_Q)


@reference(normed_biased.key)
def normed_biased_key(attn_input: Matrix, W_K: Heads, b_K: Matrix) -> Heads:
    return _moved(attn_input, W_K, b_K)


@reference(normed_biased.value)
def normed_biased_value(attn_input: Matrix, W_V: Heads, b_V: Matrix) -> Heads:
    return _moved(attn_input, W_V, b_V)


@reference(normed_biased.heads)
def normed_biased_heads(
    attn_input: Matrix,
    W_Q: Heads,
    b_Q: Matrix,
    W_K: Heads,
    b_K: Matrix,
    W_V: Heads,
    b_V: Matrix,
    causal: bool,
) -> Heads:
    return _attended(
        _moved(attn_input, W_Q, b_Q), _moved(attn_input, W_K, b_K), _moved(attn_input, W_V, b_V), causal
    )


@reference(biased.attn_output)
def biased_output(concat: Matrix, W_O: Matrix, b_O: Row) -> Matrix:
    return plus_row(times(concat, W_O), b_O)


@reference(pre_norm.attn_input)
def before_attention(hidden: Matrix, gamma_1: Row, beta_1: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_1, beta_1, eps) for row in hidden]


@reference(pre_norm.attn_sum)
def first_sum(hidden: Matrix, attn_output: Matrix) -> Matrix:
    return plus(hidden, attn_output)


@reference(pre_norm.ffn_input)
def before_ffn(attn_sum: Matrix, gamma_2: Row, beta_2: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_2, beta_2, eps) for row in attn_sum]


@reference(pre_norm.ffn_pre)
@reference(pre_gelu.ffn_pre)
def units_of_norm(ffn_input: Matrix, W_1: Matrix, b_1: Row) -> Matrix:
    return plus_row(times(ffn_input, W_1), b_1)


@reference(pre_norm.ffn_hidden)
def rectified_of_norm(ffn_pre: Matrix) -> Matrix:
    return [[max(x, Decimal(0)) for x in row] for row in ffn_pre]


@reference(pre_norm.ffn_sum)
def second_sum(attn_sum: Matrix, ffn_output: Matrix) -> Matrix:
    return plus(attn_sum, ffn_output)


@reference(pre_norm.last_hidden_state)
def last_sum(ffn_sum: Matrix) -> Matrix:
    return ffn_sum


@reference(gelu.ffn_pre)
def units_for_gelu(attn_norm: Matrix, W_1: Matrix, b_1: Row) -> Matrix:
    return plus_row(times(attn_norm, W_1), b_1)


@reference(gelu.ffn_hidden)
@reference(pre_gelu.ffn_hidden)
def bent(ffn_pre: Matrix) -> Matrix:
    return [[gelu_exact(x) for x in row] for row in ffn_pre]


@reference(gelu_tanh.ffn_hidden)
@reference(pre_gelu_tanh.ffn_hidden)
def bent_by_tanh(ffn_pre: Matrix) -> Matrix:
    return [[gelu_by_tanh(x) for x in row] for row in ffn_pre]


@reference(gelu.ffn_output)
def all_gathered(ffn_hidden: Matrix, W_2: Matrix, b_2: Row) -> Matrix:
    return plus_row(times(ffn_hidden, W_2), b_2)


@reference(last_norm.final_norm)
def last_normalised(last_hidden_state: Matrix, gamma_f: Row, beta_f: Row, eps: Decimal) -> Matrix:
    return [layer_norm(row, gamma_f, beta_f, eps) for row in last_hidden_state]


@reference(last_norm.logits)
def scores_of_norm(final_norm: Matrix, E: Matrix) -> Matrix:
    return times(final_norm, turned(E))
