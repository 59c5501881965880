"""Many cases at once: lint or audit them in as many processes as there are processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.processes import start_method
from tensorreel.review.cases import Case

if TYPE_CHECKING:
    from tensorreel.review.recipes import Reckoner

_CASES: list[Case] = []  # a worker's; one that is forked gets them as they are: no trace has to travel
_LAST: dict[str, Any] = {}


@dataclass(frozen=True)
class Report:
    """What one case gave: the findings as lines, and counts by what was counted."""

    case: str
    findings: tuple[str, ...]
    counts: dict[str, int]


def lint_one(case: Case) -> Report:
    """Lint a case."""
    from tensorreel.review.lint import lint_case

    findings, beats = lint_case(case)
    return Report(str(case), tuple(map(str, findings)), {"beats": beats})


def audit_one(case: Case) -> Report:
    """Audit a case."""
    from tensorreel.review.audit import audit_case

    auditor = audit_case(case, _reckoner(case))
    counts = {"numerals": auditor.checked, "relations": auditor.relations}
    counts |= {"calculations": len(auditor.worked), "follow as printed": sum(auditor.worked.values())}
    return Report(str(case), tuple(map(str, auditor.findings)), counts)


def _reckoner(case: Case) -> Reckoner:
    """One second forward pass for all cases of a trace, and of the one before; only the last is kept, since cases
    come in order.
    """
    from tensorreel.review.audit import reckoner_of

    if _LAST.get("trace") is not case.trace or _LAST["old"] is not case.old:
        _LAST.update(trace=case.trace, old=case.old, reckoner=reckoner_of(case))
    found: Reckoner = _LAST["reckoner"]
    return found


def run(check: Callable[[Case], Report], cases: Sequence[Case], jobs: int | None = None) -> Iterator[Report]:
    """Check every case, in order; a case that crashes is a finding, not the end. Of no case nothing can be said."""
    if not cases:
        raise UsageProblem("no case to check, expected a scene of a model")
    from tensorreel.film.draw.manim_setup import import_manim

    import_manim()
    jobs = min(jobs or os.cpu_count() or 1, len(cases))
    if jobs <= 1:
        yield from (_safely(check, c) for c in cases)
        return
    with ProcessPoolExecutor(jobs, mp_context=start_method(), initializer=_begin, initargs=(cases,)) as pool:
        yield from pool.map(_by_number, [check] * len(cases), range(len(cases)), chunksize=4)


def _begin(cases: Sequence[Case]) -> None:
    _CASES[:] = cases


def _by_number(check: Callable[[Case], Report], k: int) -> Report:
    return _safely(check, _CASES[k])


def _safely(check: Callable[[Case], Report], case: Case) -> Report:
    try:
        return check(case)
    except Exception as err:
        return Report(str(case), (f"{case}: crashed: {type(err).__name__}: {err}",), {})
