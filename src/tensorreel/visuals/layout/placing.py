"""Where things stand: at an edge, beside or below another, in a row, behind each other on a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, Self, TypeVar

from manim import VMobject

from tensorreel.visuals.layout.room import Room, edges
from tensorreel.visuals.look.shapes import at

Thing = TypeVar("Thing", bound=VMobject)
Gap = float | Sequence[float]  # between two things, or behind each


class OnALine(Protocol):
    """Something on a baseline: a word, a number, a sign."""

    @property
    def advance(self) -> float:
        """Its width on the line."""

    def sit(self, x: float, y: float, align: str = "left") -> Self:
        """Put its baseline at y and its left edge at x."""


def stand(
    thing: Thing,
    *,
    left: float | None = None,
    x: float | None = None,
    right: float | None = None,
    top: float | None = None,
    y: float | None = None,
    bottom: float | None = None,
    up: float = 0.0,
    by: Room | None = None,
) -> Thing:
    """Move a thing until the named edge or middle stands there.

    A direction that is not named stays as it is, but for ``up``, a way from where it was made (on a baseline).
    ``by`` are the edges that count, where they are not those of its ink. Raises ``TypeError`` for two of a direction.
    """
    now = by or edges(thing)
    across = _way((left, x, right), (now.left, now.x, now.right))
    thing.shift(at(across, up + _way((top, y, bottom), (now.top, now.y, now.bottom))))
    return thing


def _way(wanted: Sequence[float | None], now: Sequence[float]) -> float:
    ways = [to - here for to, here in zip(wanted, now, strict=True) if to is not None]
    if len(ways) > 1:
        raise TypeError("a thing stands in one place: name one edge, or the middle, of a direction")
    return ways[0] if ways else 0.0


def right_of(thing: Thing, other: VMobject, gap: float) -> Thing:
    """Stand to the right of another thing, in the middle of its height."""
    there = edges(other)
    return stand(thing, left=there.right + gap, y=there.y)


def left_of(thing: Thing, other: VMobject, gap: float) -> Thing:
    """Stand to the left of another thing, in the middle of its height."""
    there = edges(other)
    return stand(thing, right=there.left - gap, y=there.y)


def between(thing: Thing, left: VMobject, right: VMobject, y: float) -> Thing:
    """Stand half way between two things."""
    return stand(thing, x=(edges(left).right + edges(right).left) / 2, y=y)


def middles(sizes: Sequence[float], gap: Gap, start: float | None = None) -> list[float]:
    """The middles of things of some sizes that stand one behind another from ``start``, or around 0."""
    gaps = _gaps(gap, len(sizes))
    place = -(sum(sizes) + sum(gaps[: len(sizes) - 1])) / 2 if start is None else start
    found = []
    for size, behind in zip(sizes, gaps, strict=True):
        found.append(place + size / 2)
        place += size + behind
    return found


def in_row(things: Sequence[VMobject], gap: Gap, *, left: float | None = None) -> None:
    """Put things side by side, from ``left`` or around the middle of the frame; their heights stay."""
    for thing, x in zip(things, middles([t.width for t in things], gap, left), strict=True):
        stand(thing, x=x)


def write(pieces: Iterable[OnALine], x: float, y: float, gap: Gap) -> float:
    """Words, numbers and signs behind each other on a baseline, from x; returns where the last one ends."""
    line, end = list(pieces), x
    for piece, behind in zip(line, _gaps(gap, len(line)), strict=True):
        end = x + piece.sit(x, y).advance
        x = end + behind
    return end


def _gaps(gap: Gap, n: int) -> list[float]:
    """The room behind each of n things; nothing stands behind the last."""
    return [gap] * n if isinstance(gap, int | float) else [*gap, 0.0][:n]
