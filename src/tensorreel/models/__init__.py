"""Models: the built-in one, reading their files, and samples for tests and checks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorreel.core.model import Model

BUILTIN = "tiny.toml"


def builtin_text() -> str:
    """The built-in model's file, as it is, with its comments."""
    return resources.files(__name__).joinpath(BUILTIN).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def tiny_model() -> Model:
    """The built-in tiny model."""
    from tensorreel.models.reading import model_from_toml

    return replace(model_from_toml(builtin_text(), BUILTIN), source="")


def by_hand(model: Model) -> bool:
    """Whether a model is the built-in one or an edit of it: the same shapes, and most numbers are the same.

    Its weights were chosen by hand then, and a film may say so.
    """
    mine, theirs = model.params, tiny_model().params
    if {k: v.shape for k, v in mine.items()} != {k: v.shape for k, v in theirs.items()}:
        return False
    same = sum(int((mine[name] == theirs[name]).sum()) for name in mine)
    return 2 * same > sum(array.size for array in mine.values())
