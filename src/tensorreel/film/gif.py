"""Animated GIF: one palette per clip, no dithering, endless loop, and only what changes is stored."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from tensorreel.film.filesink import LoopSink, Pixels
from tensorreel.film.job import Job
from tensorreel.film.picture import Picture
from tensorreel.film.stills import stills

Palette = npt.NDArray[np.uint8]  # [256, 3]
_CELLS = 1 << 18  # 6 bits per channel


def clip_palette(job: Job) -> Palette:
    """The ``job.colours`` colours that serve a clip best, from its pictures twice a second of motion and at every beat."""
    graph = av.filter.Graph()
    w, h = job.picture.width, job.picture.height
    source = graph.add_buffer(
        width=w, height=h, format=av.VideoFormat("rgb24", w, h), time_base=1 / Fraction(job.picture.fps)
    )
    maker = graph.add("palettegen", f"max_colors={job.colours}:reserve_transparent=0:stats_mode=full")
    sink = graph.add("buffersink")
    source.link_to(maker)
    maker.link_to(sink)
    graph.configure()
    for i, still in enumerate(stills(job, every=0.5)):
        frame = av.VideoFrame.from_ndarray(np.asarray(still.image), format="rgb24")
        frame.pts = i
        graph.push(frame)
    graph.push(None)
    made: Any = graph.pull()
    found: Palette = made.to_ndarray(format="rgb24").reshape(-1, 3)
    return found


class GifEncoder(LoopSink):
    """A sink that writes one GIF, every picture in the colours of one palette."""

    def __init__(self, path: Path, picture: Picture, palette: Palette) -> None:
        super().__init__(picture, "gif")
        self._palette = palette.astype(np.int32)
        self._nearest = np.full(_CELLS, -1, dtype=np.int16)
        self._indices = np.zeros((picture.height, picture.width), dtype=np.uint8)
        self._colours = np.zeros((256, 4), dtype=np.uint8)
        self._colours[: len(palette), :3], self._colours[:, 3] = palette, 255
        self._container = av.open(str(path), "w", format="gif", options={"loop": "0"})
        self._stream = self._container.add_stream("gif", rate=picture.fps)
        self._stream.width, self._stream.height = picture.width, picture.height
        self._stream.pix_fmt = "pal8"

    def _patch(self, block: Pixels, rows: slice, columns: slice) -> None:
        self._indices[rows, columns] = self._map(block)

    def _picture(self) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray((self._indices, self._argb()), format="pal8")  # type: ignore[arg-type]

    def _argb(self) -> npt.NDArray[np.uint8]:
        """The palette as PyAV takes it: A, R, G, B bytes."""
        argb: npt.NDArray[np.uint8] = np.roll(self._colours, 1, axis=1)
        return argb

    def _map(self, block: Pixels) -> npt.NDArray[np.uint8]:
        """Each pixel's palette entry; colours that share their upper six bits share an entry."""
        b = block.astype(np.int32)
        cells = (b[..., 0] >> 2 << 12) | (b[..., 1] >> 2 << 6) | b[..., 2] >> 2
        mapped = self._nearest[cells]
        if (mapped < 0).any():
            missing, first = np.unique(cells[mapped < 0], return_index=True)
            seen = b[mapped < 0][first, :3]
            distance = ((seen[:, None] - self._palette[None]) ** 2).sum(-1)
            self._nearest[missing] = distance.argmin(1)
            mapped = self._nearest[cells]
        return mapped.astype(np.uint8)
