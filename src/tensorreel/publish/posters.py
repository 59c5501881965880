"""Posters: the one picture that stands for a clip while it is not playing.

A clip's poster is its last full picture: the end of the scene's ``poster_beat`` if it names one, else of its
last beat, before the stage is cleared. It is a PNG job like any other, so it is kept in the cache and drawn in
a worker; hand it to ``production.make_clips``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture


def poster_job(clip: Job, target: Path, beat: str | None = None, picture: Picture | None = None) -> Job:
    """A job for the picture at the end of ``beat`` (default: the poster) of the scene that ``clip`` shows.

    It has the clip's look and size, or the size of ``picture``.
    """
    return replace(clip, format="png", target=target, beat=beat, picture=picture or clip.picture)


def poster_path(clip: Path, beat: str | None = None) -> Path:
    """``07-attn-weights.png`` beside ``07-attn-weights.mp4``; a beat's picture is ``07-attn-weights.sum.png``."""
    return clip.with_suffix(f".{beat}.png" if beat else ".png")
