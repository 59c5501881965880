"""Models: the built-in ones, reading their files, and samples for tests and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tensorreel.core.model import Model

BUILTIN: Mapping[str, str] = {"ja": "tiny.toml", "en": "tiny-en.toml"}
"""The file of each built-in model by the language of its sentence; the first one is taken where none is named."""
SAMPLE = next(iter(BUILTIN))


def builtin_text(sample: str = SAMPLE) -> str:
    """A built-in model's file, as it is, with its comments."""
    return resources.files(__name__).joinpath(BUILTIN[sample]).read_text(encoding="utf-8")


@lru_cache
def tiny_model(sample: str = SAMPLE) -> Model:
    """A built-in tiny model."""
    from tensorreel.models.reading import model_from_toml

    return replace(model_from_toml(builtin_text(sample), BUILTIN[sample]), source="")


def one_decimal(model: Model) -> bool:
    """Whether no parameter of a model has more than one decimal, but for what single precision makes of it."""
    return all(np.allclose(array, np.round(array, 1), rtol=0, atol=1e-6) for array in model.params.values())
