"""Animated WebP: lossless, every colour as drawn, endless, with alpha where there is any."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tensorreel.film.filesink import LoopSink, Pixels
from tensorreel.film.overlay import CLEAR, coded, straight
from tensorreel.film.picture import Picture


class WebpEncoder(LoopSink):
    """A sink that writes one WebP, of which the library keeps the rectangles that changed.

    ``clear`` says that the picture has alpha.
    """

    def __init__(self, path: Path, picture: Picture, clear: bool) -> None:
        super().__init__(Fraction(1, picture.fps))
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
