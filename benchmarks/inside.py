"""Inside one clip: where our time goes, and how near the decoded frames are to the drawn ones."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tensorreel.core.engine import Trace
from tensorreel.film.draw.fast import Canvas, FilmRenderer
from tensorreel.film.draw.painter import Painter, Pixels
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.draw.yuv_frame import MACROBLOCK, KeptFrame, Plane, planes
from tensorreel.film.encode.encoder import HELD, ClipEncoder
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.clip import build_scene, drawing, make
from tensorreel.visuals.look.options import SceneOptions

PARTS: dict[str, tuple[tuple[type, str], ...]] = {
    "comparison": ((Canvas, "update"), (Canvas, "begin")),
    "painting": ((Painter, "paint"),),
    "conversion": ((KeptFrame, "patch"),),
    "encoding": ((ClipEncoder, "_encode"), (ClipEncoder, "_write")),
    "interpolation": ((FilmRenderer, "move"),),
}


def _job(name: str, trace: Trace, picture: Picture, folder: str) -> Job:
    return Job(name, trace, SceneOptions(), picture, "mp4", Path(folder) / "clip.mp4")


class Clock:
    """CPU seconds of this thread by part; a part's time is without the parts that it calls."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys((*PARTS, "storyboard"), 0.0)
        self._inner: list[float] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted for ``part``."""

        def run(*args: Any, **kwargs: Any) -> Any:
            started = time.thread_time()
            self._inner.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                taken = time.thread_time() - started
                self.spent[part] += taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return run


@contextmanager
def clocked(clock: Clock) -> Iterator[None]:
    """Count the time of every part."""
    before = [(owner, name, getattr(owner, name)) for parts in PARTS.values() for owner, name in parts]
    for part, places in PARTS.items():
        for owner, name in places:
            setattr(owner, name, clock.timed(part, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def split(name: str, trace: Trace, picture: Picture) -> dict[str, float]:
    """CPU seconds of one clip by part. ``encoding`` is x264 and the container on the very frames of the clip: what
    remains if everything else cost nothing. ``storyboard`` is what the scene itself does between its frames."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, clocked(clock):
        clock.timed("storyboard", make)(_job(name, trace, picture, folder))
    return clock.spent


_CROWD = 0.35  # of the macroblocks; there the likeness is lowest


class Judge:
    """A sink that decodes a clip beside its drawing and measures SSIM: at every hold, at every ``step``-th change, and
    wherever more than ``_CROWD`` of the picture changes. Where a picture is held for longer, ``residue`` is the
    largest difference on flat ground."""

    def __init__(self, clip: Path, picture: Picture, step: int) -> None:
        self.lowest, self.count = 1.0, 0
        self.lowest_held, self.residue, self.holds = 1.0, 0, 0
        self._kept, self._step, self._seen = KeptFrame(picture.width, picture.height), step, 0
        self._decoded = av.open(str(clip)).decode(video=0)
        self._tick = Fraction(1, picture.fps)
        self._graph = av.filter.Graph()
        form = av.VideoFormat("yuv420p", picture.width, picture.height)
        sources = [
            self._graph.add_buffer(
                width=picture.width, height=picture.height, format=form, time_base=self._tick
            )
            for _ in range(2)
        ]
        judge, self._end = self._graph.add("ssim"), self._graph.add("buffersink")
        for at, source in enumerate(sources):
            source.link_to(judge, 0, at)
        judge.link_to(self._end)
        self._graph.configure()
        self._sources = sources

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """Compare the next frame of the clip; held ones are passed over but for the last."""
        self._kept.patch(pixels, tiles)
        frame = next(self._decoded)
        for _ in range(repeat - 1):
            frame = next(self._decoded)
        self._seen += 1
        crowded = self._kept.changed.mean() > _CROWD
        self._kept.settle()
        if repeat > 1 or crowded or self._seen % self._step == 0:
            found = self._compare(frame)
            if repeat * self._tick >= HELD:
                self.lowest_held, self.holds = min(self.lowest_held, found), self.holds + 1
                self.residue = max(self.residue, *map(_residue, planes(frame), self._kept.planes))

    def cut(self) -> None:
        """A beat."""

    def _compare(self, frame: Any) -> float:
        drawn = av.VideoFrame.from_ndarray(self._kept.frame.to_ndarray(), format="yuv420p")
        for source, picture in zip(self._sources, (frame, drawn), strict=True):
            picture.pts, picture.time_base = self.count, self._tick
            source.push(picture)
        found = float(self._end.pull().metadata["lavfi.ssim.All"])
        self.lowest, self.count = min(self.lowest, found), self.count + 1
        return found


def _residue(decoded: Plane, drawn: Plane) -> int:
    """Levels by which one plane differs at most, over the blocks of the drawing that have one value, as have those
    around them."""
    apart, drawing = _blocks(np.abs(decoded.astype(np.int16) - drawn)), _blocks(drawn)
    plain = np.pad(drawing.min(axis=(1, 3)) == drawing.max(axis=(1, 3)), 1, constant_values=True)
    ground = np.lib.stride_tricks.sliding_window_view(plain, (3, 3)).all(axis=(2, 3))
    return int(apart.max(axis=(1, 3))[ground].max(initial=0))


def _blocks(plane: Plane) -> Plane:
    """[block rows, MACROBLOCK, block columns, MACROBLOCK]: the pixels of each whole block."""
    rows, columns = (side // MACROBLOCK for side in plane.shape)
    whole = plane[: rows * MACROBLOCK, : columns * MACROBLOCK]
    return whole.reshape(rows, MACROBLOCK, columns, MACROBLOCK)


def likeness(name: str, trace: Trace, picture: Picture, step: int = 10) -> Judge:
    """Decoded frames of a clip beside drawn ones; SSIM is of luma and chroma."""
    with tempfile.TemporaryDirectory() as folder:
        job = _job(name, trace, picture, folder)
        make(job)
        judge = Judge(job.target, picture, step)
        with drawing(picture):
            build_scene(job, FilmRenderer(judge)).render()
        return judge
