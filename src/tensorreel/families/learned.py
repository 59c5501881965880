"""The learned tensors that the article's model does not have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tensorreel.core.parameters import PARAMETERS, Parameter
from tensorreel.words.text import Text

_BIASES = (
    Parameter("b_Q", "h k", "layer", "bold(b)_Q", "b_Q", Text("bias of the queries", "parameter")),
    Parameter("b_K", "h k", "layer", "bold(b)_K", "b_K", Text("bias of the keys", "parameter")),
    Parameter("b_V", "h k", "layer", "bold(b)_V", "b_V", Text("bias of the values", "parameter")),
    Parameter("b_O", "d", "layer", "bold(b)_O", "b_O", Text("bias of the output", "parameter")),
)
_LAST_NORM = (
    Parameter("gamma_f", "d", "model", "gamma_f", "γ_f", Text("scale of the last norm", "parameter")),
    Parameter("beta_f", "d", "model", "beta_f", "β_f", Text("shift of the last norm", "parameter")),
)
ATTENTION_BIASES: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _BIASES})
LAST_NORM: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _LAST_NORM})
LEARNED: Mapping[str, Parameter] = MappingProxyType({**PARAMETERS, **ATTENTION_BIASES, **LAST_NORM})
"""Every learned tensor that an architecture of these may have."""
