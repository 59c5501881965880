"""A model that lies in memory as a checkpoint: its tensors as they are called there, and what they do not tell beside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tensorreel.core.functional import Array
from tensorreel.models.live import as_file
from tensorreel.models.stated import settled

ORIGIN = "training"


def checkpoint_of(module: Any, **stated: Any) -> bytes:
    """The bytes of a ``.safetensors`` that ``read_model`` reads without being told more.

    ``module`` and ``stated`` are those of ``model_of``; ``InputError`` as there.
    """
    from safetensors.numpy import save

    loose, sources, name = as_file(module, **stated)
    facts = {"origin": ORIGIN, **settled(sources, name)}
    return save({key: _narrow(array) for key, array in loose.tensors.items()}, _metadata(facts))


def _narrow(array: Array) -> np.ndarray[Any, Any]:
    """As float32 where that loses nothing."""
    with np.errstate(all="ignore"):
        short = array.astype(np.float32)
    return short if np.array_equal(short, array, equal_nan=True) else array


def _metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    return {key.removeprefix("vocabulary."): json.dumps(value) for key, value in facts.items()}
