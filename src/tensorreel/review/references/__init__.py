"""What each function of a formula table computes, written down a second time, with a wiring of its own.

A reference stands beside the function that it follows, not beside a name: architectures that share a stage share its
reference, and one that is new needs them for its new stages only. A module in this folder is found by lying here.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_REFERENCES: dict[Callable[..., Any], Callable[..., Any]] = {}


def reference(of: Callable[..., Any]) -> Callable[[Function], Function]:
    """Declare what computes a stage or an intermediate once more; its parameters name the tensors that it takes.

    Beside tensors there are ``tokens`` (ids), ``eps`` and ``causal``. A second reference of one function raises
    ``ValueError``.
    """

    def declare(fn: Function) -> Function:
        if of in _REFERENCES:
            raise ValueError(
                f"{of.__name__}: {fn.__module__} and {_REFERENCES[of].__module__} both follow it"
            )
        _REFERENCES[of] = fn
        return fn

    return declare


def reference_of(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The reference of a function of a table; ``KeyError`` where it has none."""
    _discover()
    if fn not in _REFERENCES:
        raise KeyError(f"{fn.__module__}.{fn.__name__} has no reference, expected one in review/references")
    return _REFERENCES[fn]


@lru_cache
def inputs_of(fn: Callable[..., Any]) -> tuple[str, ...]:
    """What a reference takes, by name."""
    return tuple(inspect.signature(fn).parameters)


@lru_cache(maxsize=1)
def _discover() -> None:
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
