"""Without position: the layers receive the token embedding as it is."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array
from tensorreel.core.table import stage
from tensorreel.variations.parts import left_out
from tensorreel.words.text import Text


@left_out("position", of=stages.embedding)
@stage(
    symbol=("bold(H)^((0))", "H⁽⁰⁾"),
    formula=("bold(H)^((0)) = bold(X)", "H⁽⁰⁾ = X"),
    dims="T d -> T d",
    part="embedding",
    title=Text("No position added", "title"),
    meaning=Text("No position is added here: a word has the same vector wherever it stands.", "meaning"),
    scope="model",
)
def embedding(token_embedding: Array) -> Array:
    return token_embedding
