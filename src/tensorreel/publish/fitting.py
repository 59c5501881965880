"""A GIF or WebP that may not be larger than so many bytes: which size, rate and colours are the best that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture, Rate, spoken_rate


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: width in pixels (16:9), frames per second, colours of the palette."""

    width: int
    fps: Rate
    colours: int

    @property
    def weight(self) -> float:
        """What such a file weighs against the others, roughly: found from a few stages."""
        return float(self.width**1.3 * self.fps**0.7 * self.colours**0.3)

    def of(self, job: Job) -> Job:
        """The job at this step; the size keeps its shape."""
        picture = job.picture
        if self.width != picture.width:
            height = round(self.width * picture.height / picture.width / 2) * 2
            picture = Picture(self.width, height, self.fps)
        return replace(job, picture=picture.at(self.fps), colours=self.colours)


# From the best to the smallest in which the film can still be read.
LADDER = (
    Rung(960, 20, 128),
    Rung(960, 20, 64),
    Rung(960, 15, 64),
    Rung(800, 15, 64),
    Rung(800, 12, 32),
    Rung(640, 12, 32),
    Rung(640, 10, 16),
    Rung(480, 10, 16),
    Rung(480, 8, 8),
)


def rungs(job: Job) -> list[Rung]:
    """The steps that are no larger than the job asks for; the first is the job itself. What has no palette has all
    colours.
    """
    top = Rung(job.picture.width, job.picture.fps, job.colours)
    found = [top]
    for rung in LADDER:
        step = Rung(min(rung.width, top.width), min(rung.fps, top.fps), min(rung.colours, top.colours))
        step = step if FORMATS[job.format].palette else replace(step, colours=top.colours)
        if step.weight < found[-1].weight:
            found.append(step)
    return found


def fitted(job: Job, most: int, size_of: Callable[[Job], int]) -> tuple[Job, int]:
    """The job at the best step whose file has at most ``most`` bytes, and its size.

    ``size_of`` makes a file and tells its size; it is asked as seldom as guessing allows. ``UsageProblem`` when
    even the smallest is too large.
    """
    steps = rungs(job)
    known: dict[int, int] = {}
    for at in tries(steps, most, known):
        known[at] = size_of(steps[at].of(job))
    fit = [at for at, size in known.items() if size <= most]
    if not fit:
        least = steps[-1]
        raise UsageProblem(
            f"--max-size {most}: {job.scene.replace('_', '-')} has {known[len(steps) - 1]} bytes as the smallest "
            f"{job.format} that can be read ({spoken_picture(least.of(job))}), expected no less (or --pace 2)"
        )
    return steps[min(fit)].of(job), known[min(fit)]


class Weighed(Protocol):
    """A step of any ladder."""

    @property
    def weight(self) -> float:
        """What its file weighs against the others, roughly."""


def tries(steps: Sequence[Weighed], most: int, known: dict[int, int]) -> Iterator[int]:
    """Which step to try next: the first, then the best that by the last size should fit, then its neighbours."""
    at = 0
    while True:
        yield at
        if known[at] <= most:
            if at == 0 or at - 1 in known or known[at] * steps[at - 1].weight / steps[at].weight > 1.2 * most:
                return
            at -= 1
            continue
        end = min((i for i in known if i > at), default=len(steps))
        share = most / known[at] * steps[at].weight
        fits = [i for i in range(at + 1, end) if steps[i].weight <= share]
        if not fits and (end < len(steps) or at == end - 1):
            return
        at = fits[0] if fits else end - 1


def spoken_picture(job: Job) -> str:
    """``800×450, 15 frames per second, 64 colours``."""
    picture = job.picture
    colours = f", {job.colours} colours" if FORMATS[job.format].palette else ""
    return f"{picture.width}×{picture.height}, {spoken_rate(picture.fps)} frames per second{colours}"
