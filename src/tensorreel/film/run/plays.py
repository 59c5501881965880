"""The beats of clips that are not made yet: kept from before, or found by playing their scenes without drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tensorreel.film.job.job import Cue, Job
from tensorreel.film.job.progress import ProgressBar
from tensorreel.film.keep.cache import opened
from tensorreel.film.keep.planner import Plan, Planner
from tensorreel.film.make.backend import Noted
from tensorreel.film.run.local import run_here
from tensorreel.film.run.production import RunOptions, failure_of

Beats = tuple[Cue, ...]


def planned_beats(jobs: Sequence[Job], orders: RunOptions) -> list[Beats]:
    """The beats that each job's clip would have by itself and without a voice, in the order of ``jobs``."""
    orders.backend.check(jobs)
    silent = [replace(job, after="", onward=False, speech=()) for job in jobs]
    with opened(orders.cache, orders.warn) as cache:
        desk = Planner(cache)
        plans = dict(enumerate(desk.plan(silent)))
        found = {at: cache.beats(plan.key) for at, plan in plans.items() if plan.key is not None}
        known = {at: beats for at, beats in found.items() if beats is not None}
        for at, noted in _played({at: plan for at, plan in plans.items() if at not in known}, orders):
            known[at] = noted.beats
            if key := desk.seen(plans[at], noted).key:
                cache.keep_beats(key, noted.beats)
        return [known[at] for at in range(len(jobs))]


def _played(plans: dict[int, Plan], orders: RunOptions) -> list[tuple[int, Noted]]:
    """What plays of the scenes told; the first failure is raised when all have ended."""
    if not plans:
        return []
    jobs = {at: plan.job for at, plan in plans.items()}
    names, outcomes = {at: job.scene for at, job in jobs.items()}, []
    with ProgressBar(dict.fromkeys(jobs, 1), names, "sentences") as bar:
        backend = orders.backend
        for o in run_here(jobs, backend.look, backend.prepare, orders.processes, limit=orders.silence):
            outcomes.append(o)
            bar.finish(o.work, len(o.result.beats) if o.result else 0)
    if failed := [(jobs[o.work].scene, o) for o in outcomes if o.result is None]:
        raise failure_of(failed)
    return [(o.work, o.result) for o in outcomes if o.result is not None]
