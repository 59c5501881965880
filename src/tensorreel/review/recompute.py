"""The forward pass a second time, on an independent path: plain Python, one scalar at a time, 40 digits.

Nothing here shares code with the engine: no NumPy, no binary floats, no formatter of the film. The number
audit holds every numeral on screen against these results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Any

from tensorreel.core.model import Model

PRECISION = 40
Row = list[Decimal]
Matrix = list[Row]
MINUS_INFINITY = Decimal("-Infinity")


def _exact(values: Any) -> Any:
    """Nested lists of numbers as the decimals that a person wrote (0.1 is a tenth)."""
    return [_exact(v) for v in values] if isinstance(values, list) else Decimal(repr(values))


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum((x * y for x, y in zip(row, col, strict=True)), Decimal(0)) for col in columns] for row in a]


def _plus(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _plus_row(a: Matrix, b: Row) -> Matrix:
    return [[x + y for x, y in zip(r, b, strict=True)] for r in a]


def _softmax(row: Row) -> Row:
    powers = [x.exp() if x != MINUS_INFINITY else Decimal(0) for x in row]
    whole = sum(powers, Decimal(0))
    return [p / whole for p in powers]


def _normalised(row: Row, gamma: Row, beta: Row, eps: Decimal) -> Row:
    n = Decimal(len(row))
    middle = sum(row, Decimal(0)) / n
    spread = sum(((x - middle) ** 2 for x in row), Decimal(0)) / n
    root = (spread + eps).sqrt()
    return [(x - middle) / root * g + b for x, g, b in zip(row, gamma, beta, strict=True)]


class Second:
    """Every tensor of the trace once more. ``cell(name, layer, head, index)`` is one of its numbers."""

    def __init__(self, model: Model, tokens: Sequence[int]) -> None:
        self.model, self.tokens = model, list(tokens)
        self.eps = Decimal(repr(model.config.eps))
        with localcontext() as context:
            context.prec = PRECISION
            self._run()

    def cell(self, name: str, layer: int | None, head: int | None, index: Sequence[int]) -> Decimal:
        """A number by its place; ``head`` comes before the other indices."""
        found: Any = self.tensors[name, layer]
        for i in ([] if head is None else [head]) + list(index):
            found = found[i]
        result: Decimal = found
        return result

    @cached_property
    def tensors(self) -> dict[tuple[str, int | None], Any]:
        """Results by name and layer (None for what the model has once)."""
        return {}

    def _parameter(self, name: str, layer: int | None = None) -> Any:
        full = name if layer is None else f"layers.{layer}.{name}"
        values = _exact(self.model.params[full].tolist())
        self.tensors[name, layer] = values
        return values

    def _run(self) -> None:
        table, positions = self._parameter("E"), self._parameter("P")
        x = [table[t] for t in self.tokens]
        self.tensors["token_embedding", None] = x
        h = _plus(x, positions[: len(x)])
        self.tensors["embedding", None] = h
        for layer in range(self.model.config.n_layers):
            h = self._layer(layer, h)
        self.tensors["last_hidden_state", None] = h
        logits = _times(h, [list(c) for c in zip(*table, strict=True)])
        self.tensors["logits", None] = logits
        self.tensors["probs", None] = [_softmax(r) for r in logits]

    def _layer(self, layer: int, h: Matrix) -> Matrix:
        def keep(name: str, values: Any) -> None:
            self.tensors[name, layer] = values

        keep("hidden", h)
        z = self._attention(layer, h, keep)
        joined = [[v for head in z for v in head[t]] for t in range(len(h))]
        keep("concat", joined)
        o = _times(joined, self._parameter("W_O", layer))
        keep("attn_output", o)
        h1 = self._add_norm("attn", 1, layer, _plus(h, o), keep)
        return self._feed_forward(layer, h1, keep)

    def _attention(self, layer: int, h: Matrix, keep: Callable[[str, Any], None]) -> list[Matrix]:
        names = ("query", "key", "value")
        weights = [self._parameter(w, layer) for w in ("W_Q", "W_K", "W_V")]
        q, k, v = ([_times(h, w) for w in per_head] for per_head in weights)
        for name, values in zip(names, (q, k, v), strict=True):
            keep(name, values)
        dots = [_times(a, [list(c) for c in zip(*b, strict=True)]) for a, b in zip(q, k, strict=True)]
        root = Decimal(self.model.config.d_k).sqrt()
        scores = [
            [[self._score(x / root, i, j) for j, x in enumerate(r)] for i, r in enumerate(s)] for s in dots
        ]
        shares = [[_softmax(r) for r in s] for s in scores]
        z = [_times(a, b) for a, b in zip(shares, v, strict=True)]
        for name, result in (
            ("attn_dot", dots),
            ("attn_scores", scores),
            ("attn_weights", shares),
            ("context", z),
            ("heads", z),
        ):
            keep(name, result)
        return z

    def _score(self, value: Decimal, i: int, j: int) -> Decimal:
        return MINUS_INFINITY if self.model.config.causal and j > i else value

    def _feed_forward(self, layer: int, h: Matrix, keep: Callable[[str, Any], None]) -> Matrix:
        before = _plus_row(_times(h, self._parameter("W_1", layer)), self._parameter("b_1", layer))
        keep("ffn_pre", before)
        f1 = [[max(x, Decimal(0)) for x in r] for r in before]
        keep("ffn_hidden", f1)
        f2 = _plus_row(_times(f1, self._parameter("W_2", layer)), self._parameter("b_2", layer))
        keep("ffn_output", f2)
        return self._add_norm("ffn", 2, layer, _plus(h, f2), keep)

    def _add_norm(
        self, sub_layer: str, number: int, layer: int, total: Matrix, keep: Callable[[str, Any], None]
    ) -> Matrix:
        keep(f"{sub_layer}_residual", total)
        gamma, beta = (self._parameter(f"{name}_{number}", layer) for name in ("gamma", "beta"))
        found = [_normalised(row, gamma, beta, self.eps) for row in total]
        keep(f"{sub_layer}_norm", found)
        return found
