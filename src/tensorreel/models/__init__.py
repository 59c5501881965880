"""Models: the built-in one, reading and writing their files, and samples for tests and checks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorreel.model import Model

BUILTIN = "tiny.toml"


def builtin_text() -> str:
    """The built-in model's file, as it is, with its comments."""
    return resources.files(__name__).joinpath(BUILTIN).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def load_builtin() -> Model:
    """The built-in tiny model."""
    from tensorreel.models.reading import model_from_toml

    return replace(model_from_toml(builtin_text(), BUILTIN), source="")
