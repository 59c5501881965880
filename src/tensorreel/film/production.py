"""Several clips, or the whole film: jobs, workers, progress, and what is left when some fail."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tensorreel.errors import Incomplete, TensorreelError, UsageProblem
from tensorreel.film import boot, workers
from tensorreel.film.job import Clip, Job, Progress, make, part_path
from tensorreel.film.progress import ProgressBar

FILM_TITLE = {"en": "The Transformer, number by number", "ja": "数字で見るTransformer"}


def make_clips(jobs: Sequence[Job], processes: int | None = None) -> list[Clip]:
    """Make every job's file, in several processes; returns the clips in the order of ``jobs``.

    Raises ``Incomplete`` when some could not be made (a single job's own error is raised as it is); the files
    of the others stay.
    """
    return _run(jobs, make, processes)


def make_sheets(
    jobs: Sequence[Job], every: float | None, columns: int, processes: int | None = None
) -> list[Clip]:
    """The same for contact sheets."""
    from tensorreel.film.contact import make_sheet

    return _run(jobs, partial(_sheet, make_sheet, every, columns), processes)


def _sheet(maker: Any, every: float | None, columns: int, job: Job, progress: Progress) -> Clip:
    clip: Clip = maker(job, every, columns, progress)
    return clip


def _run(jobs: Sequence[Job], maker: Callable[[Job, Progress], Clip], processes: int | None) -> list[Clip]:
    boot.import_manim()
    expected = {job.scene: estimate(job) for job in jobs}
    if len(jobs) == 1:
        with ProgressBar(expected) as bar:
            return [maker(jobs[0], lambda frames: bar.update(jobs[0].scene, frames))]
    made: dict[str, Clip] = {}
    failed: list[workers.Outcome[Job, Clip]] = []
    with ProgressBar(expected) as bar:
        outcomes = workers.run_all(
            sorted(jobs, key=lambda job: expected[job.scene], reverse=True),
            maker,
            min(processes or os.cpu_count() or 1, len(jobs)),
            lambda job, frames: bar.update(job.scene, frames),
            lambda job, pid: part_path(job.target, pid).unlink(missing_ok=True),
        )
        for outcome in outcomes:
            if outcome.result is None:
                failed.append(outcome)
            else:
                made[outcome.work.scene] = outcome.result
            bar.finish(outcome.work.scene, outcome.result.frames if outcome.result else 0)
    if failed:
        raise _incomplete(failed, len(jobs))
    return [made[job.scene] for job in jobs]


def _incomplete(failed: Sequence[workers.Outcome[Job, Clip]], total: int) -> TensorreelError:
    """One line that names what failed and why; the tracebacks hang on as its cause."""
    first = failed[0]
    names = ", ".join(o.work.scene.replace("_", "-") for o in failed)
    error = Incomplete(f"{len(failed)} of {total} not rendered ({names}): {first.error}")
    error.__cause__ = RuntimeError("\n\n".join(o.trace or o.error for o in failed))
    return error


def make_film(jobs: Sequence[Job], target: Path, processes: int | None = None) -> int:
    """Make all clips and join them, a chapter each, into ``target``; returns the frame count.

    ``jobs`` are MP4 jobs in film order; their own targets are not used.
    """
    from tensorreel.film.join import join

    lang = jobs[0].options.lang
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    try:
        inside = [replace(job, target=folder / f"{i:02}.mp4") for i, job in enumerate(jobs)]
        clips = make_clips(inside, processes)
        titles = [chapter_title(job.scene, lang) for job in jobs]
        return join(clips, titles, target, FILM_TITLE[lang])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chapter_title(scene: str, lang: str) -> str:
    """A stage's number and title; the opening and the recap have only a title."""
    from tensorreel.stages import STAGES

    other = {"opening": ("Opening", "はじめに"), "recap": ("Recap", "まとめ")}
    if scene in other:
        return other[scene][lang == "ja"]
    stage = next(s for s in STAGES if s.name == scene)
    return f"{stage.number}. {stage.title.of(lang)}"


def estimate(job: Job) -> int:
    """Frames that a clip is expected to have, from its scene's budget in seconds."""
    from tensorreel import scenes

    try:
        budget: float = scenes.find(job.scene).budget
    except (ImportError, AttributeError) as err:
        raise UsageProblem(f"{job.scene.replace('_', '-')}: no scene yet ({err})") from err
    return 1 if job.format == "png" else max(round(budget / job.options.pace * job.picture.fps), 1)


def film_jobs(like: Job, names: Sequence[str] = ()) -> list[Job]:
    """Jobs for ``names``, or for all scenes of the film in its order, otherwise ``like`` the given one."""
    from tensorreel import scenes

    return [replace(like, scene=name) for name in names or scenes.SCENES]
