"""The operations of a Transformer layer as pure NumPy functions.

Every function works on the last axis or the last two, whatever stands before them, and reports a row it
cannot compute as a ``RowError``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class RowError(ArithmeticError):
    """A row that has no result; ``row`` is its index without the last axis, ``reason`` says why."""

    def __init__(self, row: tuple[int, ...], reason: str) -> None:
        super().__init__(f"row {list(row)}: {reason}")
        self.row, self.reason = row, reason


def _refuse(bad: NDArray[np.bool_], reason: str) -> None:
    if bad.any():
        raise RowError(tuple(int(i) for i in np.argwhere(bad)[0]), reason)


def softmax(x: Array) -> Array:
    """[..., n] -> [..., n]: e^x over its sum, each row adding up to 1.

    The row's maximum is subtracted first: the result is the same and no exponential overflows. −inf gives
    an exact 0; a row of nothing but −inf raises ``RowError``. Source: Vaswani et al. 2017, section 3.2.1.
    """
    top = x.max(axis=-1, keepdims=True)
    _refuse(np.isneginf(top)[..., 0], "every score is masked, expected one that is not")
    e = np.exp(x - top)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """[..., d], [d], [d] -> [..., d]: (x − mean) / √(variance + eps) · gamma + beta, row by row.

    The variance is the population's (divided by d) and eps stands inside the root, as in Ba et al. 2016 and
    ``torch.nn.LayerNorm``. A row of zero variance with eps = 0, or of one that overflows, raises ``RowError``.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.square(centred).mean(axis=-1, keepdims=True) + eps
    _refuse(~np.isfinite(spread)[..., 0], "its variance is too large, expected one that can be computed")
    _refuse((spread == 0)[..., 0], "its variance is zero and eps = 0, expected one of them above 0")
    return np.asarray(centred / np.sqrt(spread) * gamma + beta)


def relu(x: Array) -> Array:
    """[...] -> [...]: max(0, x). Source: Vaswani et al. 2017, section 3.3."""
    return np.maximum(x, 0.0)


def gelu(x: Array) -> Array:
    """[...] -> [...]: x·Φ(x), with the normal distribution's Φ; no approximation.

    Source: Hendrycks & Gimpel 2016, section 2; ``torch.nn.GELU()``.
    """
    shares = [math.erfc(-v / math.sqrt(2.0)) / 2.0 for v in x.ravel().tolist()]
    return np.asarray(x * np.reshape(shares, x.shape))


def gelu_tanh(x: Array) -> Array:
    """[...] -> [...]: x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which comes near to x·Φ(x).

    Source: Hendrycks & Gimpel 2016, section 2; GPT-2 and ``torch.nn.GELU("tanh")``.
    """
    return np.asarray(x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """[..., n], [n, m], [m] -> [..., m]: x·W + b."""
    return np.asarray(x @ weight + bias)


def masked(scores: Array, mask: Mask) -> Array:
    """[..., T, S], [T, S] -> [..., T, S]: −inf where the mask says that a token may not look."""
    return np.where(mask, scores, -np.inf)


def attention(query: Array, key: Array, value: Array, mask: Mask) -> Array:
    """[..., T, k], [..., S, k], [..., S, k], [T, S] -> [..., T, k]: softmax(QKᵀ/√k)·V.

    Source: Vaswani et al. 2017, equation 1.
    """
    scores = query @ key.mT / np.sqrt(key.shape[-1])
    return softmax(masked(scores, mask)) @ value


def attention_mask(tokens: int, causal: bool) -> Mask:
    """The mask of T tokens, [T, T]: True where the row's token may look at the column's token."""
    everything = np.ones((tokens, tokens), dtype=np.bool_)
    return np.tril(everything) if causal else everything
