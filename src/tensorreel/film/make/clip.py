"""Making one clip: its scene is played into an encoder, and its file is whole or is not there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tensorreel.film.draw import choose, manim_setup
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.formats import FORMATS, Format, function
from tensorreel.film.job.job import Clip, Cue, Job, Progress
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.recording import NotedTrace, Recorder


def build_scene(job: Job, renderer: Any) -> Any:
    """The job's scene with its renderer; call inside ``drawing``. What it shows is noted by a noted trace."""
    from tensorreel import scenes
    from tensorreel.visuals.against.compared import set_against

    more: dict[str, Any] = {"moments": job.moments} if job.moments else {}
    if job.speech:
        more["speech"] = [said.seconds for said in job.speech]
    before = closing(replace(job, scene=job.after)) if job.after else None
    kind = set_against(scenes.find(job.scene, job.architecture), job.old)
    scene = kind(renderer, trace=job.trace, options=job.options, before=before, onward=job.onward, **more)
    if isinstance(job.trace, NotedTrace):
        job.trace.notes.recorder = Recorder(scene)
    return scene


def closing(job: Job) -> Any:
    """The job's scene, played without drawing it: what it leaves standing for the scene behind it."""
    scene = build_scene(replace(job, after="", onward=True, speech=()), choose.dry_renderer()())
    scene.render()
    return scene


@contextmanager
def drawing(picture: Picture) -> Iterator[None]:
    """Manim set up for ``picture``, with a private folder for whatever it writes."""
    with (
        tempfile.TemporaryDirectory(prefix="tensorreel-") as folder,
        manim_setup.manim_settings(picture, Path(folder)),
    ):
        yield


def make(job: Job, progress: Progress | None = None) -> Clip:
    """Draw the job's file. It appears under its name whole, or not at all.

    ``progress`` is called with the number of frames done, a few times a second of film. Raises ``ClipError``
    when the file does not hold the frames that were drawn.
    """
    manim_setup.import_manim()
    form = FORMATS[job.format]
    with replacing(job.target) as part:
        return (_still if form.still else _film)(form, job, part, progress or _silent)


def _silent(frames: int) -> None:
    """No progress."""


def _film(form: Format, job: Job, part: Path, progress: Progress) -> Clip:
    with drawing(job.picture), function(form.encoder)(part, job) as sink:
        scene = _play(job, sink, progress)
    return Clip(job.scene, job.target, sink.frames, job.picture.fps, tuple(map(cue, scene.beats)))


def _still(form: Format, job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.make.stills import at_beat

    with drawing(job.picture):
        data, beats = at_beat(job, partial(function(form.encoder), job))
    part.write_bytes(data)
    return Clip(job.scene, job.target, 1, job.picture.fps, tuple(map(cue, beats)))


def cue(beat: Any) -> Cue:
    """A scene's beat as plain data."""
    return Cue(beat.name, beat.start, beat.end, beat.caption, beat.loop, beat.why)


def _play(job: Job, sink: Any, progress: Progress) -> Any:
    """Run the scene into ``sink``, with a cut where a beat begins and where one ends."""
    drawing_renderer: Any = choose.film_renderer()

    class Counting(drawing_renderer):
        """Tells how far it is at every play and every quarter of a second."""

        def passed(self, count: int) -> None:
            before = self.frames
            super().passed(count)
            step = max(job.picture.fps // 4, 1)
            if before // step != self.frames // step:
                progress(self.frames)

    scene = build_scene(job, Counting(sink))
    scene.on_beat.append(lambda beat: sink.cut())
    scene.observers.append(_Beginnings(sink))
    scene.render()
    progress(scene.renderer.frames)
    return scene


class _Beginnings:
    """Cuts where a beat begins that does not follow the one before at once."""

    def __init__(self, sink: Any) -> None:
        self.sink, self.beat = sink, ""

    def __call__(self, scene: Any, moment: str, moving: Any) -> None:
        """The scene is about to move."""
        if moment == "before" and scene.beat_name != self.beat:
            self.beat = scene.beat_name
            self.sink.cut()
