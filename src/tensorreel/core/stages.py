"""The formula table of the article: functions in order, each declared together with its formula.

A function's name is its key in the trace, its parameters name its inputs, its place in ``ARTICLE`` is its
number. Inputs are earlier stages, parameters of the model (``W_Q``), or one of four things the engine knows:
``tokens`` (the ids), ``hidden`` (H⁽ˡ⁾, what the layer receives), ``mask`` (who may look at whom) and ``eps``.

``dims`` reads like einops: inputs, arrow, output, one letter an axis. T tokens, S tokens looked at, d model
width, h heads, k head width, f feed-forward width, V vocabulary, n positions.

Source: Vaswani et al. 2017, "Attention Is All You Need", sections 3.1 to 3.5, with LayerNorm after the sum.
"""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tensorreel.core.architecture import Architecture
from tensorreel.core.functional import Array, Mask, attention, layer_norm, linear, masked, relu, softmax
from tensorreel.core.intermediates import attn_dot, attn_residual, ffn_pre, ffn_residual
from tensorreel.core.parameters import PARAMETERS
from tensorreel.core.table import stage
from tensorreel.words.text import Text


@stage(
    symbol=("bold(X)", "X"),
    formula=("bold(X) = bold(E)[t_1, dots, t_T]", "X = E[t₁, …, t_T]"),
    dims="T, V d -> T d",
    part="embedding",
    title=Text("Token embedding", "title"),
    meaning=Text(
        "Each token's number picks one row of the table E: that row is the token's vector.", "meaning"
    ),
    scope="model",
    purpose=Text("words as numbers", "recap.table"),
)
def token_embedding(tokens: NDArray[np.int64], E: Array) -> Array:
    return E[tokens]


@stage(
    symbol=("bold(H)^((0))", "H⁽⁰⁾"),
    formula=("bold(H)^((0)) = bold(X) + bold(P)", "H⁽⁰⁾ = X + P"),
    dims="T d, n d -> T d",
    part="embedding",
    title=Text("Adding the position", "title"),
    meaning=Text(
        "A vector that belongs to the position is added, so that the order of the words counts.", "meaning"
    ),
    scope="model",
    purpose=Text("with their positions", "recap.table"),
)
def embedding(token_embedding: Array, P: Array) -> Array:
    return token_embedding + P[: len(token_embedding)]


@stage(
    symbol=("bold(Q)", "Q"),
    formula=("bold(Q) = bold(H) bold(W)_Q", "Q = H W_Q"),
    dims="T d, h d k -> h T k",
    part="attention",
    title=Text("Query", "title"),
    meaning=Text("Each token works out what it is looking for in the other tokens.", "meaning"),
    purpose=Text("what a word seeks", "recap.table"),
)
def query(hidden: Array, W_Q: Array) -> Array:
    return hidden @ W_Q


@stage(
    symbol=("bold(K)", "K"),
    formula=("bold(K) = bold(H) bold(W)_K", "K = H W_K"),
    dims="T d, h d k -> h T k",
    part="attention",
    title=Text("Key", "title"),
    meaning=Text("Each token works out how it wants to be found by the queries.", "meaning"),
    purpose=Text("how it is found", "recap.table"),
)
def key(hidden: Array, W_K: Array) -> Array:
    return hidden @ W_K


@stage(
    symbol=("bold(V)", "V"),
    formula=("bold(V) = bold(H) bold(W)_V", "V = H W_V"),
    dims="T d, h d k -> h T k",
    part="attention",
    title=Text("Value", "title"),
    meaning=Text("Each token works out what it will hand over to those who look at it.", "meaning"),
    purpose=Text("what it hands over", "recap.table"),
)
def value(hidden: Array, W_V: Array) -> Array:
    return hidden @ W_V


@stage(
    symbol=("bold(S)", "S"),
    formula=("bold(S) = (bold(Q) bold(K)^top) / sqrt(d_k)", "S = QKᵀ / √d_k"),
    dims="h T k, h S k -> h T S",
    part="attention",
    title=Text("Attention scores", "title"),
    meaning=Text(
        "The dot product of a query and a key says how well they match; dividing by √d_k keeps it small.",
        "meaning",
    ),
    purpose=Text("who fits whom", "recap.table"),
)
def attn_scores(query: Array, key: Array, mask: Mask) -> Array:
    return masked(attn_dot(query, key) / np.sqrt(key.shape[-1]), mask)


