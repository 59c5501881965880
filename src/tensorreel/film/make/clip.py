"""Making one clip: its scene is played into an encoder, and its file is whole or is not there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorreel.film.draw import choose, manim_setup
from tensorreel.film.job.atomic import replacing as replacing
from tensorreel.film.job.job import Clip, ClipError, Cue, Job, Progress
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.recording import NotedTrace, Recorder
from tensorreel.visuals.look.theme import THEMES


def build_scene(job: Job, renderer: Any) -> Any:
    """The job's scene with its renderer; call inside ``drawing``. What it shows is noted by a noted trace."""
    from tensorreel import scenes

    scene = scenes.find(job.scene)(renderer, trace=job.trace, options=job.options)
    if isinstance(job.trace, NotedTrace):
        job.trace.notes.recorder = Recorder(scene)
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
    makers = {
        "mp4": _make_mp4,
        "gif": _make_gif,
        "webp": _make_webp,
        "webm": _make_overlay,
        "mov": _make_overlay,
        "png": _make_png,
        "svg": _make_svg,
    }
    with replacing(job.target) as part:
        return makers[job.format](job, part, progress or _silent)


def _silent(frames: int) -> None:
    """No progress."""


def _make_mp4(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.encode.encoder import ClipEncoder
    from tensorreel.film.encode.probe import check_mp4

    with drawing(job.picture), ClipEncoder(part, job.picture) as encoder:
        scene = _play(job, encoder, progress)
    check_mp4(part, job.picture, encoder.frames)
    return _clip(job, encoder.frames, scene)


def _make_gif(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.encode.gif import GifEncoder
    from tensorreel.film.make.palette import clip_palette

    with drawing(job.picture):
        palette = clip_palette(job)
        with GifEncoder(part, job.picture, palette) as encoder:
            scene = _play(job, encoder, progress)
    return _clip(job, encoder.frames, scene)


def _make_webp(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.encode.webp import WebpEncoder

    with drawing(job.picture), WebpEncoder(part, job.picture, job.ground is None) as encoder:
        scene = _play(job, encoder, progress)
    return _clip(job, encoder.frames, scene)


def _make_overlay(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.encode.overlay import MOV, WEBM, OverlayEncoder
    from tensorreel.film.encode.probe import count_frames

    under = None if job.ground else THEMES[job.options.theme].background
    coding = WEBM if job.format == "webm" else MOV
    with drawing(job.picture), OverlayEncoder(part, job.picture, coding, under) as encoder:
        scene = _play(job, encoder, progress)
    if (held := count_frames(part)) != encoder.frames:
        raise ClipError(f"{part.name}: {held} frames, expected {encoder.frames}")
    return _clip(job, encoder.frames, scene)


def _make_png(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.make.stills import at_beat

    with drawing(job.picture):
        image, beats = at_beat(job, lambda renderer, scene: renderer.snap(scene))
    image.save(part)
    return Clip(job.scene, job.target, 1, job.picture.fps, tuple(map(cue, beats)))


def _make_svg(job: Job, part: Path, progress: Progress) -> Clip:
    from tensorreel.film.make.stills import at_beat
    from tensorreel.film.make.vector import svg_of

    with drawing(job.picture):
        text, beats = at_beat(job, lambda renderer, scene: svg_of(scene, job.ground))
    part.write_text(text, encoding="utf-8")
    return Clip(job.scene, job.target, 1, job.picture.fps, tuple(map(cue, beats)))


def cue(beat: Any) -> Cue:
    """A scene's beat as plain data."""
    return Cue(beat.name, beat.start, beat.end, beat.caption.en, beat.caption.ja, beat.loop)


def _play(job: Job, sink: Any, progress: Progress) -> Any:
    """Run the scene into ``sink``, with a cut where a beat begins and where one ends."""
    drawing_renderer: Any = choose.film()

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


def _clip(job: Job, frames: int, scene: Any) -> Clip:
    return Clip(job.scene, job.target, frames, job.picture.fps, tuple(map(cue, scene.beats)))
