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
    Parameter("E", "V d", "model", "bold(E)", "E", Text("token embedding table", "トークン埋め込み表")),
    Parameter("P", "n d", "model", "bold(P)", "P", Text("position embedding table", "位置埋め込み表")),
    Parameter("W_Q", "h d k", "layer", "bold(W)_Q", "W_Q", Text("query weights", "クエリの重み")),
    Parameter("W_K", "h d k", "layer", "bold(W)_K", "W_K", Text("key weights", "キーの重み")),
    Parameter("W_V", "h d k", "layer", "bold(W)_V", "W_V", Text("value weights", "バリューの重み")),
    Parameter("W_O", "d d", "layer", "bold(W)_O", "W_O", Text("output weights", "出力射影の重み")),
    Parameter("gamma_1", "d", "layer", "gamma_1", "γ₁", Text("scale of norm 1", "正規化1のスケール")),
    Parameter("beta_1", "d", "layer", "beta_1", "β₁", Text("shift of norm 1", "正規化1のシフト")),
    Parameter("W_1", "d f", "layer", "bold(W)_1", "W₁", Text("weights of FFN 1", "FFN第1層の重み")),
    Parameter("b_1", "f", "layer", "bold(b)_1", "b₁", Text("bias of FFN 1", "FFN第1層のバイアス")),
    Parameter("W_2", "f d", "layer", "bold(W)_2", "W₂", Text("weights of FFN 2", "FFN第2層の重み")),
    Parameter("b_2", "d", "layer", "bold(b)_2", "b₂", Text("bias of FFN 2", "FFN第2層のバイアス")),
    Parameter("gamma_2", "d", "layer", "gamma_2", "γ₂", Text("scale of norm 2", "正規化2のスケール")),
    Parameter("beta_2", "d", "layer", "beta_2", "β₂", Text("shift of norm 2", "正規化2のシフト")),
)
PARAMETERS: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _TABLE})