@stage(
    symbol=("bold(A)", "A"),
    formula=('bold(A) = "softmax"(bold(S))', "A = softmax(S)"),
    dims="h T S -> h T S",
    part="attention",
    title=Text("Attention weights", "title"),
    meaning=Text(
        "Softmax turns each row of scores into shares that add up to 1: where the token looks.", "meaning"
    ),
    purpose=Text("where each looks", "recap.table"),
    shares=True,
)
def attn_weights(attn_scores: Array) -> Array:
    return softmax(attn_scores)


@stage(
    symbol=("bold(Z)", "Z"),
    formula=("bold(Z) = bold(A) bold(V)", "Z = A V"),
    dims="h T S, h S k -> h T k",
    part="attention",
    title=Text("Context", "title"),
    meaning=Text(
        "Each token mixes the values of all tokens in the proportions of its attention weights.", "meaning"
    ),
    purpose=Text("values, mixed", "recap.table"),
)
def context(attn_weights: Array, value: Array) -> Array:
    return attn_weights @ value


@stage(
    symbol=('"head"_i', "headᵢ"),
    formula=(
        '"head"_i = "Attention"(bold(H) bold(W)_Q^i, bold(H) bold(W)_K^i, bold(H) bold(W)_V^i)',
        "headᵢ = Attention(H W_Qⁱ, H W_Kⁱ, H W_Vⁱ)",
    ),
    dims="T d, h d k, h d k, h d k -> h T k",
    part="attention",
    title=Text("Heads side by side", "title"),
    meaning=Text(
        "Every head runs the same steps with its own matrices, so each can look at different words.",
        "meaning",
    ),
    purpose=Text("each head's result", "recap.table"),
)
def heads(hidden: Array, W_Q: Array, W_K: Array, W_V: Array, mask: Mask) -> Array:
    return attention(hidden @ W_Q, hidden @ W_K, hidden @ W_V, mask)


@stage(
    symbol=("bold(M)", "M"),
    formula=('bold(M) = "Concat"("head"_1, dots, "head"_h)', "M = Concat(head₁, …, head_h)"),
    dims="h T k -> T d",
    part="attention",
    title=Text("Concatenation", "title"),
    meaning=Text(
        "The heads' results are laid side by side, so each token has one row of full width again.", "meaning"
    ),
    purpose=Text("heads side by side", "recap.table"),
)
def concat(heads: Array) -> Array:
    return np.concatenate(list(heads), axis=-1)


@stage(
    symbol=("bold(O)", "O"),
    formula=("bold(O) = bold(M) bold(W)_O", "O = M W_O"),
    dims="T d, d d -> T d",
    part="attention",
    contracts="d",
    title=Text("Output projection", "title"),
    meaning=Text(
        "One more matrix blends what the heads have found into a single vector per token.", "meaning"
    ),
    purpose=Text("heads blended", "recap.table"),
)
def attn_output(concat: Array, W_O: Array) -> Array:
    return concat @ W_O


@stage(
    symbol=("bold(H)'", "H′"),
    formula=('bold(H)\' = "LayerNorm"(bold(H) + bold(O))', "H′ = LayerNorm(H + O)"),
    dims="T d, T d, d, d -> T d",
    part="norm",
    title=Text("Add & norm 1", "title"),
    meaning=Text(
        "The layer's input is added back, then each token's vector is brought to mean 0 and variance 1.",
        "meaning",
    ),
    purpose=Text("added, normalised", "recap.table"),
)
def attn_norm(hidden: Array, attn_output: Array, gamma_1: Array, beta_1: Array, eps: float) -> Array:
    return layer_norm(attn_residual(hidden, attn_output), gamma_1, beta_1, eps)


