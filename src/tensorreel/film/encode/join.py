"""Clips end to end, packet by packet: nothing is encoded twice."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tensorreel.film.encode.probe import count_frames
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.job import Clip, ClipError


def join(clips: Sequence[Clip], titles: Sequence[str], target: Path, title: str) -> int:
    """Write the clips as one MP4 with a chapter for each, named by ``titles``; returns the frame count.

    All clips come from the same encoder settings, size and rate. ``target`` appears whole or not at all.
    Raises ``ClipError`` when frames are missing.
    """
    total = sum(c.frames for c in clips)
    with replacing(target) as part:
        _write(clips, titles, part, title)
        held = count_frames(part)
        if held != total:
            raise ClipError(f"{target.name}: {held} frames, expected {total}")
    return total


def _write(clips: Sequence[Clip], titles: Sequence[str], part: Path, title: str) -> None:
    tick = 1 / Fraction(clips[0].fps)
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        out.metadata["title"] = title
        out.set_chapters(_chapters(clips, titles, tick))
        stream: Any = None
        done = 0
        for clip in clips:
            with av.open(str(clip.path)) as source:
                video = source.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(video)
                    stream.time_base = tick
                _copy(source, video, out, stream, done, tick)
            done += clip.frames


def _copy(source: Any, video: Any, out: Any, stream: Any, done: int, tick: Fraction) -> None:
    """Every packet of ``source`` behind the ``done`` frames that are already there."""
    for packet in source.demux(video):
        if not packet.size:
            continue
        place = done + round(packet.pts * packet.time_base / tick)
        packet.stream = stream
        packet.time_base = tick
        packet.pts = packet.dts = place
        packet.duration = 1
        out.mux(packet)


def _chapters(clips: Sequence[Clip], titles: Sequence[str], tick: Fraction) -> list[Any]:
    chapters, done = [], 0
    for i, (clip, name) in enumerate(zip(clips, titles, strict=True)):
        end = done + clip.frames
        chapters.append({"id": i, "start": done, "end": end, "time_base": tick, "metadata": {"title": name}})
        done = end
    return chapters
