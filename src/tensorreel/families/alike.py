"""Declaring a stage that is another one with a further formula: what is not said is the other's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tensorreel.core.table import Stage, declared, stage
from tensorreel.words.text import Text

Function = TypeVar("Function", bound=Callable[..., Any])


def alike(
    other: Callable[..., Any], *, formula: tuple[str, str], dims: str, meaning: Text | None = None
) -> Callable[[Function], Function]:
    """Declare a function as another one's stage: symbol, part, title, purpose and scope are the other's."""
    as_there = declared(other)
    assert isinstance(as_there, Stage)
    return stage(
        formula=formula,
        symbol=(as_there.symbol, as_there.symbol_plain),
        dims=dims,
        part=as_there.part,
        title=as_there.title,
        meaning=meaning or as_there.meaning,
        scope=as_there.scope,
        purpose=as_there.purpose,
        contracts=as_there.contracts,
    )
