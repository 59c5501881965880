"""Contact sheets of several scenes, each drawn in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from tensorreel.film.draw import manim_setup
from tensorreel.film.job.job import Clip, Job, Progress
from tensorreel.film.job.progress import ProgressBar
from tensorreel.film.run import workers
from tensorreel.film.run.production import failure_of


def make_sheets(
    jobs: Sequence[Job], every: float | None, columns: int, processes: int | None = None
) -> list[Clip]:
    """Contact sheets of some scenes, in several processes."""
    from tensorreel.film.make.contact import make_sheet

    manim_setup.import_manim()
    made: dict[str, Clip] = {}
    failed: list[Any] = []
    maker = partial(_sheet, make_sheet, every, columns)
    with ProgressBar({job.scene: 1 for job in jobs}, unit="pictures") as bar:
        for outcome in workers.run_all(jobs, maker, min(processes or os.cpu_count() or 1, len(jobs))):
            if outcome.result is None:
                failed.append(outcome)
            else:
                made[outcome.work.scene] = outcome.result
            bar.finish(outcome.work.scene, outcome.result.frames if outcome.result else 0)
    if failed:
        raise failure_of([(o.work.scene, o) for o in failed], list(made))
    return [made[job.scene] for job in jobs]


def _sheet(maker: Any, every: float | None, columns: int, job: Job, progress: Progress) -> Clip:
    clip: Clip = maker(job, every, columns, progress)
    return clip
