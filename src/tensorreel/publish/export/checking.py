"""The numbers of a workbook once more, on the audit's independent path."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from tensorreel.core.engine import Trace
from tensorreel.publish.export.workbook import Homes, write_workbook
from tensorreel.review.recompute import ReferencePass

NEAR = Decimal("1e-9")  # of a number, and at least that much


class Checked(NamedTuple):
    """How many numbers of a workbook were recomputed, and a line for each that is another one."""

    numbers: int
    findings: list[str]


def check_workbook(trace: Trace) -> Checked:
    """Lay out the workbook of a forward pass, keep nothing of it, and recompute every number that it shows.

    ``UsageProblem`` where ``write_workbook`` has one.
    """
    with TemporaryDirectory() as folder:
        homes = write_workbook(trace, Path(folder) / "checked.xlsx", "en")
    return Checked(sum(place.values.size for place in homes.values()), [*_others(trace, homes)])


def _others(trace: Trace, homes: Homes) -> Iterator[str]:
    """Each number that the second path does not give."""
    second = ReferencePass(trace.model, trace.tokens)
    for (name, layer, head), place in homes.items():
        exact: Any = second.tokens if name == "tokens" else second.tensor(name, layer)
        rows = exact if head is None else exact[head]
        rows = (
            rows if isinstance(rows[0], list) else [rows] if len(place.values) == 1 else [[x] for x in rows]
        )
        for (i, j), value in np.ndenumerate(place.values):
            if not _agrees(float(value), Decimal(rows[i][j])):
                yield f"{place.sheet} {place.cell(i, j)}: {value}, expected {float(rows[i][j])}"


def _agrees(value: float, exact: Decimal) -> bool:
    if not np.isfinite(value):
        return Decimal(value) == exact
    return abs(Decimal(value) - exact) <= NEAR * max(Decimal(1), abs(exact))
