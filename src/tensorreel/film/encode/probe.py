"""Reading back a finished clip."""

from __future__ import annotations

from pathlib import Path

import av

from tensorreel.film.encode.filesink import BT709, LIMITED
from tensorreel.film.job.job import ClipError
from tensorreel.film.job.picture import Picture


def count_frames(path: Path) -> int:
    """How many pictures a video file holds, from its packets."""
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def check_mp4(path: Path, picture: Picture, frames: int) -> None:
    """Raise ``ClipError`` unless ``path`` holds ``frames`` H.264 frames of ``picture`` with our colour tags."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        found = (codec.name, codec.pix_fmt, codec.width, codec.height, codec.colorspace, codec.color_range)
        held = sum(1 for packet in container.demux(stream) if packet.size)
    wanted = ("h264", "yuv420p", picture.width, picture.height, BT709, LIMITED)
    if found != wanted or held != frames:
        raise ClipError(f"{path.name}: {held} frames of {found}, expected {frames} of {wanted}")
