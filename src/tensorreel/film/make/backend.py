"""What does the work: drawing a clip and playing a scene dry, each in a process of its own.

Production knows only this small set of functions; the tests of faults put others in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tensorreel.core.engine import Trace
from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.film.draw import choose, manim_setup
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Clip, Cue, Job, Progress
from tensorreel.film.make.clip import build_scene, cue, drawing, make
from tensorreel.film.make.recording import Look, NotedTrace
from tensorreel.visuals.look.options import STORY


@dataclass(frozen=True)
class Noted:
    """What a play of a scene told: digest of its view, the tensors it read, the clip if one was drawn, the digits of
    the tensors it showed, and its beats where nothing was drawn."""

    view: str
    reads: tuple[Look, ...]
    clip: Clip | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    beats: tuple[Cue, ...] = ()


def draw(job: Job, progress: Progress) -> Noted:
    """Draw the job's file and note what it shows."""
    scene_of(job)
    trace = NotedTrace.of(job.trace)
    clip = make(replace(job, trace=trace), progress)
    return Noted(trace.notes.view, tuple(trace.notes.reads), clip, trace.notes.shown)


def dry_play(job: Job, progress: Progress) -> Noted:
    """Play the job's scene without drawing it and note what it would show."""
    trace = NotedTrace.of(job.trace)
    manim_setup.import_manim()
    with drawing(job.picture):
        scene = build_scene(replace(job, trace=trace), choose.dry_renderer()())
        scene.render()
    beats = tuple(map(cue, scene.beats))
    return Noted(trace.notes.view, tuple(trace.notes.reads), digests=trace.notes.shown, beats=beats)


def join_clips(clips: Sequence[Clip], titles: Sequence[str], target: Path, title: str) -> int:
    """The clips as one film; returns its frame count."""
    from tensorreel.film.encode.join import join as joined

    return joined(clips, titles, target, title)


def estimate(job: Job) -> int:
    """Frames that a clip is expected to have, from its scene's budget in seconds."""
    if FORMATS[job.format].still:
        return 1
    seconds = STORY_SECONDS if job.options.cut == STORY else scene_of(job).budget
    return max(round(seconds / job.options.pace * job.picture.fps), 1)


def guess(job: Job) -> int:
    """The same where a scene may be missing: then a worker will say so, and the others are made."""
    try:
        return estimate(job)
    except Exception:
        return 1


def check_words(jobs: Sequence[Job]) -> None:
    """Refuse, before anything is written, words with a character that no installed font has."""
    from tensorreel.visuals.lettering import fonts

    looks = {(id(job.trace), job.options.font, job.options.lang): job for job in jobs}
    for (_, font, lang), job in looks.items():
        for word in drawn_words(job.trace):
            for bold in (False, True):
                fonts.shape(word, font, bold=bold, lang=lang)


def scene_of(job: Job) -> Any:
    """The job's scene class; ``UsageProblem`` while there is none."""
    from tensorreel import scenes

    try:
        return scenes.find(job.scene, job.architecture)
    except SyntaxError as err:
        raise InputError(f"{err.filename}: line {err.lineno}: {err.msg}, expected a storyboard") from err
    except (ImportError, AttributeError) as err:
        raise UsageProblem(f"{job.scene.replace('_', '-')}: no scene yet ({err})") from err


def prepare() -> None:
    """Import what all workers need, once, before they are forked."""
    choose.dry_renderer()  # says here, and once, where frames will be drawn Manim's own way


@dataclass(frozen=True)
class Backend:
    """The functions that production calls."""

    draw: Callable[[Job, Progress], Noted] = draw
    look: Callable[[Job, Progress], Noted] = dry_play
    join: Callable[[Sequence[Clip], Sequence[str], Path, str], int] = join_clips
    prepare: Callable[[], None] = prepare
    check: Callable[[Sequence[Job]], None] = check_words
    estimate: Callable[[Job], int] = guess


SMALL_VOCABULARY = 12
STORY_SECONDS = 4.5  # of a scene of which one beat is shown
DEFAULT = Backend()


def drawn_words(trace: Trace) -> tuple[str, ...]:
    """The words that are on the screen: of a small vocabulary all, of a large one those of the sentence."""
    model = trace.model
    small = model.config.vocab_size <= SMALL_VOCABULARY
    return (*model.labels, *model.glosses) if small else (*trace.labels, *trace.glosses)
