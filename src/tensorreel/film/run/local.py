"""Numbered jobs in processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tensorreel.film.job.atomic import part_path
from tensorreel.film.job.job import Job, Progress
from tensorreel.film.make.backend import Noted
from tensorreel.film.run import workers
from tensorreel.film.run.farm import Maker


def run_here(
    jobs: Mapping[int, Job],
    make: Maker,
    prepare: Callable[[], None],
    processes: int | None = None,
    on_progress: Callable[[int, int], None] = lambda at, frames: None,
    limit: float = workers.TIMEOUT,
) -> Iterator[workers.Outcome[int, Noted]]:
    """Yield what became of every job, in the order in which they end; ``jobs`` come longest first.

    ``prepare`` is called once, before the first of at most ``processes`` (None: one for each core) starts. What a
    worker that died has begun to write is taken away. ``on_progress`` and ``limit`` are those of ``workers.run_all``.
    """
    if not jobs:
        return
    prepare()
    count = min(processes or os.cpu_count() or 1, len(jobs))

    def clear(at: int, pid: int) -> None:
        if jobs[at].target.name:
            part_path(jobs[at].target, pid).unlink(missing_ok=True)

    yield from workers.run_all(list(jobs), partial(_numbered, jobs, make), count, on_progress, clear, limit)


def _numbered(jobs: Mapping[int, Job], make: Maker, at: int, progress: Progress) -> Noted:
    return make(jobs[at], progress)
