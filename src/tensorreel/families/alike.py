"""Declaring a stage that is another one with a further formula: what is not said is the other's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tensorreel.core.table import Stage, declared, stage
from tensorreel.words.text import Text

Function = TypeVar("Function", bound=Callable[..., Any])


def alike(
    other: Callable[..., Any],
    *,
    formula: tuple[str, str],
    dims: str,
    title: Text | None = None,
    meaning: Text | None = None,
    serves_it: bool = True,
    drawn_as: str = "",
) -> Callable[[Function], Function]:
    """Declare a function as another one's stage: symbol, part and scope are the other's; title and meaning as well,
    unless they are given. Where it ``serves_it`` no longer, its purpose and what it contracts are not the other's.
    ``drawn_as`` names the storyboard that is true of it, too; without it the plain one draws it.
    """
    as_there = declared(other)
    assert isinstance(as_there, Stage)
    return stage(
        formula=formula,
        symbol=(as_there.symbol, as_there.symbol_plain),
        dims=dims,
        part=as_there.part,
        title=title or as_there.title,
        meaning=meaning or as_there.meaning,
        scope=as_there.scope,
        purpose=as_there.purpose if serves_it else None,
        contracts=as_there.contracts if serves_it else None,
        drawn_as=drawn_as,
    )