@stage(
    symbol=("bold(F)_1", "F₁"),
    formula=('bold(F)_1 = "ReLU"(bold(H)\' bold(W)_1 + bold(b)_1)', "F₁ = ReLU(H′ W₁ + b₁)"),
    dims="T d, d f, f -> T f",
    part="feed_forward",
    title=Text("Feed-forward 1", "title"),
    meaning=Text(
        "Each token is spread over more units; ReLU keeps positive results and sets the others to 0.",
        "meaning",
    ),
    purpose=Text("units on or off", "recap.table"),
)
def ffn_hidden(attn_norm: Array, W_1: Array, b_1: Array) -> Array:
    return relu(ffn_pre(attn_norm, W_1, b_1))


@stage(
    symbol=("bold(F)_2", "F₂"),
    formula=("bold(F)_2 = bold(F)_1 bold(W)_2 + bold(b)_2", "F₂ = F₁ W₂ + b₂"),
    dims="T f, f d, d -> T d",
    part="feed_forward",
    title=Text("Feed-forward 2", "title"),
    meaning=Text("The units that are on are gathered back into a vector of the model's width.", "meaning"),
    purpose=Text("gathered again", "recap.table"),
)
def ffn_output(ffn_hidden: Array, W_2: Array, b_2: Array) -> Array:
    return linear(ffn_hidden, W_2, b_2)


@stage(
    symbol=("bold(H)^((l+1))", "H⁽ˡ⁺¹⁾"),
    formula=(
        'bold(H)^((l+1)) = "LayerNorm"(bold(H)\' + bold(F)_2)',
        "H⁽ˡ⁺¹⁾ = LayerNorm(H′ + F₂)",
    ),
    dims="T d, T d, d, d -> T d",
    part="norm",
    title=Text("Add & norm 2", "title"),
    meaning=Text(
        "The same once more around the feed-forward network: its result is what the next layer receives.",
        "meaning",
    ),
    purpose=Text("added, normalised", "recap.table"),
)
def ffn_norm(attn_norm: Array, ffn_output: Array, gamma_2: Array, beta_2: Array, eps: float) -> Array:
    return layer_norm(ffn_residual(attn_norm, ffn_output), gamma_2, beta_2, eps)


@stage(
    symbol=("bold(H)^((L))", "H⁽ᴸ⁾"),
    formula=("bold(H)^((L)) = bold(H)^((l+1)), quad l = L - 1", "H⁽ᴸ⁾ = H⁽ˡ⁺¹⁾, l = L − 1"),
    dims="T d -> T d",
    part="output",
    title=Text("Last hidden state", "title"),
    meaning=Text(
        "What leaves the last layer: each token's vector after looking at its context L times.", "meaning"
    ),
    scope="model",
    purpose=Text("after all layers", "recap.table"),
)
def last_hidden_state(ffn_norm: Array) -> Array:
    return ffn_norm


@stage(
    symbol=('"logits"', "logits"),
    formula=('"logits" = bold(H)^((L)) bold(E)^top', "logits = H⁽ᴸ⁾ Eᵀ"),
    dims="T d, V d -> T V",
    part="output",
    title=Text("Logits", "title"),
    meaning=Text(
        "Each token's vector is compared with every word's row of E: one score per word.", "meaning"
    ),
    scope="model",
    purpose=Text("a score per word", "recap.table"),
)
def logits(last_hidden_state: Array, E: Array) -> Array:
    return last_hidden_state @ E.mT


@stage(
    symbol=("bold(p)", "p"),
    formula=('bold(p) = "softmax"("logits")', "p = softmax(logits)"),
    dims="T V -> T V",
    part="output",
    title=Text("Probabilities", "title"),
    meaning=Text(
        "Softmax turns the scores into probabilities; the last row answers which word comes next.", "meaning"
    ),
    scope="model",
    purpose=Text("the answer", "recap.table"),
    shares=True,
)
def probs(logits: Array) -> Array:
    return softmax(logits)


ARTICLE = Architecture.of(
    "article",
    (
        token_embedding,
        embedding,
        query,
        key,
        value,
        attn_scores,
        attn_weights,
        context,
        heads,
        concat,
        attn_output,
        attn_norm,
        ffn_hidden,
        ffn_output,
        ffn_norm,
        last_hidden_state,
        logits,
        probs,
    ),
    (attn_dot, attn_residual, ffn_pre, ffn_residual),
    PARAMETERS,
)
"""The architecture of the article: post-LN, ReLU, tied embeddings."""
