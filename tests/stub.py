"""A renderer without pictures, for the tests of faults: keys, cache, locks, workers and publishing are real.

Its clips are text. What a stage's clip says is what the stage has on the screen: the words of the sentence and
the printed digits of its inputs and its output. ``expected`` says the same without any of the machinery.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel import scenes
from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import decimals_for, format_number
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.digests import digest
from tensorreel.film.job.job import Clip, Cue, Job, Progress
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.backend import Backend, Noted
from tensorreel.film.make.recording import NotedTrace, seen
from tensorreel.visuals.look.options import SceneOptions
from tests.saying import both

FRAMES = 10
PICTURE = Picture(320, 180, 10)
CLIPS = len(scenes.film())  # of the film
STAGE_NAMES = tuple(stage.name for stage in ARTICLE.stages)
# Called in a worker before each frame; tests put faults here. Workers are forked, so they see them.
FAULTS: list[Callable[[Job, int], None]] = []


def on_screen(job: Job) -> list[str]:
    """Names of the tensors that the stage of a job shows: inputs and output, in its layer."""
    if job.scene in scenes.around(*scenes.PLACES, scenes.AGAINST):
        return ["probs"] if job.scene not in scenes.around("before") else []
    stage = next(s for s in ARTICLE.stages if s.name == job.scene)
    return [*(name for name in stage.inputs if name != "tokens"), stage.name]


def sentence(trace: Trace) -> list[str]:
    """The names of the rows."""
    return [trace.model.words[i] for i in trace.tokens]


def look_of(job: Job) -> list[str]:
    """What a choice of the viewer changes on every picture."""
    o, p = job.options, job.picture
    return [o.lang, o.theme, repr(o.pace), f"{p.width}x{p.height}", str(p.fps)]


def expected(job: Job) -> bytes:
    """The clip of a job, worked out without keys and caches: printed digits straight from a fresh forward."""
    trace = _fresh(job.trace.model, job.trace.tokens).at(layer=job.options.layer)
    tensors = []
    for name in on_screen(job):
        values = trace[name].values
        decimals = decimals_for(values[np.isfinite(values)])
        tensors.append(
            [name, list(values.shape), [format_number(x, decimals) for x in trace[name].printed.flat]]
        )
    return _clip([job.scene, look_of(job), sentence(trace), tensors])


@lru_cache(maxsize=4)
def _fresh(model: Model, tokens: tuple[int, ...]) -> Trace:
    return forward(model, tokens)


def _clip(said: Any) -> bytes:
    text = json.dumps(said, ensure_ascii=True)
    return b"".join(f"{k} {text}\n".encode() for k in range(FRAMES))


@dataclass
class Paper:
    """Stands where a scene's recorder stands."""

    said: Any

    def view(self) -> str:
        """Digest of what is seen."""
        return digest(self.said)


def _play(job: Job) -> tuple[NotedTrace, Any]:
    trace = NotedTrace.of(job.trace)
    there = trace.at(layer=job.options.layer)
    tensors = []
    for name in on_screen(job):
        tensor = there[name]
        _, _, _, shape, _, strings = seen(tensor, tensor)
        tensors.append([name, shape, strings])
    said = [job.scene, look_of(job), sentence(trace), tensors]
    trace.notes.recorder = Paper([job.scene, sentence(trace), tensors])  # type: ignore[assignment]
    return trace, said


def draw(job: Job, progress: Progress) -> Noted:
    """Write the text, a line a frame."""
    trace, said = _play(job)
    with replacing(job.target) as part, part.open("wb") as file:
        for k, line in enumerate(_clip(said).splitlines(keepends=True)):
            for fault in FAULTS:
                fault(job, k)
            file.write(line)
            file.flush()
            progress(k + 1)
    clip = Clip(job.scene, job.target, FRAMES, job.picture.fps, beats_of(job))
    return Noted(trace.notes.view, tuple(trace.notes.reads), clip)


def look(job: Job, progress: Progress) -> Noted:
    """The same without writing."""
    trace, _ = _play(job)
    return Noted(trace.notes.view, tuple(trace.notes.reads), beats=beats_of(job))


def beats_of(job: Job) -> tuple[Cue, ...]:
    """The only beat of a clip, all of it."""
    return (Cue("all", 0.0, float(FRAMES / job.picture.fps), both("All", "全部")),)


def join(clips: Sequence[Clip], titles: Sequence[str], target: Path, title: str) -> int:
    """One text after the other."""
    with replacing(target) as part, part.open("wb") as out:
        for clip in clips:
            out.write(clip.path.read_bytes())
    return sum(clip.frames for clip in clips)


def nothing(*args: Any) -> None:
    """Nothing to prepare, nothing to check."""


def ten(job: Job) -> int:
    """Frames of a clip."""
    return FRAMES


STUB = Backend(draw, look, join, nothing, nothing, ten)


def jobs_for(
    model: Model, folder: Path, names: Sequence[str] = STAGE_NAMES, layer: int = 0, **options: Any
) -> list[Job]:
    """A job for each of some stages of a model."""
    trace, chosen = forward(model), SceneOptions(layer=layer, **options)
    return [Job(name, trace, chosen, PICTURE, "mp4", folder / f"{name}.mp4") for name in names]


def edited(model: Model, name: str, index: tuple[int, ...], value: float) -> Model:
    """The model with one number changed."""
    array = model.params[name].copy()
    array[index] = value
    return replace(model, params={**model.params, name: array})
