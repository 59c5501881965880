"""Several clips, or the whole film: what is kept already is taken, the rest is made in worker processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tensorreel.core.errors import (
    MAX_MESSAGE,
    Incomplete,
    Interrupted,
    TensorreelError,
    Terminated,
    one_line,
)
from tensorreel.film.job.atomic import replacing, said, spare, sweep
from tensorreel.film.job.digests import digest, file_digest
from tensorreel.film.job.job import Clip, Job
from tensorreel.film.job.locks import holding
from tensorreel.film.job.progress import ProgressBar
from tensorreel.film.keep.cache import Cache, opened
from tensorreel.film.keep.planner import Plan, Planner
from tensorreel.film.keep.source import modules
from tensorreel.film.make import backend
from tensorreel.film.make.backend import Backend, Noted
from tensorreel.film.run import farm, workers
from tensorreel.film.run.contents import FILM_TITLE, job_title, one_take
from tensorreel.film.run.delivery import Delivery, Made, Plain
from tensorreel.film.run.local import run_here
from tensorreel.models.stated import beside


def say(message: str) -> None:
    """A warning on stderr."""
    print(f"tensorreel: warning: {one_line(message)}", file=sys.stderr)


def nothing(clip: Clip) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class RunOptions:
    """How a run goes about its work. ``cache`` None keeps nothing; ``wait`` is in seconds; ``scheduler`` is the
    address of a cluster that makes the clips, or an executor; ``as_named``: in the order of the jobs, not the
    longest first; ``ready`` is told of each clip that is in place; ``silence`` is how many seconds a worker may
    say nothing; ``delivery`` makes what is handed out of what is kept."""

    processes: int | None = None
    cache: Path | None = None
    force: bool = False
    wait: float = 0.0
    scheduler: str | Executor | None = None
    as_named: bool = False
    silence: float = workers.TIMEOUT
    ready: Callable[[Clip], None] = nothing
    warn: Callable[[str], None] = say
    delivery: Delivery = field(default_factory=Plain)
    backend: Backend = field(default_factory=lambda: backend.DEFAULT)


def make_clips(
    jobs: Sequence[Job], processes: int | None = None, orders: RunOptions | None = None
) -> list[Clip]:
    """Bring every job's file up to date; returns the clips in the order of ``jobs``.

    Raises ``Incomplete`` when some could not be made (a single job's own error is raised as it is) and
    ``Interrupted`` when stopped; the files of the others are in place.
    """
    orders = orders or RunOptions(processes)
    spare((job.target for job in jobs), _inputs(jobs))
    orders.backend.check(jobs)
    plans: dict[int, Plan] = {}
    clips: dict[int, Clip] = {}
    with _counting(plans, len(jobs)), holding((j.target for j in jobs), orders.wait):
        for job in jobs:
            sweep(job.target)
        with opened(orders.cache, orders.warn) as cache:
            for at in _finished(plans, jobs, cache, orders):
                clips[at] = _place(plans[at], cache, orders)
                orders.ready(clips[at])
    return [clips[at] for at in range(len(jobs))]


def make_film(
    jobs: Sequence[Job], target: Path, processes: int | None = None, orders: RunOptions | None = None
) -> int:
    """Bring all clips up to date and join them, a chapter each, into ``target``; returns the frame count.

    ``jobs`` are MP4 jobs in film order; their own targets are not used. The film is one take.
    """
    jobs = one_take(jobs)
    orders = orders or RunOptions(processes)
    spare([target], _inputs(jobs))
    orders.backend.check(jobs)
    plans: dict[int, Plan] = {}
    with _counting(plans, len(jobs)), holding([target], orders.wait):
        sweep(target)
        with opened(orders.cache, orders.warn) as cache:
            for _ in _finished(plans, jobs, cache, orders):
                pass
            return _joined([plans[at] for at in range(len(jobs))], target, cache, orders)


def _inputs(jobs: Sequence[Job]) -> set[Path]:
    """The files that the jobs stand on, or would if they were there."""
    names = {name for job in jobs for name in (job.trace.model.source, job.options.font) if name}
    return {path for name in names for path in (Path(name), beside(Path(name)))}


def list_work(jobs: Sequence[Job], orders: RunOptions) -> list[Plan]:
    """What ``make_clips`` or ``make_film`` would do for each job; nothing is written but the memory of views."""
    orders.backend.check(jobs)
    with opened(orders.cache, orders.warn) as cache:
        desk = Planner(cache, orders.force)
        plans = dict(enumerate(desk.plan(jobs)))
        _look(plans, desk, cache, orders)
        return [plans[at] for at in range(len(jobs))]


def _finished(plans: dict[int, Plan], jobs: Sequence[Job], cache: Cache, orders: RunOptions) -> Iterator[int]:
    """Fill ``plans`` and yield the number of each job when its clip is kept, those that are there already
    first; raises at the end what went wrong."""
    desk = Planner(cache, orders.force)
    plans.update(enumerate(desk.plan(jobs)))
    _look(plans, desk, cache, orders)
    yield from [at for at, plan in plans.items() if plan.entry is not None]
    inside = {at: _inside(plan, at, cache) for at, plan in plans.items() if plan.entry is None}
    failed: list[workers.Outcome[int, Noted]] = []
    for outcome in _work(inside, orders, orders.backend.draw):
        at = outcome.work
        if outcome.result is None:
            failed.append(outcome)
        else:
            plans[at] = desk.keep(plans[at], outcome.result)
            yield at
    if failed:
        kept = [plan.job.scene for plan in plans.values() if plan.entry is not None]
        raise failure_of([(jobs[o.work].scene, o) for o in sorted(failed, key=lambda o: o.work)], kept)


def _look(plans: dict[int, Plan], desk: Planner, cache: Cache, orders: RunOptions) -> None:
    """Play dry what may turn out to be kept already."""
    todo = {at: _inside(plan, at, cache) for at, plan in plans.items() if plan.look}
    for outcome in _work(todo, orders, orders.backend.look):
        if outcome.result is not None:
            plans[outcome.work] = desk.seen(plans[outcome.work], outcome.result)


@contextmanager
def _counting(plans: dict[int, Plan], total: int) -> Iterator[None]:
    """Ctrl-C and SIGTERM say how far the work had come."""
    try:
        yield
    except KeyboardInterrupt as err:
        done = sum(plan.entry is not None for plan in plans.values())
        stopped = Interrupted(f"interrupted: {done} of {total} stages done; run again to go on")
        stopped.exit_code = 143 if isinstance(err, Terminated) else 130
        raise stopped from err


def _inside(plan: Plan, at: int, cache: Cache) -> Plan:
    """The same plan, drawing into the run's work folder."""
    return replace(plan, job=replace(plan.job, target=cache.work / f"{at:03}.{plan.job.format}"))


def _work(
    plans: dict[int, Plan], orders: RunOptions, maker: farm.Maker
) -> Iterator[workers.Outcome[int, Noted]]:
    """Have ``maker`` do the jobs of some plans, in several processes or on a cluster; outcomes by number."""
    if not plans:
        return
    jobs = {at: plan.job for at, plan in plans.items()}
    expected = {at: orders.backend.estimate(job) for at, job in jobs.items()}
    if not orders.as_named:
        jobs = {at: jobs[at] for at in sorted(jobs, key=lambda at: expected[at], reverse=True)}
    with ProgressBar(expected, {at: job.scene for at, job in jobs.items()}) as bar:
        made = (
            run_here(jobs, maker, orders.backend.prepare, orders.processes, bar.update, orders.silence)
            if orders.scheduler is None
            else _away(plans, jobs, orders, maker)
        )
        for outcome in made:
            clip = outcome.result.clip if outcome.result is not None else None
            bar.finish(outcome.work, clip.frames if clip else 0)
            yield outcome


def _away(
    plans: dict[int, Plan], jobs: dict[int, Job], orders: RunOptions, maker: farm.Maker
) -> Iterator[workers.Outcome[int, Noted]]:
    """On a cluster. A clip that cannot be taken is as good as one that was not made."""
    assert orders.scheduler is not None
    with farm.connected(orders.scheduler) as executor:
        for outcome in farm.run_on_farm(executor, jobs, maker):
            at, parcel = outcome.work, outcome.result
            try:
                plan = plans[at]
                here = plan.parts | {"translation": plan.sentence["translation"]}
                noted = None if parcel is None else farm.unpacked(parcel, jobs[at], here)
                yield workers.Outcome(at, noted, outcome.error, outcome.exit_code, outcome.trace)
            except TensorreelError as err:
                yield workers.Outcome(at, error=str(err), exit_code=err.exit_code)


def _place(plan: Plan, cache: Cache, orders: RunOptions) -> Clip:
    """The kept clip at its job's target, finished."""
    assert plan.entry is not None
    made = Made(plan.job, plan.entry, plan.parts["code"])
    _hand_out([made], plan.job.target, cache, orders, [plan.entry.digest], lambda: cache.path(made.entry))
    return made.clip


def _joined(plans: Sequence[Plan], target: Path, cache: Cache, orders: RunOptions) -> int:
    """The film of some kept clips at ``target``, finished."""
    lang = plans[0].job.options.lang
    titles = [job_title(plan.job) for plan in plans]
    made = [Made(plan.job, plan.entry, plan.parts["code"]) for plan in plans if plan.entry is not None]
    clips = [Clip(e.scene, cache.path(e), e.frames, e.fps, e.beats) for e in (m.entry for m in made)]
    joiner = file_digest(modules()["tensorreel.film.encode.join"])
    facts = [[m.entry.digest for m in made], titles, FILM_TITLE.of(lang), joiner]

    def joined() -> Path:
        film = cache.work / f"film{target.suffix}"
        orders.backend.join(clips, titles, film, FILM_TITLE.of(lang))
        return film

    _hand_out(made, target, cache, orders, facts, joined)
    return sum(clip.frames for clip in clips)


def _hand_out(
    made: Sequence[Made],
    target: Path,
    cache: Cache,
    orders: RunOptions,
    facts: Any,
    source: Callable[[], Path],
) -> None:
    """Finish ``source`` into ``target``, unless the file there is the one that would be written.

    ``facts`` stand for what is in the source; the delivery adds its own.
    """
    key = digest([facts, orders.delivery.key(made)])
    known = cache.film(key)
    if known and target.is_file() and file_digest(target) == known[0]:
        return
    with said(target):
        held = source()
        with replacing(target) as part:
            orders.delivery.write(made, held, part)
        cache.keep_film(key, file_digest(target), sum(m.entry.frames for m in made))


def failure_of(
    failed: Sequence[tuple[str, workers.Outcome[Any, Any]]], kept: Sequence[str] = ()
) -> TensorreelError:
    """One line that names what failed and why, and what is kept; the tracebacks hang on as its cause.

    Where nothing could be made for one and the same kind of reason, it is that reason.
    """
    first = failed[0][1]
    names = ", ".join(scene.replace("_", "-") for scene, _ in failed)
    error = TensorreelError(first.error if len(failed) == 1 else f"{names}: {first.error}")
    error.exit_code = first.exit_code
    if kept or any(o.exit_code != first.exit_code for _, o in failed):
        total = len(failed) + len(kept)
        line = f"{len(failed)} of {total} not rendered ({names}): {first.error}"
        named = f"{line}; kept: {', '.join(scene.replace('_', '-') for scene in kept)}"
        error = Incomplete(named if len(named) <= MAX_MESSAGE else f"{line}; the other {len(kept)} are kept")
    error.__cause__ = RuntimeError("\n\n".join(o.trace or o.error for _, o in failed))
    return error
