"""The forward pass a second time, on an independent path: plain Python, one scalar at a time, 40 digits.

Nothing here shares code with the engine: no NumPy, no binary floats, no formatter of the film, and the references say
themselves what they take. The number audit holds every numeral on screen against these results. Each tensor is
computed when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Any

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.model import Model
from tensorreel.review.references import inputs_of, reference_of
from tensorreel.review.references.decimals import PRECISION, exact
from tensorreel.review.rounding import adding_up, rounded

Place = tuple[str, int | None]  # a tensor's name, and its layer; None for what the model has once


class ReferencePass:
    """Every tensor of the trace once more. ``cell(name, layer, head, index)`` is one of its numbers."""

    def __init__(self, model: Model, tokens: Sequence[int]) -> None:
        self.model, self.tokens = model, list(tokens)
        self.eps = Decimal(repr(model.config.eps))
        self._known: dict[Place, Any] = {}
        self._rows: dict[Any, list[str]] = {}
        self._given = {"tokens": self.tokens, "eps": self.eps, "causal": model.config.causal}

    def cell(self, name: str, layer: int | None, head: int | None, index: Sequence[int]) -> Decimal:
        """A number by its place; ``head`` comes before the other indices."""
        found: Any = self.tensor(name, layer)
        for i in ([] if head is None else [head]) + list(index):
            found = found[i]
        result: Decimal = found
        return result

    def printed(self, place: Sequence[Any], decimals: int) -> str:
        """The digits of the cell at a place (name, layer, head, index) with its matrix's decimals; shares add up with
        their row's."""
        name, layer, head, index = place
        stage = self.model.architecture.get(name)
        if stage is None or not stage.shares:
            return rounded(self.cell(name, layer, head, index), decimals)
        at = (name, layer, head, tuple(index[:-1]), decimals)
        if at not in self._rows:
            row: Any = self.cell(name, layer, head, index[:-1])
            self._rows[at] = adding_up(row, decimals)
        text: str = self._rows[at][index[-1]]
        return text

    def tensor(self, name: str, layer: int | None = None) -> Any:
        """A tensor as nested lists. ``KeyError`` for one that the table has not, or that has no reference."""
        if (name, layer) not in self._known:
            with localcontext() as context:
                context.prec = PRECISION
                self._known[name, layer] = self._computed(name, layer)
        return self._known[name, layer]

    def _computed(self, name: str, layer: int | None) -> Any:
        table = self.model.architecture
        if name == HIDDEN:
            return self._hidden(layer or 0)
        if name in table.parameters:
            full = name if layer is None else f"layers.{layer}.{name}"
            return exact(self.model.params[full].tolist())
        return self._from(reference_of(table.steps[name].fn), layer)

    def _hidden(self, layer: int) -> Any:
        """What a layer receives; the layers before it one after another, each from what stands there."""
        table = self.model.architecture
        given = self.tensor(table.prologue[-1].name)
        for before in range(layer):
            self._known.setdefault((HIDDEN, before), given)
            given = self.tensor(table.layer[-1].name, before)
        return given

    def _from(self, fn: Callable[..., Any], layer: int | None) -> Any:
        """What a reference makes of its inputs; behind the layers it takes the last one's."""
        scopes, last = self.model.architecture.scopes, self.model.config.n_layers - 1
        taken = []
        for name in inputs_of(fn):
            if name in self._given:
                taken.append(self._given[name])
            else:
                at = layer if layer is not None else last
                taken.append(self.tensor(name, at if scopes[name] == "layer" else None))
        return fn(*taken)
