"""A piece of a clip backwards, for programs that play a step back as motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import av

from tensorreel.film.draw.yuv_frame import planes
from tensorreel.film.encode.encoder import ClipEncoder
from tensorreel.film.job.job import Clip, ClipError
from tensorreel.film.job.picture import Picture

Run = tuple[Any, int]  # a frame, and how often it is shown


class _Copier(ClipEncoder):
    """The encoder of clips, fed with frames that are yuv420p already."""

    def copy(self, frame: av.VideoFrame, repeat: int) -> None:
        """``repeat`` frames of ``frame``; repeats cost a few bytes each."""
        self._kept.take(frame)
        self._encode()
        for _ in range(repeat - 1):
            if self._skipper is None:
                self._encode()
            else:
                self._write(self._skipper.skip(), key=False)


def reverse(
    clip: Clip,
    first: int,
    last: int,
    target: Path,
    picture: Picture,
    progress: Callable[[int], None] = lambda frames: None,
) -> None:
    """Write frames ``last`` − 1 down to ``first`` of ``clip`` as an MP4; a key frame stands behind each beat.

    One beat after the other is decoded, so that no more than the moving frames of one are kept in memory.
    Raises ``ClipError`` when frames are missing.
    """
    ends = [round(cue.end * clip.fps) for cue in clip.beats]
    marks = sorted({first, last, *(end for end in ends if first < end < last)})
    encoder = _Copier(target, picture)
    with av.open(str(clip.path)) as source, encoder:
        for start, end in reversed(list(pairwise(marks))):
            for frame, repeat in reversed(_runs(source, start, end, clip)):
                encoder.copy(frame, repeat)
                progress(encoder.frames)
            encoder.cut()
    if encoder.frames != last - first:
        raise ClipError(f"{clip.scene}: {encoder.frames} frames reversed, expected {last - first}")


def _runs(source: Any, start: int, end: int, clip: Clip) -> Sequence[Run]:
    """The frames from ``start``, a key frame, to ``end``; equal neighbours as one."""
    video = source.streams.video[0]
    source.seek(int(start / clip.fps / video.time_base), stream=video)
    found: list[Run] = []
    for frame in source.decode(video):
        place = round(frame.pts * frame.time_base * clip.fps)
        if place >= end:
            break
        if place < start:
            continue
        if found and _same(found[-1][0], frame):
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((frame, 1))
    return found


def _same(a: av.VideoFrame, b: av.VideoFrame) -> bool:
    return all((x == y).all() for x, y in zip(planes(a), planes(b), strict=True))
