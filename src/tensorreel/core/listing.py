"""A trace as a list of tensors by full name, and a tensor as a table with named rows and columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.core.functional import Array

if TYPE_CHECKING:
    from tensorreel.core.engine import Tensor, Trace


def full_name(name: str, layer: int | None) -> str:
    """``layers.0.query`` of what a layer has, ``probs`` of what the model has once."""
    return name if layer is None else f"layers.{layer}.{name}"


def arrays(trace: Trace) -> dict[str, Array]:
    """Every tensor of a trace by full name: first what is learned, then in the order in which it was computed."""
    ordered = sorted(trace.results.values(), key=lambda tensor: not tensor.learned)
    return {full_name(t.name, t.layer): t.values for t in ordered}


def places(trace: Trace, letter: str, size: int) -> list[Any]:
    """What the places of an axis are called: words of the sentence or of the vocabulary, else numbers from 0."""
    if letter in ("T", "S"):
        return list(trace.labels)
    return list(trace.model.labels) if letter == "V" else list(range(size))


def table(trace: Trace, tensor: Tensor) -> tuple[list[tuple[Any, ...]], list[Any], Array]:
    """A tensor as a matrix: what its rows are called (an entry for each axis but the last), its columns, its values."""
    axes = [places(trace, letter, size) for letter, size in zip(tensor.dims, tensor.shape, strict=True)]
    rows = list(product(*axes[:-1]))
    return rows, axes[-1], tensor.values.reshape(math.prod(tensor.shape[:-1]), tensor.shape[-1])


def nested(values: Array) -> Any:
    """Nested lists with −∞ as the string ``-inf``, which JSON has no number for."""
    if values.ndim:
        return [nested(part) for part in values]
    return "-inf" if values == -math.inf else float(values)


def frame(trace: Trace, tensor: Tensor) -> Any:
    """A tensor as a DataFrame: its last axis gives the columns, the others the rows."""
    try:
        import pandas as pd
    except ImportError as err:
        raise EnvironmentProblem("pandas: not installed, expected it (pip install pandas)") from err
    rows, columns, values = table(trace, tensor)
    return pd.DataFrame(values, index=_index(pd, rows, tensor.dims[:-1]), columns=columns)


def _index(pd: Any, rows: Sequence[tuple[Any, ...]], letters: Sequence[str]) -> Any:
    if len(letters) > 1:
        return pd.MultiIndex.from_tuples(rows, names=letters)
    return pd.Index([row[0] for row in rows], name=letters[0]) if letters else None
