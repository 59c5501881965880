"""Animated WebP: lossless, every colour as drawn, endless, with alpha where there is any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from tensorreel.film.draw.pixels import CLEAR, straight
from tensorreel.film.encode.filesink import LoopSink, Pixels
from tensorreel.film.encode.overlay import coded
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture


def webp(part: Path, job: Job) -> WebpEncoder:
    """The job's WebP."""
    return WebpEncoder(part, job.picture, job.ground is None)


class WebpEncoder(LoopSink):
    """A sink that writes one WebP, of which the library keeps the rectangles that changed.

    ``clear`` says that the picture has alpha.
    """

    def __init__(self, path: Path, picture: Picture, clear: bool) -> None:
        super().__init__(picture, "webp")
        self._path = path
        self._clear = clear
        self._bgra = np.zeros((picture.height, picture.width, 4), np.uint8)
        self._container = av.open(str(path), "w", format="webp", options={"loop": "0"})
        options = {"lossless": "1", "compression_level": "4", "quality": "60", "threads": "1"}
        self._stream = coded(self._container, "libwebp_anim", picture.fps, options)
        self._stream.width, self._stream.height = picture.width, picture.height
        self._stream.pix_fmt = "bgra"

    def _patch(self, block: Pixels, rows: slice, columns: slice) -> None:
        shown = straight(block, CLEAR) if self._clear else block
        self._bgra[rows, columns] = shown[..., (2, 1, 0, 3)]

    def _picture(self) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(self._bgra, format="bgra")

    def close(self) -> None:
        """The library lets the last picture last as long as the others do on the average; it gets its own time."""
        super().close()
        data = bytearray(self._path.read_bytes())
        places = list(_durations(data))
        if places:
            before = sum(int.from_bytes(data[at : at + 3], "little") for at in places[:-1])
            last = round(1000 * self.frames * self._tick) - before
            data[places[-1] : places[-1] + 3] = last.to_bytes(3, "little")
            self._path.write_bytes(data)


def _durations(data: bytes | bytearray) -> Iterator[int]:
    """Where in a WebP the milliseconds of each picture stand, three bytes each (RFC 9649, 2.7.1.1)."""
    at = 12
    while at < len(data):
        if data[at : at + 4] == b"ANMF":
            yield at + 20
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
