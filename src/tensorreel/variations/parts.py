"""The parts that a model can be run without, and which function takes the place of which.

A part exists only in an architecture that has a stage from which it can be taken away. A module in this folder is
found by lying here.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeVar

from tensorreel.core.architecture import Architecture
from tensorreel.families.alike import alike
from tensorreel.words.text import Text

Function = TypeVar("Function", bound=Callable[..., Any])
PARTS: Mapping[str, Text] = MappingProxyType(
    {
        "position": Text("without position", "variation"),
        "scale": Text("without scaling", "variation"),
        "attention": Text("without attention", "variation"),
        "residual": Text("without residual", "variation"),
        "norm": Text("without LayerNorm", "variation"),
        "relu": Text("without ReLU", "variation"),
    }
)
_SIGNS = {"norm": "eps"}  # what shows a part in a stage of any name
_INSTEAD: dict[tuple[str, Callable[..., Any]], Callable[..., Any]] = {}


def left_out(part: str, of: Callable[..., Any]) -> Callable[[Function], Function]:
    """Declare what takes the place of a function of a table where a part is left out.

    A part that ``PARTS`` has no words for, or a second function in one place, raises ``ValueError``.
    """

    def declare(fn: Function) -> Function:
        if part not in PARTS or (part, of) in _INSTEAD:
            raise ValueError(f"{fn.__module__}: {of.__name__} without {part}, expected a part, and once")
        _INSTEAD[part, of] = fn
        return fn

    return declare


def like(
    other: Callable[..., Any],
    *,
    formula: tuple[str, str],
    dims: str,
    meaning: Text,
    title: Text | None = None,
) -> Callable[[Function], Function]:
    """Declare a function as another one's stage that computes something else, so that it serves another purpose."""
    return alike(other, formula=formula, dims=dims, title=title, meaning=meaning, serves_it=False)


def parts_of(table: Architecture) -> list[str]:
    """The parts that an architecture has."""
    return [part for part in PARTS if _can_go(part, table)]


def _can_go(part: str, table: Architecture) -> bool:
    """Whether a part is there, and can be taken away from every stage that has it."""
    _discover()
    names = {of.__name__ for known, of in _INSTEAD if known == part}
    having = [s for s in table.stages if s.name in names or _SIGNS.get(part) in s.arguments]
    return bool(having) and all(_instead(part, stage.fn) for stage in having)


def lacking(part: str, table: Architecture) -> Architecture:
    """The same architecture with other functions in the place of those that the part belongs to.

    What a stage computed on its way goes with its function.
    """
    stages = {stage.name: _instead(part, stage.fn) for stage in table.stages}
    ways = [way.fn for way in table.intermediates.values() if stages[way.of] is None]
    return Architecture.of(
        table.name, [stages[stage.name] or stage.fn for stage in table.stages], ways, table.parameters
    )


def _instead(part: str, fn: Callable[..., Any]) -> Callable[..., Any] | None:
    _discover()
    return _INSTEAD.get((part, fn))


@lru_cache(maxsize=1)
def _discover() -> None:
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
