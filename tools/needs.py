"""What a tiny model must need, each line a small function: the search's cost, and the test's list.

The forward pass stands here a second time, for many models at once and with parts switched off; it shares no code
with the engine. Shapes: R runs, M models, L layers, h heads, T tokens, d width, k head width, f units, V words.
A function gives for each model how far it misses its line, [M], 0 where it holds. ``NEEDS`` have to hold; ``PICTURES``
are wishes, of which a model may miss a little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Miss = Callable[["Runs"], Array]

V, T, D, HEADS, K, F, LAYERS = 8, 5, 4, 2, 2, 6, 2
EPS = 1e-5
SHAPES: Mapping[str, tuple[int, ...]] = {
    "W_Q": (HEADS, D, K),
    "W_K": (HEADS, D, K),
    "W_V": (HEADS, D, K),
    "W_O": (D, D),
    "W_1": (D, F),
    "b_1": (F,),
    "W_2": (F, D),
    "b_2": (D,),
}
P = np.array(
    [
        [0.0, 0.1, 0.0, 0.1],
        [0.1, 0.0, 0.1, 0.0],
        [0.2, 0.1, 0.0, 0.1],
        [0.3, 0.0, 0.1, 0.0],
        [0.4, 0.1, 0.0, 0.1],
    ]
)
X = np.array(
    [
        [0.1, 0.3, -0.1, 0.2],
        [-0.2, 0.0, 0.5, 0.1],
        [0.3, 0.1, -0.3, 0.4],
        [0.0, -0.1, 0.2, 0.2],
        [0.1, 0.4, 0.1, -0.1],
    ]
)
SENTENCE = (1, 2, 3, 4, 5)
RIVAL, ANSWER = 0, 6


@dataclass(frozen=True)
class Switches:
    """One run: whether two words have changed places, and which parts are on (1) or off (0)."""

    swapped: bool = False
    position: float = 1
    heads: tuple[float, ...] = (1, 1)
    residual: float = 1
    norm: float = 1
    relu: float = 1


RUNS: Mapping[str, Switches] = {
    "whole": Switches(),
    "swapped": Switches(swapped=True),
    "without attention": Switches(heads=(0, 0)),
    "without head 1": Switches(heads=(0, 1)),
    "without head 2": Switches(heads=(1, 0)),
    "without position": Switches(position=0),
    "without residual": Switches(residual=0),
    "without LayerNorm": Switches(norm=0),
    "without ReLU": Switches(relu=0),
}
NAMES = tuple(RUNS)


def _switch(name: str, axes: int) -> Array:
    """One switch of every run, [R, 1, …], ready for arrays of ``axes`` axes behind it."""
    return np.array([getattr(run, name) for run in RUNS.values()], dtype=np.float64).reshape(-1, *[1] * axes)


GATES = np.array([run.heads for run in RUNS.values()])[:, None, :, None, None]
POSITION, RESIDUAL = _switch("position", 3), _switch("residual", 3)
NORM, RELU = _switch("norm", 3) > 0, _switch("relu", 3) > 0


def softmax(x: Array) -> Array:
    """[…, n] -> […, n]."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def standardised(x: Array) -> Array:
    """[R, M, T, d] -> the same, every row with mean 0 and variance 1 in the runs that have their norm."""
    centred = x - x.mean(-1, keepdims=True)
    return np.asarray(np.where(NORM, centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + EPS), x))


@dataclass(frozen=True)
class Task:
    """What a sentence asks: ``swapped`` is the order of its words that has another answer; in head 1 of layer 1 the word
    at place ``looks[0]`` looks at the one at ``looks[1]``.
    """

    swapped: tuple[int, ...]
    looks: tuple[int, int]


@dataclass(frozen=True)
class Runs:
    """All runs of M models: p [R, M, V] of the last word, and of the whole run what the pictures show.

    ``Q K V`` [L, M, h, T, k], ``S A`` [L, M, h, T, T], ``units`` [L, M, T, f] before ReLU; ``cells`` [M, n] are all
    numbers of the whole run but ``sums`` [M, n], what LayerNorm is given, ``weights`` [M, n] those of the model, E first.
    """

    p: Array
    Q: Array
    K: Array
    V: Array
    S: Array
    A: Array
    units: Array
    cells: Array
    sums: Array
    weights: Array
    task: Task

    def of(self, name: str) -> Array:
        """The last word's probabilities in a run, [M, V]."""
        return np.asarray(self.p[NAMES.index(name)])


