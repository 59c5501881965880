"""Pieces of a clip, packet by packet: nothing is encoded twice."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tensorreel.film.encode.probe import count_frames
from tensorreel.film.job.job import Clip, ClipError


def cut(clip: Clip, first: int, last: int, target: Path) -> None:
    """Write frames ``first`` to ``last`` (not included) of ``clip`` as an MP4 of its own, faststart.

    ``target`` is a new file of the caller's. The encoder sets a key frame behind every beat, and its clips have
    no pictures that wait for later ones, so a piece may begin behind any beat and end anywhere. Raises
    ``ClipError`` when ``first`` is no key frame or when frames are missing.
    """
    tick = 1 / Fraction(clip.fps)
    with (
        av.open(str(clip.path)) as source,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        video = source.streams.video[0]
        stream: Any = out.add_stream_from_template(video)
        stream.time_base = tick
        source.seek(int(first * tick / (video.time_base or tick)), stream=video)
        for packet in source.demux(video):
            place = _place(packet, tick)
            if place is None or place < first:
                continue
            if place >= last:
                break
            if place == first and not packet.is_keyframe:
                raise ClipError(f"{clip.scene}: frame {first} is no key frame, expected one behind each beat")
            packet.stream, packet.time_base = stream, tick
            packet.pts = packet.dts = place - first
            packet.duration = 1
            out.mux(packet)
    held = count_frames(target)
    if held != last - first:
        raise ClipError(f"{clip.scene}: {held} frames cut, expected {last - first}")


def _place(packet: Any, tick: Fraction) -> int | None:
    """Which frame of its clip a packet is; None for the empty one at the end."""
    return round(packet.pts * packet.time_base / tick) if packet.size else None
