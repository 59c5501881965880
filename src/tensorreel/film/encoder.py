"""H.264 in MP4: one encoder per clip, and one kept frame that is only patched."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from tensorreel.film.picture import Picture
from tensorreel.film.skips import Skipper, Unsuited
from tensorreel.film.tiles import Tiles

Pixels = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.uint8]

BT709 = 1  # the number of BT.709 in ITU-T H.273 for primaries, transfer and matrix alike
LIMITED = 1  # AVCOL_RANGE_MPEG: luma 16 to 235
X264 = {
    "preset": "superfast",
    "crf": "22",
    "threads": "1",
    "forced-idr": "1",
    "x264-params": "bframes=0:rc-lookahead=0:scenecut=0:weightp=0:keyint=600:min-keyint=1:cabac=0:force-cfr=1"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv",
}
# 2×2 mean for the chroma, so that a tile needs nothing of its neighbours; limited-range BT.709.
CONVERSION: dict[str, Any] = {
    "format": "yuv420p",
    "interpolation": "AREA",
    "dst_colorspace": "ITU709",
    "src_color_range": "JPEG",
    "dst_color_range": "MPEG",
}


def planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Y, U and V of a yuv420p frame as arrays that share its memory."""
    views = []
    for i, plane in enumerate(frame.planes):
        half = 2 if i else 1
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        views.append(rows[: frame.height // half, : frame.width // half])
    return views[0], views[1], views[2]


class KeptFrame:
    """A yuv420p frame that follows an RGBA picture, tile by tile."""

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        self.planes = planes(self.frame)
        self._whole = VideoReformatter()
        self._strips: dict[int, tuple[Any, VideoReformatter, Any]] = {}

    def patch(self, pixels: Pixels, tiles: Tiles) -> None:
        """Convert the set tiles of ``pixels`` [height, width, 4] RGBA."""
        if not tiles.any():
            return
        divides = tiles.width % tiles.size == 0 and tiles.height % tiles.size == 0
        if not divides or tiles.grid.mean() > 0.6:
            source = av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
            parts = planes(self._whole.reformat(source, **CONVERSION))
            for kept, new in zip(self.planes, parts, strict=True):
                kept[:] = new
        else:
            self._patch_tiles(pixels, tiles)

    def _patch_tiles(self, pixels: Pixels, tiles: Tiles) -> None:
        """All set tiles side by side in one strip, one conversion, and back."""
        size = tiles.size
        rows, columns = np.nonzero(tiles.grid)
        count = len(rows)
        strip, converter, source = self._strip(_roomy(count), size)
        strip[:count] = _blocks(pixels.view(np.uint32)[..., 0], size)[rows, columns]
        parts = planes(converter.reformat(source, **CONVERSION))
        for i, (kept, new) in enumerate(zip(self.planes, parts, strict=True)):
            side = size // 2 if i else size
            _blocks(kept, side)[rows, columns] = new.reshape(side, -1, side)[:, :count].swapaxes(0, 1)

    def _strip(self, tiles: int, size: int) -> tuple[Any, VideoReformatter, Any]:
        """A buffer of ``tiles`` tiles in a row, seen tile by tile, with its converter and frame."""
        if tiles not in self._strips:
            buffer = np.zeros((size, tiles * size, 4), np.uint8)
            view = buffer.view(np.uint32).reshape(size, tiles, size).swapaxes(0, 1)
            source = av.VideoFrame.from_numpy_buffer(buffer, format="rgba")
            self._strips[tiles] = view, VideoReformatter(), source
        return self._strips[tiles]


def _roomy(count: int) -> int:
    """The next of 16, 24, 32, 48, 64, 96 …: few sizes of buffers, none much too large."""
    size = 16
    while size < count:
        size = size * 3 // 2 if size & (size - 1) == 0 else size * 4 // 3
    return size


def _blocks(plane: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """A writable view of a plane as [tile row, tile column, size, size]."""
    down, right = plane.strides
    shape = (plane.shape[0] // size, plane.shape[1] // size, size, size)
    return np.lib.stride_tricks.as_strided(plane, shape, (down * size, right * size, down, right))


def _skipper(headers: bytes | None) -> Skipper | None:
    """What writes holds for a stream with these parameter sets; ``None`` if nothing can."""
    try:
        return Skipper(headers or b"")
    except Unsuited:
        return None


class ClipEncoder:
    """A sink that writes one MP4: H.264, yuv420p, BT.709, faststart, a key frame at every cut.

    ``frames`` counts what was written. Use as a context manager; an exception leaves a broken file behind,
    which is why ``path`` should be a temporary one.
    """

    def __init__(self, path: Path, picture: Picture) -> None:
        self.frames = 0
        self._kept = KeptFrame(picture.width, picture.height)
        self._tick = self._kept.frame.time_base = Fraction(1, picture.fps)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream: Any = self._container.add_stream("libx264", rate=picture.fps, options=dict(X264))
        self._stream.width, self._stream.height = picture.width, picture.height
        self._stream.pix_fmt = "yuv420p"
        codec = self._stream.codec_context
        codec.color_primaries = codec.color_trc = codec.colorspace = BT709
        codec.color_range = LIMITED
        codec.thread_count = 1
        self._cut = True
        self._skips = True
        self._skipper: Skipper | None = None

    def __enter__(self) -> ClipEncoder:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels``; only ``tiles`` are read. Unchanged frames cost a few bytes each."""
        if tiles.any() or self._cut or self._skipper is None:
            self._kept.patch(pixels, tiles)
            self._encode()
            repeat -= 1
        for _ in range(repeat):
            if self._skipper is None:
                self._encode()
            else:
                self._write(self._skipper.skip(), key=False)

    def _encode(self) -> None:
        """The kept frame, through the encoder, which answers each frame at once."""
        frame = self._kept.frame
        frame.pts = self.frames
        frame.pict_type = PictureType.I if self._cut else PictureType.NONE
        first, self._cut = not self.frames, False
        packets = self._stream.encode(frame)
        if first and self._skips and len(packets) == 1:
            self._skipper = _skipper(self._stream.codec_context.extradata)
        if self._skipper is None:
            self._container.mux(packets)
            self.frames += 1
            return
        (packet,) = packets
        self._write(self._skipper.real(bytes(packet)), packet.is_keyframe)

    def _write(self, data: bytes, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = self._stream, self._tick
        packet.pts = packet.dts = self.frames
        packet.duration, packet.is_keyframe = 1, key
        self._container.mux(packet)
        self.frames += 1

    def cut(self) -> None:
        """The next frame is a key frame."""
        self._cut = True

    def close(self) -> None:
        """Flush and finish the file."""
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
