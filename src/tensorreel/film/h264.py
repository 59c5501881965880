"""H.264 pictures by our own coder, which looks only at the macroblocks that changed.

x264 spends most of its time on a 1080p picture before it looks at what changed: it copies the picture, filters it for
half pixels, and visits every macroblock. In film of our kind one macroblock in twenty changes. The coder (``_h264.c``)
has x264's tools at its fast settings: whole macroblocks moved by quarters of a pixel, 4×4 transforms, intra prediction
in squares of 16 and 4 pixels, CAVLC. What it writes is constrained baseline, which every player reads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tensorreel.film import native
from tensorreel.film.kept import KeptFrame
from tensorreel.film.skips import Skipper

KEY, MOVING = 19, 22  # quantisers: key frames, which all that stands still is made of, get a finer one
CROWDED = (
    (3 / 8, 20),
    (1 / 4, 21),
)  # and pictures of which more than such a share changes, as most is lost in them


class Coder:
    """Codes the pictures of one stream, whose parameter sets ``stream`` has read."""

    def __init__(self, kept: KeptFrame, stream: Skipper) -> None:
        self._kept, self._stream = kept, stream
        self._state = native.coder.coder(kept.frame.width, kept.frame.height)

    @staticmethod
    def suits(stream: Skipper) -> bool:
        """Whether the coder was built, and writes pictures for such a stream."""
        return native.coder is not None and stream.plain

    def picture(self, key: bool) -> bytes:
        """The kept frame as the next packet; what did not change is taken from the picture before."""
        kept = self._kept
        share = float(kept.changed.mean())
        quantiser = KEY if key else next((q for least, q in CROWDED if share > least), MOVING)
        head = self._stream.head(key, quantiser)
        held = *kept.planes, kept.changed, key, int(head, 2), len(head), quantiser
        coded: bytes = native.coder.code(self._state, *held)
        return coded

    def seen(self) -> tuple[npt.NDArray[np.uint8], ...]:
        """Y, U and V of the last picture as a decoder has it."""
        rows, columns = self._kept.changed.shape
        pixels = np.frombuffer(native.coder.seen(self._state), np.uint8)
        found, at = [], 0
        for plane, side in zip(self._kept.planes, (16, 8, 8), strict=True):
            whole = pixels[at : at + side * side * rows * columns].reshape(side * rows, side * columns)
            found.append(whole[: plane.shape[0], : plane.shape[1]])
            at += whole.size
        return tuple(found)
