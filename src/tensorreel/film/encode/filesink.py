"""What all encoders share: one stream in one file, and how a hold is written.

``VideoSink`` writes a packet for each frame; ``LoopSink`` shows a picture for longer. Use them as context
managers: an exception leaves a broken file behind, which is why its path should be a temporary one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt

from tensorreel.core.errors import UsageProblem
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.picture import Picture, spoken_rate

Pixels = npt.NDArray[np.uint8]
BT709 = 1  # the number of BT.709 in ITU-T H.273 for primaries, transfer and matrix alike
LIMITED = 1  # AVCOL_RANGE_MPEG: luma 16 to 235


class FileSink:
    """An open container with one video stream, ``tick`` seconds a frame; ``frames`` counts those of the film."""

    _container: Any
    _stream: Any

    def __init__(self, tick: Fraction) -> None:
        self.frames = 0
        self._tick = tick

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()

    def close(self) -> None:
        """Flush and finish the file."""
        self._mux(self._stream.encode(None))
        self._container.close()

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            self._container.mux(packet)


class VideoSink(FileSink):
    """Every frame of the film is a packet; the frame after a cut is a key frame."""

    _cut = True

    def cut(self) -> None:
        """The next frame is a key frame."""
        self._cut = True

    def _write(self, data: bytes, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = self._stream, self._tick
        packet.pts = packet.dts = self.frames
        packet.duration, packet.is_keyframe = 1, key
        self._container.mux(packet)
        self.frames += 1


class LoopSink(FileSink, ABC):
    """A picture is written when it changes and shown until the next; the loop has no key frames."""

    _due = -1  # the frame of the last picture written

    def __init__(self, picture: Picture, form: str) -> None:
        if picture.fps > (most := FORMATS[form].most):
            raise UsageProblem(
                f"{form}: {spoken_rate(picture.fps)} frames per second, expected at most {most} (browsers slow down others)"
            )
        super().__init__(1 / Fraction(picture.fps))

    @abstractmethod
    def _patch(self, block: Pixels, rows: slice, columns: slice) -> None:
        """Take over a changed rectangle of RGBA pixels."""

    @abstractmethod
    def _picture(self) -> Any:
        """The whole picture as a frame for the encoder."""

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels``; an unchanged picture only lasts longer."""
        if tiles.any():
            for x0, y0, x1, y1 in tiles.rectangles():
                self._patch(pixels[y0:y1, x0:x1], slice(y0, y1), slice(x0, x1))
            self._encode(self.frames)
        self.frames += repeat

    def cut(self) -> None:
        """Nobody seeks in a loop."""

    def close(self) -> None:
        """The last picture stays until the end; then the file is finished."""
        if self.frames > self._due + 1:
            self._encode(self.frames - 1)
        super().close()

    def _encode(self, at: int) -> None:
        frame = self._picture()
        frame.pts, frame.time_base = at, self._tick
        self._mux(self._stream.encode(frame))
        self._due = at
