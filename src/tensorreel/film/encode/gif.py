"""Animated GIF: one palette per clip, no dithering, endless loop, and only what changes is stored."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from tensorreel.film.encode.filesink import LoopSink, Pixels
from tensorreel.film.job.picture import Picture

Palette = npt.NDArray[np.uint8]  # [256, 3]
_CELLS = 1 << 18  # 6 bits per channel


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
