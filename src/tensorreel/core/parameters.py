"""The learned tensors of the article's model: what each is called, and which axes it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tensorreel.core.table import Scope
from tensorreel.words.text import Text


@dataclass(frozen=True)
class Parameter:
    """One learned tensor: its axes, its scope and its symbol (Typst math and plain Unicode)."""

    name: str
    dims: str
    scope: Scope
    symbol: str
    symbol_plain: str
    title: Text

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Its shape in a model of these sizes (by axis letter)."""
        return tuple(sizes[letter] for letter in self.dims.split())


_TABLE = (
    Parameter("E", "V d", "model", "bold(E)", "E", Text("token embedding table", "parameter")),
    Parameter("P", "n d", "model", "bold(P)", "P", Text("position embedding table", "parameter")),
    Parameter("W_Q", "h d k", "layer", "bold(W)_Q", "W_Q", Text("query weights", "parameter")),
    Parameter("W_K", "h d k", "layer", "bold(W)_K", "W_K", Text("key weights", "parameter")),
    Parameter("W_V", "h d k", "layer", "bold(W)_V", "W_V", Text("value weights", "parameter")),
    Parameter("W_O", "d d", "layer", "bold(W)_O", "W_O", Text("output weights", "parameter")),
    Parameter("gamma_1", "d", "layer", "gamma_1", "γ₁", Text("scale of norm 1", "parameter")),
    Parameter("beta_1", "d", "layer", "beta_1", "β₁", Text("shift of norm 1", "parameter")),
    Parameter("W_1", "d f", "layer", "bold(W)_1", "W₁", Text("weights of FFN 1", "parameter")),
    Parameter("b_1", "f", "layer", "bold(b)_1", "b₁", Text("bias of FFN 1", "parameter")),
    Parameter("W_2", "f d", "layer", "bold(W)_2", "W₂", Text("weights of FFN 2", "parameter")),
    Parameter("b_2", "d", "layer", "bold(b)_2", "b₂", Text("bias of FFN 2", "parameter")),
    Parameter("gamma_2", "d", "layer", "gamma_2", "γ₂", Text("scale of norm 2", "parameter")),
    Parameter("beta_2", "d", "layer", "beta_2", "β₂", Text("shift of norm 2", "parameter")),
)
PARAMETERS: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _TABLE})
