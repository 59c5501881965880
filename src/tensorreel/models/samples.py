"""Models for tests, checks and trials: random ones of any size, and named ones at the edges of the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tensorreel.core.architecture import Architecture
from tensorreel.core.functional import Array
from tensorreel.core.model import Model, ModelConfig
from tensorreel.core.parameters import PARAMETERS
from tensorreel.core.stages import ARTICLE


def random_model(
    rng: np.random.Generator,
    *,
    V: int,
    T: int,
    d: int,
    h: int,
    d_ff: int,
    L: int,
    causal: bool = False,
    words: Sequence[str] | None = None,
    scale: float = 0.6,
    decimals: int | None = None,
    architecture: Architecture = ARTICLE,
) -> Model:
    """A model of the given sizes with normal weights of deviation ``scale`` and T random tokens.

    γ is near 1 and β near 0; ``decimals`` rounds every weight, as an authored model would be.
    """
    config = ModelConfig(V, T, d, h, d_ff, L, causal)
    params: dict[str, Array] = {}
    for full in architecture.tensor_names(L):
        short = full.rpartition(".")[2]
        array = rng.normal(0.0, scale, architecture.parameters[short].shape(config.sizes()))
        array = 1 + array / 4 if short.startswith("gamma") else array
        params[full] = array if decimals is None else np.round(array, decimals) + 0.0
    tokens = tuple(int(i) for i in rng.integers(0, V, T))
    return Model(config, tuple(words or _words(V)), tokens, params, architecture=architecture)


def _words(vocab_size: int) -> list[str]:
    return [f"w{i}" for i in range(vocab_size)]


_MEDICAL = ("薬", "糖", "尿", "病", "の", "治療", "法", "血圧", "検査", "食", "眠", "熱")
_LONG = ("アンジオテンシン変換酵素阻害薬", "electroencephalography", "の", "治療", "hippopotomonstro", "a")


def _with(model: Model, **entries: dict[tuple[int, ...], float]) -> Model:
    """A copy with single entries replaced; ``W_1`` stands for the first layer's."""
    params = {name: array.copy() for name, array in model.params.items()}
    for short, cells in entries.items():
        full = short if PARAMETERS[short].scope == "model" else f"layers.0.{short}"
        for index, value in cells.items():
            params[full][index] = value
    return replace(model, params=params)


def sample_models() -> dict[str, Model]:
    """Named models inside the numeric view (T ≤ 8, d ≤ 8, h ≤ 4, d_ff ≤ 12, V ≤ 12), always the same."""

    def made(seed: int, **facts: Any) -> Model:
        return random_model(np.random.default_rng(seed), **facts)

    plain = replace(made(14, V=6, T=4, d=4, h=2, d_ff=6, L=1, decimals=1), tokens=(0, 1, 2, 5))
    long = made(13, V=6, T=6, d=4, h=2, d_ff=8, L=1, words=_LONG, decimals=1)
    return {
        "smallest": made(11, V=2, T=1, d=2, h=1, d_ff=2, L=1, words=("はい", "いいえ")),
        "largest": made(12, V=12, T=8, d=8, h=4, d_ff=12, L=2, words=_MEDICAL),
        "long-words": replace(long, tokens=(0, 1, 2, 3, 4, 5)),
        "far-numbers": _with(
            plain,
            E={(0, 0): -123.45, (1, 1): 0.0004, (2, 2): 98.7},
            P={(0, 3): 1234.5, (1, 0): -0.0004},
            W_Q={(0, 0, 0): -0.0007, (1, 2, 1): 12.25},
            b_1={(0,): -45.75, (3,): 0.0002},
        ),
        "causal": made(15, V=7, T=5, d=4, h=2, d_ff=6, L=2, causal=True, words=_MEDICAL[:7], decimals=1),
        "one-token": made(16, V=5, T=1, d=6, h=3, d_ff=9, L=1, words=_MEDICAL[:5], decimals=2),
        "one-head": made(17, V=9, T=3, d=3, h=1, d_ff=5, L=3, words=_MEDICAL[:9], decimals=1),
        "three-heads": made(18, V=10, T=7, d=6, h=3, d_ff=12, L=1, words=_MEDICAL[:10], causal=True),
    }


def many_heads() -> dict[str, Model]:
    """Named models of 5 to 16 heads, of which not all are drawn; the last one counts its units in four digits."""

    def made(seed: int, **facts: Any) -> Model:
        return random_model(np.random.default_rng(seed), T=6, **facts)

    return {
        "five-heads": made(20, V=9, d=10, h=5, d_ff=12, L=1, words=_MEDICAL[:9], decimals=1),
        "eight-heads": made(21, V=12, d=16, h=8, d_ff=32, L=2, words=_MEDICAL),
        "sixteen-heads": made(22, V=40, d=32, h=16, d_ff=3072, L=1, scale=0.3),
    }


def large_model() -> Model:
    """Beyond the numeric view: V = 1000, T = 32, d = 64, h = 4, d_ff = 256, L = 4, always the same."""
    rng = np.random.default_rng(19)
    return random_model(rng, V=1000, T=32, d=64, h=4, d_ff=256, L=4, scale=0.15)
