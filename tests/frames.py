"""Raw frames of stock Manim and of our renderer, side by side: shared by the tests that compare them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorreel.film.draw import manim_setup
from tensorreel.film.job.picture import Picture

manim_setup.import_manim()

from manim import Scene, config  # noqa: E402
from manim.renderer.cairo_renderer import CairoRenderer  # noqa: E402
from manim.scene.scene_file_writer import SceneFileWriter  # noqa: E402

from tensorreel.film.draw import patches  # noqa: E402
from tensorreel.film.draw.fast import FilmRenderer  # noqa: E402
from tensorreel.film.draw.tiles import Tiles  # noqa: E402
from tensorreel.film.draw.yuv_frame import KeptFrame  # noqa: E402

Frame = npt.NDArray[np.uint8]
Build = Callable[[Any], Scene]  # a scene from its renderer

SEEN = 2  # of 255: less than anybody sees
SHARE = 1e-4  # of the pixels of a frame may differ by more
CLUMP = 4  # px: the side of the smallest square that would be a thing on the picture


class Reel:
    """Frames kept small: of each one only the rows that differ from the frame before, compressed."""

    def __init__(self) -> None:
        self._last: Frame | None = None
        self._changes: list[tuple[int, int, bytes]] = []

    def __len__(self) -> int:
        return len(self._changes)

    def add(self, frame: Frame, repeat: int = 1) -> None:
        """``repeat`` frames of one picture (RGBA), which may be written over afterwards."""
        rows = (
            np.arange(len(frame)) if self._last is None else np.flatnonzero((frame != self._last).any((1, 2)))
        )
        first, end = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
        self._changes.append((first, end, zlib.compress(frame[first:end].tobytes(), 1)))
        self._changes.extend([(0, 0, b"")] * (repeat - 1))
        self._last = frame.copy()

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order; each is written over when the next one is asked for."""
        if self._last is None:
            return
        frame = np.zeros_like(self._last)
        for first, end, data in self._changes:
            if data:
                frame[first:end].reshape(-1)[:] = np.frombuffer(zlib.decompress(data), np.uint8)
            yield frame


@dataclass
class Likeness:
    """How two films differ, at worst over their frames."""

    frames: int = 0
    share: float = 0.0  # of the pixels of a frame, by more than SEEN
    greatest: int = 0  # difference of a channel, of 255
    clump: float = 0.0  # mean difference within a square of CLUMP px

    def add(self, a: Frame, b: Frame) -> None:
        """One more frame of each."""
        self.frames += 1
        if np.array_equal(a, b):
            return
        apart = np.abs(a.astype(np.int16) - b).max(-1)
        self.share = max(self.share, float((apart > SEEN).mean()))
        self.greatest = max(self.greatest, int(apart.max()))
        h, w = (n - n % CLUMP for n in apart.shape)
        squares = apart[:h, :w].reshape(h // CLUMP, CLUMP, w // CLUMP, CLUMP).mean((1, 3))
        self.clump = max(self.clump, float(squares.max()))

    @property
    def same(self) -> bool:
        """Nobody can tell the films apart, and nothing is on one that is not on the other."""
        return self.frames > 0 and self.share <= SHARE and self.clump <= SEEN

    def __str__(self) -> str:
        return (
            f"{self.frames} frames: {self.share:.4%} of the pixels of a frame differ by more than {SEEN}, "
            f"one by {self.greatest}, a square of {CLUMP} px by {self.clump:.1f}"
        )


def compared(a: Reel, b: Reel) -> Likeness:
    """Frame by frame; they must be equally many."""
    likeness = Likeness()
    for x, y in zip(a, b, strict=True):
        likeness.add(x, y)
    return likeness


class StockRenderer(CairoRenderer):
    """Stock Manim, its frames into ``reel`` instead of files.

    Its clock is the number of frames, as ours is: stock adds up frame lengths, and what that sum loses can
    make a hold, which lasts until a caption has been read, one frame longer or shorter.
    """

    def __init__(self) -> None:
        self.reel = reel = Reel()
        super().__init__(file_writer_class=type("Writer", (_StockWriter,), {"reel": reel}))
        self.frames = 0

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Manim's, and the clock."""
        super().add_frame(frame, num_frames)
        self.passed(num_frames)

    def passed(self, count: int) -> None:
        """``count`` frames went by."""
        self.frames += count
        self.time = self.frames / config["frame_rate"]


class _StockWriter(SceneFileWriter):
    reel: Reel

    def begin_animation(self, *args: Any, **kwargs: Any) -> None: ...
    def end_animation(self, *args: Any, **kwargs: Any) -> None: ...
    def finish(self, *args: Any, **kwargs: Any) -> None: ...

    def write_frame(self, pixels: Any, *, repeat: int = 1, **kwargs: Any) -> None:
        if repeat > 0:
            type(self).reel.add(pixels, repeat)


@dataclass
class Keeper:
    """A sink that keeps raw frames, and follows them in a patched yuv420p frame."""

    picture: Picture
    reel: Reel = field(default_factory=Reel)

    def __post_init__(self) -> None:
        self.yuv = KeptFrame(self.picture.width, self.picture.height)

    def show(self, pixels: Any, tiles: Tiles, repeat: int) -> None:
        """Keep the frames."""
        self.reel.add(pixels, repeat)
        self.yuv.patch(pixels, tiles)

    def cut(self) -> None:
        """Nothing to do at a beat."""


def played_by_stock(build: Build, picture: Picture, folder: Path, renderer: Any = None) -> Reel:
    """A scene's frames by stock Manim, copying of mobjects included."""
    renderer = StockRenderer if renderer is None else renderer
    patches.undo()
    with _settings(picture, folder):
        stock = renderer()
        build(stock).render()
    reel: Reel = stock.reel
    return reel


def played_by_us(build: Build, picture: Picture, folder: Path, renderer: Any = FilmRenderer) -> Keeper:
    """The same scene's frames by our renderer."""
    keeper = Keeper(picture)
    with _settings(picture, folder):
        build(renderer(keeper)).render()
    return keeper


def _settings(picture: Picture, folder: Path) -> Any:
    return manim_setup.manim_settings(picture, folder)
