"""What a film consists of: the jobs for its scenes, as one take, and what its chapters are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.job import Job
from tensorreel.visuals.look.options import FULL
from tensorreel.words.text import Text

FILM_TITLE = Text("The Transformer, number by number", "film")


def chapter_title(scene: str, lang: str, architecture: Architecture) -> str:
    """A stage's number and title; the opening and the recap have only a title."""
    from tensorreel import scenes

    stage, title = architecture.get(scene), scenes.title(scene, architecture).of(lang)
    return f"{stage.number}. {title}" if stage else title


def job_title(job: Job) -> str:
    """The title of its chapter: the step that a clip of a training comes to, or what the scene is called."""
    if job.moments:
        return str(job.moments[-1].now.step)
    return chapter_title(job.scene, job.options.lang, job.architecture)


def one_take(jobs: Sequence[Job]) -> list[Job]:
    """The same jobs for a film without a cut: each begins with the picture with which the one before it ends.

    A film that leaves beats out keeps its cuts: what stands at the end of a scene is then not what was seen last. The
    clips of a training go on from one another by themselves.
    """
    if any(job.moments or job.options.cut != FULL for job in jobs):
        return [*jobs]
    names = [job.scene for job in jobs]
    return [
        replace(job, after=before, onward=at < len(jobs))
        for at, (job, before) in enumerate(zip(jobs, ["", *names], strict=False), 1)
    ]


def film_jobs(like: Job, names: Sequence[str] = ()) -> list[Job]:
    """Jobs for ``names``, or for all scenes of the film in its order, otherwise ``like`` the given one.

    ``UsageProblem`` for a scene that its cut has not.
    """
    from tensorreel import scenes

    cut = like.options.cut
    if missing := next((name for name in names if not scenes.in_cut(name, cut)), None):
        raise UsageProblem(f"{missing}: not in the cut {cut}, expected a scene that has beats in it")
    order = names or scenes.film(like.architecture, cut, compares=like.old is not None)
    return [replace(like, scene=name) for name in order]
