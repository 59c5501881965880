"""One run in a process of its own: stock Manim, ours, or the whole film; and what it took."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensorreel.core.engine import Trace
from tensorreel.film.draw import manim_setup
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.clip import make
from tensorreel.film.run.contents import film_jobs
from tensorreel.film.run.production import RunOptions, make_film
from tensorreel.visuals.look.options import SceneOptions


@dataclass(frozen=True)
class Measured:
    """One run: seconds of film, wall and CPU seconds, peak memory (of the largest process) and file size in
    bytes."""

    film: float
    wall: float
    cpu: float
    memory: int
    size: int


def in_a_process(work: Callable[[], tuple[float, int]]) -> Measured:
    """Run ``work`` (which returns seconds of film and bytes) in a forked process and measure it."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    _, _, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    with os.fdopen(reader) as answer:
        told = answer.read()
    if not told:
        raise RuntimeError("a run failed")
    film, size = json.loads(told)
    return Measured(film, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, size)


def ours(name: str, trace: Trace, picture: Picture, form: str = "mp4") -> tuple[float, int]:
    """One clip with our renderer, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        clip = make(Job(name, trace, SceneOptions(), picture, form, Path(folder) / f"clip.{form}"))
        return clip.seconds, clip.path.stat().st_size


def our_film(names: Sequence[str], trace: Trace, picture: Picture) -> tuple[float, int]:
    """Some scenes as one film: an empty cache, one process per processor."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        like = Job("", trace, SceneOptions(), picture, "mp4", target)
        frames = make_film(film_jobs(like, names), target, orders=RunOptions(cache=Path(folder) / "cache"))
        return float(frames / picture.fps), target.stat().st_size


def stock(name: str, trace: Trace, picture: Picture) -> tuple[float, int]:
    """The same clip with Manim as installed: its own renderer, encoder and cache."""
    from manim import config

    from tensorreel import scenes
    from tensorreel.film.draw import patches

    patches.undo()
    with tempfile.TemporaryDirectory() as folder, manim_setup.manim_settings(picture, Path(folder)):
        config.dry_run = False
        config.disable_caching = False
        scene = scenes.find(name)(trace=trace, options=SceneOptions())
        scene.render()
        return float(scene.time), Path(scene.renderer.file_writer.movie_file_path).stat().st_size


def together(runs: Sequence[Measured]) -> Measured:
    """Runs one after the other."""
    return Measured(
        sum(r.film for r in runs),
        sum(r.wall for r in runs),
        sum(r.cpu for r in runs),
        max(r.memory for r in runs),
        sum(r.size for r in runs),
    )


def command(*words: str, times: int = 5) -> float:
    """Median wall seconds of a whole ``tensorreel`` command, imports and all, after one run that is not counted."""
    program = str(Path(sys.executable).with_name("tensorreel"))
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TENSORREEL_CACHE_DIR": folder}
        for _ in range(times + 1):
            started = time.perf_counter()
            subprocess.run([program, *words], cwd=folder, env=environment, capture_output=True, check=False)
            taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])
