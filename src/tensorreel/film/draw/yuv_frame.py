"""A yuv420p frame that follows an RGBA picture, and knows which of its macroblocks changed.

Limited-range BT.709; chroma is the mean of 2×2 pixels, so a tile needs nothing of its neighbours. The
arithmetic is exact in integers, so the kernel and NumPy give the same bytes.
"""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from tensorreel.film.draw import native
from tensorreel.film.draw.tiles import Tiles

Pixels = npt.NDArray[np.uint8]  # [height, width, 4] RGBA
Plane = npt.NDArray[np.uint8]
MACROBLOCK = 16  # pixels
_BITS = (
    13  # of the weights behind the point; with eight of a pixel and two of a sum of four they fit a float32
)


def _weights() -> npt.NDArray[np.int32]:
    """[3, 3]: rows Y, U, V, columns R, G, B, in units of 2⁻¹³."""
    r, b = 0.2126, 0.0722
    g = 1 - r - b
    luma = 219 / 255 * np.array([r, g, b])
    blue = 224 / 255 / (2 * (1 - b)) * np.array([-r, -g, 1 - b])
    red = 224 / 255 / (2 * (1 - r)) * np.array([1 - r, -g, -b])
    return np.rint(np.stack((luma, blue, red)) * 2**_BITS).astype(np.int32)


WEIGHTS = _weights()
_LUMA, _CHROMA = WEIGHTS[0].astype(np.float32), np.ascontiguousarray(WEIGHTS[1:].T.astype(np.float32))


def planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Y, U and V of a yuv420p frame as arrays that share its memory."""
    views = []
    for i, plane in enumerate(frame.planes):
        half = 2 if i else 1
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        views.append(rows[: frame.height // half, : frame.width // half])
    return views[0], views[1], views[2]


class KeptFrame:
    """The frame. ``changed`` [block rows, block columns] marks macroblocks that differ since ``settle``."""

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        self.planes = planes(self.frame)
        for plane, black in zip(self.planes, (16, 128, 128), strict=True):
            plane[:] = black
        self.changed = np.zeros((-(-height // MACROBLOCK), -(-width // MACROBLOCK)), dtype=bool)

    def settle(self) -> None:
        """The frame is taken as it is: nothing has changed since."""
        self.changed[:] = False

    def patch(self, pixels: Pixels, tiles: Tiles) -> None:
        """Convert the set tiles of ``pixels``."""
        if native.kernel is not None:
            native.kernel.convert(pixels, *self.planes, tiles.grid, tiles.size, WEIGHTS, self.changed)
            return
        for x0, y0, x1, y1 in tiles.rectangles():
            for i, new in enumerate(converted(pixels[y0:y1, x0:x1])):
                half = 2 if i else 1
                self._put(i, y0 // half, x0 // half, new)

    def take(self, frame: av.VideoFrame) -> None:
        """Become the same as another yuv420p frame of this size."""
        for i, plane in enumerate(planes(frame)):
            self._put(i, 0, 0, plane)

    def _put(self, index: int, y: int, x: int, new: Plane) -> None:
        """Write a rectangle of one plane, and note the macroblocks in which it differs."""
        side = MACROBLOCK // 2 if index else MACROBLOCK
        part = self.planes[index][y : y + new.shape[0], x : x + new.shape[1]]
        differs = part != new
        down, across = _edges(y, new.shape[0], side), _edges(x, new.shape[1], side)
        found = np.logical_or.reduceat(np.logical_or.reduceat(differs, down), across, axis=1)
        row, column = y // side, x // side
        self.changed[row : row + len(down), column : column + len(across)] |= found
        part[:] = new


def _edges(start: int, length: int, side: int) -> list[int]:
    """Where blocks of ``side`` begin in a stretch of ``length`` from ``start``, counted from its own start."""
    return [0, *range(side - start % side, length, side)]


def converted(block: Pixels) -> tuple[Plane, Plane, Plane]:
    """Y, U and V of an RGBA rectangle with even sides."""
    rgb = block[..., :3].astype(np.float32)
    h, w = rgb.shape[:2]
    fours = rgb.reshape(h // 2, 2, w // 2, 2, 3).sum((1, 3))
    luma = (rgb @ _LUMA + ((16 << _BITS) + (1 << _BITS - 1))) * 0.5**_BITS
    chroma = (fours @ _CHROMA + ((128 << _BITS + 2) + (1 << _BITS + 1))) * 0.25 * 0.5**_BITS
    u, v = np.moveaxis(chroma.astype(np.uint8), 2, 0)
    return luma.astype(np.uint8), u, v