def runs(weights: Mapping[str, Array], task: Task) -> Runs:
    """Every run of M models; ``weights`` are E [M, V, d] and the layers' [L, M, …]."""
    E = weights["E"]
    tokens = np.array([task.swapped if run.swapped else SENTENCE for run in RUNS.values()])
    hidden = E[:, tokens].swapaxes(0, 1) + POSITION * P
    kept: list[tuple[Array, ...]] = []
    summed: list[Array] = []
    for layer in range(LAYERS):
        W = {name: weights[name][layer] for name in SHAPES}
        rows = hidden[:, :, None]
        q, k, v = rows @ W["W_Q"], rows @ W["W_K"], rows @ W["W_V"]
        s = q @ k.mT / np.sqrt(K)
        a = softmax(s)
        z = GATES * (a @ v)
        out = np.concatenate([z[:, :, i] for i in range(HEADS)], -1) @ W["W_O"]
        first = RESIDUAL * hidden + out
        mid = standardised(first)
        units = mid @ W["W_1"] + W["b_1"][:, None]
        fed = np.where(RELU, np.maximum(units, 0), units) @ W["W_2"] + W["b_2"][:, None]
        second = RESIDUAL * mid + fed
        hidden = standardised(second)
        summed += [first[0], second[0]]
        kept.append(tuple(x[0] for x in (q, k, v, s, a, units, z, out, mid, fed, hidden)))
    stacked = [np.stack(x) for x in zip(*kept, strict=True)]
    Q, keys, values, S, A, units = stacked[:6]
    logits = hidden @ E.mT
    p = softmax(logits)
    cells = np.concatenate([*map(_by_model, stacked), _flattened(logits[0]), _flattened(p[0])], -1)
    everything = np.concatenate([_flattened(E), *(_by_model(weights[n]) for n in SHAPES)], -1)
    return Runs(
        p[:, :, -1], Q, keys, values, S, A, units, cells, _by_model(np.stack(summed)), everything, task
    )


def _flattened(x: Array) -> Array:
    return x.reshape(len(x), -1)


def _by_model(layers: Array) -> Array:
    return _flattened(layers.swapaxes(0, 1))


def below(x: Array, least: float) -> Array:
    """How far each x stays below what it has to reach."""
    return np.maximum(least - x, 0)


def above(x: Array, most: float) -> Array:
    """How far each x goes beyond what it may reach."""
    return np.maximum(x - most, 0)


def lead(p: Array, word: int) -> Array:
    """By how much a word is ahead of the best other one (negative: behind), [M]."""
    return np.asarray(p[:, word] - np.delete(p, word, -1).max(-1))


def moved(r: Runs, name: str) -> Array:
    """By how much p of the answer differs in a run, [M]."""
    return np.abs(r.of(name)[:, ANSWER] - r.of("whole")[:, ANSWER])


def answer(r: Runs) -> Array:
    """0.42 ≤ p(answer) ≤ 0.80, the likeliest."""
    p = r.of("whole")
    return below(p[:, ANSWER], 0.42) + above(p[:, ANSWER], 0.80) + below(lead(p, ANSWER), 0.01)


def rival(r: Runs) -> Array:
    """The runner-up is the rival, p ≥ 0.10."""
    p = r.of("whole")
    return below(p[:, RIVAL], 0.10) + below(lead(np.delete(p, ANSWER, -1), RIVAL), 0.01)


def order(r: Runs) -> Array:
    """Two words change places: the rival wins, ahead by 0.03."""
    return below(lead(r.of("swapped"), RIVAL), 0.03)


def attention(r: Runs) -> Array:
    """Without attention another word is ahead of the answer by 0.03."""
    return above(lead(r.of("without attention"), ANSWER), -0.03)


def heads(r: Runs) -> Array:
    """Without a head p(answer) moves by 0.06; without one of them another word wins."""
    names = ("without head 1", "without head 2")
    leads = np.min([lead(r.of(name), ANSWER) for name in names], 0)
    return np.asarray(sum(below(moved(r, name), 0.06) for name in names) + above(leads, -0.01))


def position(r: Runs) -> Array:
    """Without P p(answer) moves by 0.08."""
    return below(moved(r, "without position"), 0.08)


def residual(r: Runs) -> Array:
    """Without both sums p(answer) moves by 0.10."""
    return below(moved(r, "without residual"), 0.10)


def norm(r: Runs) -> Array:
    """Without LayerNorm p(answer) moves by 0.10."""
    return below(moved(r, "without LayerNorm"), 0.10)


def relu(r: Runs) -> Array:
    """Without ReLU p(answer) moves by 0.10."""
    return below(moved(r, "without ReLU"), 0.10)


def _others(r: Runs) -> Array:
    """The weights with which tokens look at other tokens, [L, M, h, T, T]; 0 at themselves."""
    return r.A * (1 - np.eye(T))


def looks_at_others(r: Runs) -> Array:
    """In each head two tokens put 0.42 on one other token."""
    second = np.sort(_others(r).max(-1), -1)[..., -2]
    return np.asarray(below(second, 0.42).sum((0, 2)))


def strong_looks(r: Runs) -> Array:
    """In each layer one weight is above 0.5, none above 0.93."""
    most = r.A.max((2, 3, 4))
    return np.asarray((below(most, 0.51) + above(most, 0.92)).sum(0))


def heads_differ(r: Runs) -> Array:
    """The two heads' strongest looks differ for three tokens of each layer."""
    differ = (r.A[:, :, 0].argmax(-1) != r.A[:, :, 1].argmax(-1)).sum(-1)
    return np.asarray(0.1 * np.maximum(3 - differ, 0).sum(0))


