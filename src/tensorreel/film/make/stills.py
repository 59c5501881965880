"""Pictures without a film: scenes played dry, drawn only where someone looks."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from manim import Scene
from PIL import Image

from tensorreel.core.errors import UsageProblem
from tensorreel.film.draw import choose
from tensorreel.film.job.job import Job
from tensorreel.film.make.clip import build_scene

Taken = TypeVar("Taken")


@dataclass(frozen=True)
class Still:
    """One picture of a scene. ``beat`` is the name of the beat it belongs to, ``caption`` its text in the
    scene's language, ``seconds`` its time in the film, ``ends`` whether it is the end of the beat."""

    image: Image.Image
    beat: str
    caption: str
    seconds: float
    ends: bool


def stills(job: Job, every: float | None = None) -> list[Still]:
    """The picture at the end of each beat, and with ``every`` also each so many seconds of motion.

    Call inside ``drawing``.
    """
    renderer = choose.still_renderer()(every)
    scene = build_scene(job, renderer)
    found: list[Still] = []

    def snap(beat: str, caption: str, ends: bool) -> None:
        found.append(Still(renderer.snap(scene), beat, caption, scene.time, ends))

    renderer.look = lambda: snap(getattr(scene, "beat_name", ""), "", False)
    scene.on_beat.append(lambda beat: snap(beat.name, beat.caption.of(job.options.lang), True))
    scene.render()
    return found


def poster(job: Job) -> Still:
    """The stage in one picture; see ``at_beat``. Call inside ``drawing``."""
    image, beats = at_beat(job, lambda renderer, scene: renderer.snap(scene))
    if not beats:
        return Still(image, "", "", 0.0, True)
    return Still(image, beats[0].name, beats[0].caption.of(job.options.lang), beats[0].end, True)


def at_beat(job: Job, take: Callable[[Any, Scene], Taken]) -> tuple[Taken, list[Any]]:
    """What ``take`` makes of the scene at the end of the job's beat, and that beat in a list.

    Without a beat in the job it is the scene's ``poster_beat`` if it names one, else the last that is no why; of a scene
    without beats, the last frame and no beat. ``UsageProblem`` names the beats if the job's is none of them.
    Call inside ``drawing``.
    """
    renderer = choose.still_renderer()()
    scene = build_scene(job, renderer)
    wanted = job.beat or getattr(scene, "poster_beat", None)
    kept: list[tuple[Taken, list[Any]]] = []

    def look(beat: Any) -> None:
        if not kept or beat.name == wanted or (wanted is None and not getattr(beat, "why", False)):
            kept[:] = [(take(renderer, scene), [beat])]

    scene.on_beat.append(look)
    scene.render()
    if job.beat is not None and job.beat not in [b.name for b in scene.beats]:
        names = ", ".join(b.name for b in scene.beats)
        raise UsageProblem(f"{job.scene.replace('_', '-')}: no beat {job.beat!r}, expected one of {names}")
    return kept[0] if kept else (take(renderer, scene), [])


def png(job: Job, renderer: Any, scene: Scene) -> bytes:
    """The scene as it stands now, as a PNG file."""
    file = io.BytesIO()
    renderer.snap(scene).save(file, "png")
    return file.getvalue()


def plan(job: Job) -> tuple[int, list[Any]]:
    """Frames and beats of a clip, from a dry run. Call inside ``drawing``."""
    scene = build_scene(job, choose.dry_renderer()())
    scene.render()
    return scene.renderer.frames, list(scene.beats)
