"""H.264 in MP4: one encoder per clip, and one kept frame that is only patched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from tensorreel.film.draw.changed_blocks import Hints, rectangles
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.draw.yuv_frame import MACROBLOCK, KeptFrame, Pixels
from tensorreel.film.encode.filesink import BT709, LIMITED, VideoSink
from tensorreel.film.encode.h264_hold import HoldWriter, Unsuited
from tensorreel.film.encode.probe import check_mp4
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture

# For flat pictures in which little moves. A fixed quantiser needs no look ahead; key frames, which all that
# stands still is made of, get a finer one (ipratio). No deblocking spares x264 a filter over the whole picture, and
# whole-pixel motion (subme=0) another, the one for half pixels; parts of macroblocks that move by themselves (p8x8)
# give back most of what that costs in size. 4×4 transforms suit thin strokes better than 8×8. Small differences are
# kept (no-dct-decimate): a slow fade is made of nothing else. CAVLC: see ``skips``.
# Motion leaves residues of a few levels behind, which a moving picture hides and a still one shows: the first frame of
# a hold is therefore a key frame.
X264 = {
    "preset": "superfast",
    "qp": "23",
    "threads": "1",
    "forced-idr": "1",
    "x264-params": "ipratio=1.4:subme=0:analyse=p8x8+i4x4:no-dct-decimate=1:no-deblock=1:8x8dct=0:bframes=0"
    ":rc-lookahead=0:scenecut=0:weightp=0:keyint=600:min-keyint=1:cabac=0:force-cfr=1"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709",
}

HELD = Fraction(2, 5)  # seconds from which a picture counts as held


def _skipper(headers: bytes | None) -> HoldWriter | None:
    """What writes holds for a stream with these parameter sets; ``None`` if nothing can."""
    try:
        return HoldWriter(headers or b"")
    except Unsuited:
        return None


@contextmanager
def mp4(part: Path, job: Job) -> Iterator[ClipEncoder]:
    """A job's clip; ``ClipError`` unless it holds the frames that were shown."""
    with ClipEncoder(part, job.picture) as encoder:
        yield encoder
    check_mp4(part, job.picture, encoder.frames)


class ClipEncoder(VideoSink):
    """A sink that writes one MP4: H.264, yuv420p, BT.709, faststart, a key frame at every cut."""

    def __init__(self, path: Path, picture: Picture) -> None:
        super().__init__(1 / Fraction(picture.fps))
        self._kept = KeptFrame(picture.width, picture.height)
        self._kept.frame.time_base = self._tick
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._hints = Hints.of(self._kept.frame)
        options = X264 | ({"mb_info": "1"} if self._hints else {})
        self._stream = self._container.add_stream("libx264", rate=picture.fps, options=options)
        self._stream.width, self._stream.height = picture.width, picture.height
        self._stream.pix_fmt = "yuv420p"
        codec = self._stream.codec_context
        codec.color_primaries = codec.color_trc = codec.colorspace = BT709
        codec.color_range = LIMITED
        codec.thread_count = 1
        self._skips = True
        self._moved = False  # since the last key frame
        self._skipper: HoldWriter | None = None

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels``; only ``tiles`` are read. Unchanged frames cost a few bytes each."""
        if tiles.any():
            self._kept.patch(pixels, tiles)
        if self._moved and repeat * self._tick >= HELD:
            self.cut()
        if self._kept.changed.any() or self._cut or self._skipper is None:
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
        if self._hints is not None:
            if self._cut:
                self._hints.clear()
            else:
                self._hints.set(rectangles(self._kept.changed, MACROBLOCK))
        self._kept.settle()
        first, self._moved, self._cut = not self.frames, not self._cut, False
        packets = self._stream.encode(frame)
        if first and self._skips and len(packets) == 1:
            self._skipper = _skipper(self._stream.codec_context.extradata)
        if self._skipper is None:
            self._container.mux(packets)
            self.frames += 1
            return
        (packet,) = packets
        self._write(self._skipper.real(bytes(packet)), packet.is_keyframe)
