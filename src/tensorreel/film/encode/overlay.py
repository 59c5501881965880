"""Clips that can lie over a slide: VP9 with alpha in WebM, ProRes 4444 in QuickTime.

Cairo paints with colours that are multiplied by their opacity; these formats want them straight. Where nothing
is painted the colour of the ground stands, fully transparent, so that edges that a decoder blurs take on the
hue of what they are meant to lie on and no dark fringe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.film.draw.pixels import Pixels, rgb, straight
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.encode.filesink import BT709, LIMITED, VideoSink
from tensorreel.film.encode.probe import count_frames
from tensorreel.film.job.job import ClipError, Job
from tensorreel.film.job.picture import Picture, Rate
from tensorreel.visuals.look.theme import THEMES

# Chroma is the mean of the pixels under it; limited-range BT.709, as in ``kept``.
_CONVERSION: dict[str, Any] = {
    "interpolation": "AREA",
    "dst_colorspace": "ITU709",
    "src_color_range": "JPEG",
    "dst_color_range": "MPEG",
}


@dataclass(frozen=True)
class Coding:
    """A container with its codec. ``intra``: every packet is a whole picture, so a hold repeats its packet."""

    container: str
    codec: str
    clear: str  # pixel format with alpha
    opaque: str  # pixel format without
    intra: bool
    options: Mapping[str, str]
    muxing: Mapping[str, str]


WEBM = Coding(
    container="webm",
    codec="libvpx-vp9",
    clear="yuva420p",
    opaque="yuv420p",
    intra=False,
    options={
        "deadline": "realtime",
        "cpu-used": "6",
        "crf": "20",
        "b": "0",
        "auto-alt-ref": "0",
        "lag-in-frames": "0",
        "g": "9999",
        "threads": "1",
    },
    muxing={"fflags": "+bitexact"},  # or every file gets random identifiers
)
MOV = Coding(
    container="mov",
    codec="prores_ks",
    clear="yuva444p10le",
    opaque="yuva444p10le",  # 4444 is what it is known by, opaque or not
    intra=True,
    # One quantiser for all, instead of a search for a bit rate: flat pictures cost less, and it is seven times as fast.
    # Every frame is stored whole, so a hold costs as much as a motion. Stage 4, 720p30, MB and PSNR in dB: quantiser 6:
    # 14.3 a second, 59; 12: 11.6, 55; 20: 9.8, 51; 31: 8.5, 48. Lossless it would be 5.6 as PNG, 1.7 as QuickTime
    # Animation, which fewer programs read.
    options={
        "profile": "4444",
        "alpha_bits": "8",
        "vendor": "apl0",
        "flags": "+qscale",
        "global_quality": str(118 * 20),
        "threads": "1",
    },
    muxing={"movflags": "+faststart"},
)


def coded(container: Any, codec: str, rate: Rate, options: Mapping[str, str]) -> Any:
    """A new video stream; ``EnvironmentProblem`` where FFmpeg was built without its encoder."""
    try:
        return container.add_stream(codec, rate=rate, options=dict(options))
    except UnknownCodecError as err:
        raise EnvironmentProblem(
            f"{codec}: no such encoder in this build of PyAV, expected one (pip install av brings it along)"
        ) from err


@contextmanager
def overlay(part: Path, job: Job, coding: Coding) -> Iterator[OverlayEncoder]:
    """A job's file; ``ClipError`` unless it holds the frames that were shown."""
    under = None if job.ground else THEMES[job.options.theme].background
    with OverlayEncoder(part, job.picture, coding, under) as encoder:
        yield encoder
    if (held := count_frames(part)) != encoder.frames:
        raise ClipError(f"{part.name}: {held} frames, expected {encoder.frames}")


def webm(part: Path, job: Job) -> AbstractContextManager[OverlayEncoder]:
    """The job's WebM."""
    return overlay(part, job, WEBM)


def mov(part: Path, job: Job) -> AbstractContextManager[OverlayEncoder]:
    """The job's QuickTime file."""
    return overlay(part, job, MOV)


class OverlayEncoder(VideoSink):
    """A sink that writes one clip, with alpha if ``ground`` is given; a key frame at every cut.

    ``ground`` is the colour that transparent pixels have underneath.
    """

    def __init__(self, path: Path, picture: Picture, coding: Coding, ground: str | None) -> None:
        super().__init__(1 / Fraction(picture.fps))
        self._coding = coding
        self._ground = None if ground is None else rgb(ground)
        self._pixels = np.zeros((picture.height, picture.width, 4), np.uint8)
        self._source = av.VideoFrame.from_numpy_buffer(self._pixels, format="rgba")
        self._convert, self._form = VideoReformatter(), coding.clear if ground else coding.opaque
        self._container = av.open(str(path), "w", format=coding.container, options=dict(coding.muxing))
        self._stream = self._opened(picture)
        self._frame: Any = None
        self._last: bytes = b""

    def _opened(self, picture: Picture) -> Any:
        stream = coded(self._container, self._coding.codec, picture.fps, self._coding.options)
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, self._form
        stream.time_base = self._tick
        codec = stream.codec_context
        codec.color_primaries = codec.color_trc = codec.colorspace = BT709
        codec.color_range, codec.thread_count, codec.time_base = LIMITED, 1, self._tick
        if self._ground is not None and self._coding is WEBM:
            stream.metadata["alpha_mode"] = "1"
        return stream

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels``; only ``tiles`` are read."""
        if tiles.any():
            for x0, y0, x1, y1 in tiles.rectangles():
                block = pixels[y0:y1, x0:x1]
                self._pixels[y0:y1, x0:x1] = block if self._ground is None else straight(block, self._ground)
            self._frame, self._last = self._converted(), b""
        for _ in range(repeat):
            if self._last and not self._cut:
                self._write(self._last, key=True)
            else:
                self._encode()

    def _converted(self) -> Any:
        frame = self._convert.reformat(self._source, format=self._form, **_CONVERSION)
        frame.color_primaries = frame.color_trc = frame.colorspace = BT709
        frame.color_range = LIMITED
        return frame

    def _encode(self) -> None:
        frame = self._frame
        frame.pts, frame.time_base = self.frames, self._tick
        frame.pict_type = PictureType.I if self._cut else PictureType.NONE
        self._cut = False
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
            if self._coding.intra:
                self._last = bytes(packet)
        self.frames += 1
