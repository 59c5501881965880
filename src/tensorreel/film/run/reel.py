"""A training reel: a clip for each way from a checkpoint to the next, joined; one clip of them all where a file is no
film.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tensorreel.film.job.formats import endings
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.backend import Backend
from tensorreel.film.run.production import RunOptions, make_clips, make_film
from tensorreel.variations.training import Training
from tensorreel.visuals.look.options import SceneOptions

SCENE = "evolve"


def reel_jobs(training: Training, options: SceneOptions, picture: Picture, form: str) -> list[Job]:
    """The jobs of a reel, in order."""
    moments = training.moments
    parts = [(m,) for m in moments] if form in endings("film") else [tuple(moments)]
    like = Job(SCENE, None, options, picture, form, Path())
    return [replace(like, trace=part[-1].now.trace, moments=part) for part in parts]


def make_reel(jobs: list[Job], target: Path, orders: RunOptions) -> int:
    """Bring a reel up to date; returns the frame count. Clips that are kept are not drawn again."""
    if jobs[0].format in endings("film"):
        return make_film(jobs, target, orders=replace(orders, backend=_warm(jobs[0], orders.backend)))
    return make_clips([replace(jobs[0], target=target)], orders=orders)[0].frames


def _warm(job: Job, backend: Backend) -> Backend:
    """The same, with letters and formulas shaped before the workers are forked: a clip is short, and each has a worker."""

    def prepare() -> None:
        backend.prepare()
        backend.look(job, lambda frames: None)

    return replace(backend, prepare=prepare)
