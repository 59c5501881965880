"""Whole numbers counted again: from the model, its sentence and the table, as ``Count`` says what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from tensorreel.core.quantity import Count
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.rounding import NOISE

MOST_TICKS = 20  # the farthest mark of an axis, in its steps


class MiscountError(Exception):
    """A whole number that is another one, or that nobody can count."""


def check_count(second: ReferencePass, n: int, what: Count, *about: Any) -> None:
    """``MiscountError`` unless n is what is counted again."""
    if what is Count.TICK:
        if about or not 0 <= n <= MOST_TICKS:
            raise MiscountError(f"{n} as the mark of an axis")
        return
    try:
        again = _RULES[what](second, *about)
    except (TypeError, ValueError, LookupError, AttributeError) as err:
        raise MiscountError(f"{what}: {err!r}") from err
    if n != again:
        named = " ".join(a for a in about if isinstance(a, str))
        name = named if what is Count.SIZE else f"{what.name} {named}".strip()
        raise MiscountError(f"{name} = {n}, the model says {again}")


def _size(second: ReferencePass, letter: str) -> int:
    """A size of the model, or of the sentence, by its letter."""
    return second.model.config.sizes(len(second.tokens))[letter]


def _at(index: int, size: int) -> int:
    """An index from 0 of an axis; ``IndexError`` beyond its ends."""
    if not 0 <= index < size:
        raise IndexError(index)
    return index


def _stage(second: ReferencePass, name: str) -> int:
    return [stage.name for stage in second.model.architecture.stages].index(name) + 1


def _one_hot(second: ReferencePass, token: int, row: int) -> int:
    second.tokens.index(token)
    return int(token == _at(row, _size(second, "V")))


def _cells(second: ReferencePass, cells: Iterable[Any]) -> list[Decimal]:
    """Cells of tensors; ``ValueError`` for any other quantity."""
    found = list(cells)
    if any(q.op != "cell" for q in found):
        raise ValueError("more than cells")
    return [second.cell(*q.args) for q in found]


def _heads(second: ReferencePass, name: str, layer: int | None, row: int, column: int) -> int:
    """In how many heads of a tensor the largest cell of a row stands in a column."""
    rows = [head[row] for head in second.tensor(name, layer)]
    return sum(max(cells) == cells[_at(column, len(cells))] for cells in rows)


def _alike(second: ReferencePass, cells: Iterable[Any], decimals: int) -> int:
    """How many of some cells print as the largest of them does."""
    known = list(cells)
    values = _cells(second, known)
    texts = [second.printed(q.args, decimals) for q in known]
    most = max(zip(values, texts, strict=True))[1]
    return texts.count(most)


def _whole(second: ReferencePass, shares: Iterable[Any]) -> int:
    """What shares add up to, which must be a whole number."""
    whole = sum(_cells(second, shares), Decimal(0))
    if abs(whole - round(whole)) > NOISE:
        raise ValueError(f"a sum of {whole}")
    return round(whole)


_RULES: dict[Count, Callable[..., int]] = {
    Count.SIZE: _size,
    Count.HIDDEN: lambda second, letter, shown: _size(second, letter) - shown,
    Count.TERMS: lambda second, terms: len(terms),
    Count.STAGES: lambda second: len(second.model.architecture.stages),
    Count.STAGE: _stage,
    Count.LAYER: lambda second, k: _at(k, _size(second, "L")) + 1,
    Count.HEAD: lambda second, k: _at(k, _size(second, "h")) + 1,
    Count.HEADS: _heads,
    Count.POSITION: lambda second, k: _at(k, _size(second, "n")),
    Count.WORD: lambda second, k: _at(k, _size(second, "V")),
    Count.TOKEN: lambda second, place: second.tokens[_at(place, len(second.tokens))],
    Count.PLACE: lambda second, place: _at(place, len(second.tokens)) + 1,
    Count.ALIKE: _alike,
    Count.ONE_HOT: _one_hot,
    Count.WHOLE: _whole,
    Count.ROW: lambda second: 1,
}
