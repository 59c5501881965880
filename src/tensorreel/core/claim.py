"""What a sentence states about numbers, as a value: the number audit works it out again from what it declares.

A caption that states a fact declares it, as a numeral declares its recipe. The kinds are few and closed; what a claim
is about are quantities, so that whoever checks it needs nothing of the scene.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tensorreel.core.formatting import format_number, leading
from tensorreel.core.quantity import Quantity, positives

Line = Sequence[Quantity]

NEARLY = 1.25  # the largest of some shares over the least, up to which they are called nearly even


class ClaimKind(Enum):
    """What can be stated, and what has to be said of it so that the audit can see for itself."""

    LARGEST = auto()  # these print as the largest does, no others: a line, its decimals, their places in it
    NEARLY_EVEN = auto()  # the largest is at most NEARLY times the least, which is above zero: a line
    EQUAL = auto()  # all print alike, place by place: lines, their decimals
    DIFFER = auto()  # no two print alike: lines, their decimals
    VARY = auto()  # neither all alike nor all different: lines, their decimals
    SMALLER = auto()  # the first is smaller than the second: two quantities
    WITHIN = auto()  # points of the plane lie in the hull of others: their coordinates, those of the others
    ADDS_UP = auto()  # the sum of a line is one
    ZERO = auto()  # all print as zero: a line, its decimals
    POSITIVE = auto()  # each is above zero: a line
    AS_BEFORE = auto()  # all cells print as those of the model before: a ``TensorName``
    OTHERWISE = auto()  # not all do: a ``TensorName``


@dataclass(frozen=True, eq=False)
class Claim:
    """A fact, and what it is ``about``, as ``ClaimKind`` says."""

    fact: ClaimKind
    about: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.fact.name.lower().replace('_', ' ')} ({_spelled(self.about[0])})"


def _spelled(about: Any) -> str:
    """What a claim is about, in short: its first quantity, and its last one."""
    if isinstance(about, Quantity):
        return str(about)
    return f"{_spelled(about[0])} … {_spelled(about[-1])}" if len(about) else ""


def largest_of(line: Line, printed: Iterable[float], decimals: int) -> Claim:
    """Which of a line print as its largest does; ``printed`` are the numbers that its digits are made from."""
    return Claim(ClaimKind.LARGEST, (line, decimals, tuple(leading(printed, decimals))))


def compared(lines: Sequence[Line], decimals: int) -> Claim:
    """Whether lines print alike: ``EQUAL``, ``DIFFER`` or, where only some do, ``VARY``."""
    printed = {tuple(format_number(q.printed(decimals), decimals) for q in line) for line in lines}
    fact = ClaimKind.DIFFER if len(printed) == len(lines) else ClaimKind.VARY
    return Claim(ClaimKind.EQUAL if len(printed) == 1 else fact, (tuple(lines), decimals))


def compared_signs(lines: Iterable[Line]) -> Claim:
    """Whether the same places of lines are above zero, as ``compared`` says it."""
    return compared([[positives([q]) for q in line] for line in lines], 0)


def nearly_even(values: Sequence[float]) -> bool:
    """Whether some shares, two or more, are nearly even."""
    return len(values) > 1 and max(values) <= NEARLY * min(values)


def adds_up(line: Line) -> Claim:
    """The sum of some shares is one."""
    return Claim(ClaimKind.ADDS_UP, (line,))
