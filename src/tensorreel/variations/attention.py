"""Without attention: the heads compute, and nothing of it is handed on."""

# ruff: noqa: D103  (the decorator makes each docstring from the declaration)
from __future__ import annotations

import numpy as np

from tensorreel.core import stages
from tensorreel.core.functional import Array
from tensorreel.variations.parts import left_out, like
from tensorreel.words.text import Text


@left_out("attention", of=stages.attn_output)
@like(
    stages.attn_output,
    formula=("bold(O) = bold(0)", "O = 0"),
    dims="T d -> T d",
    title=Text("Attention left out", "title"),
    meaning=Text("What the heads have found is left out: zeros take its place.", "meaning"),
)
def attn_output(concat: Array) -> Array:
    return np.zeros_like(concat)
