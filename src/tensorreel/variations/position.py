"""Without position: the layers receive the token embedding as it is."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

from tensorreel.core import stages
from tensorreel.core.functional import Array
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("position", of=stages.embedding)
@like(
    stages.embedding,
    formula=("bold(H)^((0)) = bold(X)", "H⁽⁰⁾ = X"),
    dims="T d -> T d",
    title=Text("No position added", "title"),
    meaning=Text("No position is added here: a word has the same vector wherever it stands.", "meaning"),
)
def embedding(token_embedding: Array) -> Array:
    return token_embedding
