"""Telling x264 which macroblocks changed, so that it does not search for what we know.

FFmpeg (6.1 and later) takes this as a frame's "video hint" and x264 as its ``mb_info``: an unmarked macroblock
repeats the picture before. PyAV has no call for it, so it is made through the FFmpeg library that PyAV itself
has loaded; where anything about that is not as expected, the encoder gets no hints and does the work itself.
"""

from __future__ import annotations

import ctypes
from typing import Any, Self

import av
import av._core
import numpy as np
import numpy.typing as npt

_NAME = b"Encoding video hint"
_CHANGED = 1  # AV_VIDEO_HINT_TYPE_CHANGED: the rectangles are what changed
_POINTER = object.__basicsize__ + ctypes.sizeof(ctypes.c_void_p)  # PyAV: object head, method table, AVFrame*


class _Hint(ctypes.Structure):
    """AVVideoHint; the rectangles follow at ``offset``."""

    _fields_ = [
        ("count", ctypes.c_size_t),
        ("offset", ctypes.c_size_t),
        ("size", ctypes.c_size_t),
        ("kind", ctypes.c_int),
    ]


class Hints:
    """Hints for one kept frame."""

    def __init__(self, library: Any, kind: int, address: int) -> None:
        self._library, self._kind, self._address = library, kind, address

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Self | None:
        """Hints for ``frame``, or ``None`` where this FFmpeg or this PyAV does not allow them."""
        try:
            library = ctypes.CDLL(av._core.__file__)
            name, create = library.av_frame_side_data_name, library.av_video_hint_create_side_data
            remove = library.av_frame_remove_side_data
        except (AttributeError, OSError):
            return None
        name.argtypes, name.restype = [ctypes.c_int], ctypes.c_char_p
        create.argtypes, create.restype = [ctypes.c_void_p, ctypes.c_size_t], ctypes.c_void_p
        remove.argtypes, remove.restype = [ctypes.c_void_p, ctypes.c_int], None
        kind = next((k for k in range(100) if name(k) == _NAME), None)
        address = _address(frame)
        return None if kind is None or address is None else cls(library, kind, address)

    def set(self, rectangles: npt.NDArray[np.uint32]) -> None:
        """The next picture differs from the one before only in these [n, 4] (x, y, width, height), in pixels."""
        self.clear()
        held = self._library.av_video_hint_create_side_data(self._address, len(rectangles))
        if not held:
            return
        hint = _Hint.from_address(held)
        hint.kind = _CHANGED
        ctypes.memmove(held + hint.offset, rectangles.ctypes.data, rectangles.nbytes)

    def clear(self) -> None:
        """Nothing is known about the next picture."""
        self._library.av_frame_remove_side_data(self._address, self._kind)


def _address(frame: av.VideoFrame) -> int | None:
    """Address of the ``AVFrame`` behind a PyAV frame, if what lies there begins with its planes."""
    if type(frame).__basicsize__ < _POINTER + ctypes.sizeof(ctypes.c_void_p):
        return None
    address = ctypes.c_void_p.from_address(id(frame) + _POINTER).value
    if not address:
        return None
    count = len(frame.planes)
    found = (ctypes.c_void_p * count).from_address(address)
    return address if list(found) == [plane.buffer_ptr for plane in frame.planes] else None


def rectangles(blocks: npt.NDArray[np.bool_], side: int) -> npt.NDArray[np.uint32]:
    """Set blocks of ``side`` pixels as runs: [n, 4] of x, y, width, height in pixels."""
    rows, columns = blocks.shape
    framed = np.zeros((rows, columns + 1), dtype=bool)  # a clear column ends the runs of each row
    framed[:, :columns] = blocks
    flat = np.concatenate(([False], framed.ravel()))
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    y, x = np.divmod(edges[::2], columns + 1)
    found = np.stack((x, y, edges[1::2] - edges[::2], np.ones_like(x)), axis=1) * side
    return np.ascontiguousarray(found.astype(np.uint32))
