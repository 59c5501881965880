"""Animated WebP: lossless, every colour as drawn, endless, with alpha where there is any."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from tensorreel.film.overlay import CLEAR, coded, straight
from tensorreel.film.picture import Picture
from tensorreel.film.tiles import Tiles

Pixels = npt.NDArray[np.uint8]


class WebpEncoder:
    """A sink that writes one WebP. A hold is one picture shown longer; ``frames`` counts film frames.

    The library keeps the rectangle that changed; ``clear`` says that the picture has alpha.
    """

    def __init__(self, path: Path, picture: Picture, clear: bool) -> None:
        self.frames, self._due, self._clear = 0, -1, clear
        self._tick = Fraction(1, picture.fps)
        self._bgra = np.zeros((picture.height, picture.width, 4), np.uint8)
        self._container = av.open(str(path), "w", format="webp", options={"loop": "0"})
        options = {"lossless": "1", "compression_level": "4", "quality": "60", "threads": "1"}
        self._stream: Any = coded(self._container, "libwebp_anim", picture.fps, options)
        self._stream.width, self._stream.height = picture.width, picture.height
        self._stream.pix_fmt = "bgra"

    def __enter__(self) -> WebpEncoder:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels``; an unchanged picture only lasts longer."""
        if tiles.any():
            for x0, y0, x1, y1 in tiles.rectangles():
                block = pixels[y0:y1, x0:x1]
                block = straight(block, CLEAR) if self._clear else block
                self._bgra[y0:y1, x0:x1] = block[..., (2, 1, 0, 3)]
            self._write(self.frames)
        self.frames += repeat

    def cut(self) -> None:
        """Nobody seeks in a WebP."""

    def close(self) -> None:
        """The last picture stays until the end; then the file is finished."""
        if self.frames > self._due + 1:
            self._write(self.frames - 1)
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()

    def _write(self, at: int) -> None:
        frame = av.VideoFrame.from_ndarray(self._bgra, format="bgra")
        frame.pts, frame.time_base = at, self._tick
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
        self._due = at