def share_off(r: Runs) -> Array:
    """28 % to 72 % of the units are off in each layer, for no token all or none."""
    off = (r.units <= 0).mean((2, 3))
    tokens = (r.units > 0).sum(-1)
    return np.asarray(
        (below(off, 0.28) + above(off, 0.72)).sum(0) + 0.1 * ((tokens == 0) | (tokens == F)).sum((0, 2))
    )


def patterns_differ(r: Runs) -> Array:
    """In layer 1 no two tokens switch on the same units."""
    codes = np.sort((r.units[0] > 0) @ 2.0 ** np.arange(F), -1)
    return np.asarray(0.1 * (np.diff(codes, axis=-1) == 0).sum(-1))


def small(r: Runs) -> Array:
    """Weights within ±2, E within ±0.9."""
    E, rest = r.weights[:, : V * D], r.weights[:, V * D :]
    return np.asarray(above(np.abs(E), 0.9001).sum(-1) + above(np.abs(rest), 2.0001).sum(-1))


NEEDS: tuple[Miss, ...] = (
    answer,
    rival,
    order,
    attention,
    heads,
    position,
    residual,
    norm,
    relu,
    looks_at_others,
    strong_looks,
    heads_differ,
    share_off,
    patterns_differ,
    small,
)


def _flatness(points: Array) -> Array:
    """How wide a cloud of points is: its smaller extent, 0 on a line. […, T, 2] -> […]."""
    centred = points - points.mean(-2, keepdims=True)
    xx, yy = (centred**2).mean(-2)[..., 0], (centred**2).mean(-2)[..., 1]
    xy = (centred[..., 0] * centred[..., 1]).mean(-1)
    return np.asarray(np.sqrt(np.maximum((xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2), 0)))


def planes_wide(r: Runs) -> Array:
    """Queries and keys of a head do not lie on a line: layer 1 by 0.25, layer 2 by 0.4."""
    least = np.array([0.22, 0.4])[:, None, None]
    return np.asarray(sum(np.maximum(least - _flatness(x), 0).sum((0, 2)) for x in (r.Q, r.K)))


def values_wide(r: Runs) -> Array:
    """The hull of a head's values is an area, not a needle."""
    least = np.array([0.2, 0.4])[:, None, None]
    return np.asarray(np.maximum(least - _flatness(r.V), 0).sum((0, 2)))


def both_signs(r: Runs) -> Array:
    """Scores of each head reach from below −0.4 to above 0.4."""
    return np.asarray((above(r.S.min((-1, -2)), -0.4) + below(r.S.max((-1, -2)), 0.4)).sum((0, 2)))


def clear_looks(r: Runs) -> Array:
    """No row of weights has two that print as its largest; the picture's row looks at its word with 0.45."""
    two = np.sort(r.A, -1)[..., -2:]
    token, at = r.task.looks
    row = r.A[0, :, 0, token]
    seen = row[:, at]
    ties = below(two[..., 1] - two[..., 0], 0.02).sum((0, 2, 3))
    return np.asarray(below(seen, 0.45) + below(lead(row, at), 0.12) + ties)


def clear_words(r: Runs) -> Array:
    """The answer has 0.45 and is 0.12 ahead, and no two of the last word's probabilities print alike."""
    p = np.sort(r.of("whole"), -1)
    return np.asarray(
        below(np.diff(p, axis=-1), 0.011).sum(-1) + below(p[:, -1] - p[:, -2], 0.12) + below(p[:, -1], 0.45)
    )


def clear_changes(r: Runs) -> Array:
    """What a missing part does is seen from the last row: the swap and the missing attention change the winner by far."""
    swapped, blind = r.of("swapped"), r.of("without attention")
    return (
        below(lead(swapped, RIVAL), 0.12) + above(lead(blind, ANSWER), -0.1) + above(swapped[:, ANSWER], 0.25)
    )


def every_unit_works(r: Runs) -> Array:
    """Each unit is on for some tokens and off for others, and none is so close to 0 that it prints as 0.00."""
    on = (r.units > 0).sum(-2)
    return np.asarray(0.1 * ((on == 0) | (on == T)).sum((0, 2)) + below(np.abs(r.units), 0.03).sum((0, 2, 3)))


def few_digits(r: Runs) -> Array:
    """Nine in ten weights are within ±1; no number has two digits before the point, and none prints as 0.00."""
    small, size = (np.abs(r.weights) <= 1.0001).mean(-1), np.abs(r.cells)
    return np.asarray(below(small, 0.905) + above(size, 9).sum(-1) + 12 * below(size, 0.006).sum(-1))


PICTURES: tuple[Miss, ...] = (
    planes_wide,
    values_wide,
    both_signs,
    clear_looks,
    clear_words,
    clear_changes,
    every_unit_works,
    few_digits,
)


def sums_seen(r: Runs) -> NDArray[np.bool_]:
    """Whether no sum before LayerNorm prints as 0.00, [M]."""
    return np.asarray((np.abs(r.sums) >= 0.005).all(-1))
