"""Scalars of a training, such as its loss: a CSV with a column of steps."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tensorreel.core.errors import InputError, file_named
from tensorreel.core.formatting import decimals_for

STEP = "step"


@dataclass(frozen=True)
class Scalars:
    """A column of a log: its name, and its value at each step, in the order of the steps."""

    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    decimals: int

    def until(self, step: int) -> Scalars:
        """What was known at a step."""
        n = sum(s <= step for s in self.steps)
        return replace(self, steps=self.steps[:n], values=self.values[:n])

    def at(self, step: int) -> float:
        """The value of a step; ``InputError`` where the log has none."""
        if step not in self.steps:
            raise InputError(f"{self.name}: no row of step {step}, expected one for every checkpoint")
        return self.values[self.steps.index(step)]


def read_scalars(path: Path, column: str | None = None) -> Scalars:
    """A column of a CSV (by default the first beside ``step``). ``InputError`` says in which line what is wrong."""
    name = file_named(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as err:
        raise InputError(f"{name}: {err}, expected a CSV with a column {STEP}") from err
    if STEP not in head or len(head) < 2:
        raise InputError(f"{name}: columns {', '.join(head) or 'none'}, expected {STEP} and another one")
    wanted = column or next(c for c in head if c != STEP)
    if wanted not in head:
        raise InputError(f"{name}: no column {wanted}, expected one of {', '.join(head)}")
    places = head.index(STEP), head.index(wanted)
    read = dict(_row(row, places, f"{name}: line {k}") for k, row in enumerate(rows, 2))
    if not read:
        raise InputError(f"{name}: no row, expected one for every checkpoint")
    steps = sorted(read)
    values = tuple(read[s] for s in steps)
    return Scalars(wanted, tuple(steps), values, decimals_for(values))


def _row(row: Sequence[str], places: tuple[int, int], where: str) -> tuple[int, float]:
    try:
        step, value = int(row[places[0]]), float(row[places[1]])
    except (ValueError, IndexError) as err:
        raise InputError(f"{where}: {','.join(row)[:40]!r}, expected a step and a number") from err
    if not math.isfinite(value):
        raise InputError(f"{where}: {value}, expected a finite number")
    return step, value
