"""Which tracks of an MP4 or QuickTime file are on when nobody has chosen (ISO/IEC 14496-12, 8.3.2).

FFmpeg switches the first track of each kind on, subtitles too, and players show them over the captions that are in
the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

_ON = 1  # track_enabled, the lowest of the 24 flags of ``tkhd``
TEXT = ("sbtl", "text", "subt", "clcp")  # handlers of subtitles, chapter names, captions
_HOLDERS = (b"moov", b"trak", b"mdia")


class TrackHeader(NamedTuple):
    """A track's handler (``vide``, ``sbtl``, ``text`` …), whether it is on, and where its flags stand."""

    handler: str
    on: bool
    at: int


def headers(data: bytes | mmap) -> list[TrackHeader]:
    """The tracks of a file in their order."""
    found, flags = [], 0
    for kind, start, _ in _boxes(data, 0, len(data)):
        if kind == b"tkhd":
            flags = start + 3
        elif kind == b"hdlr" and flags:
            found.append(
                TrackHeader(data[start + 8 : start + 12].decode("latin-1"), bool(data[flags] & _ON), flags)
            )
            flags = 0
    return found


def _boxes(data: bytes | mmap, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """All boxes with their contents' place, those inside of movie, track and media behind their holder."""
    while at + 8 <= end:
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or end - at
        if size < head:
            raise ValueError(f"box {kind!r} of {size} bytes")
        yield kind, at + head, at + size
        if kind in _HOLDERS:
            yield from _boxes(data, at + head, at + size)
        at += size


def switch_text_off(path: Path) -> None:
    """Leave no text track on; whoever wants one chooses it. Nothing else of the file changes."""
    with path.open("r+b") as file, mmap(file.fileno(), 0) as data:
        for header in headers(data):
            if header.handler in TEXT and header.on:
                data[header.at] &= ~_ON
