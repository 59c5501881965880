"""A finished clip or film into its container, with subtitles, sound, titles and key facts; no picture is coded again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av

from tensorreel.film.job.job import ClipError
from tensorreel.film.job.picture import Rate
from tensorreel.publish.soundtrack import Soundtrack
from tensorreel.publish.subtitles import SubtitleLine
from tensorreel.publish.tracks import switch_text_off

# What mov_text is told of fonts and colours; players use their own. An ASS header is how FFmpeg hands it over.
_ASS = (
    "[Script Info]\r\nScriptType: v4.00+\r\n\r\n[V4+ Styles]\r\nFormat: Name, Fontname, Fontsize, PrimaryColour, "
    "SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, "
    "Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n"
    "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\r\n\r\n"
    "[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)

_QUICKTIME = ("mp4", "mov")  # of FFmpeg's containers, those that are QuickTime's


class Track(NamedTuple):
    """Subtitles in one language: its ISO 639-2 tag, its name for the menu of the player, and the lines."""

    tag: str
    name: str
    lines: Sequence[SubtitleLine]


def remux(
    source: Path,
    part: Path,
    *,
    form: str,
    fps: Rate,
    texts: Mapping[str, str],
    language: str,
    tracks: Sequence[Track] = (),
    sound: Soundtrack | None = None,
) -> None:
    """Copy ``source`` into ``part`` (``form``: mp4, mov or webm), chapters included, and add what is given.

    ``texts`` is metadata by FFmpeg's names, ``language`` the tag of what is written in the picture and said. The
    index comes first, no text track is on by itself, and the same input gives the same bytes. Raises ``ClipError``
    unless every packet of the picture arrives as it was.
    """
    options = {"fflags": "+bitexact"} | ({"movflags": "+faststart"} if form in _QUICKTIME else {})
    tick = 1 / Fraction(fps)
    with av.open(str(source)) as old, av.open(str(part), "w", format=form, options=options) as out:
        video: Any = old.streams.video[0]
        out.metadata.update(texts)
        if chapters := old.chapters():
            out.set_chapters(chapters)
        stream: Any = out.add_stream_from_template(video)
        stream.time_base = tick
        if video.codec_context.name == "prores":  # which of them it is stands only here
            stream.codec_context.codec_tag = video.codec_context.codec_tag
        stream.metadata.update(_kept(video.metadata), language=language)
        added = [_subtitle_stream(out, track, tick) for track in tracks]
        heard = _Heard(out, sound, language)
        out.start_encoding()
        for track, place in zip(tracks, added, strict=True):
            _write_lines(out, place, track.lines, tick, fps)
        for packet in old.demux(video):
            if packet.size:
                heard.up_to(packet.pts * packet.time_base)
                packet.stream = stream
                out.mux(packet)
        heard.up_to(None)
    if form in _QUICKTIME:
        switch_text_off(part)
    if packets_digest(part) != packets_digest(source):
        raise ClipError(f"{part.name}: its pictures are not those of the clip that was made")


class _Heard:
    """The packets of a sound, each written before the pictures that are shown after it."""

    def __init__(self, out: Any, sound: Soundtrack | None, language: str) -> None:
        self._out = out
        stream = None if sound is None else sound.stream(out, language)
        self._left = iter(()) if sound is None else sound.packets(stream)
        self._next: Any = None

    def up_to(self, time: Fraction | None) -> None:
        """Write all that begins by ``time``, in seconds; without one, all that is left."""
        while packet := self._next or next(self._left, None):
            self._next = packet
            if time is not None and packet.pts * packet.time_base > time:
                return
            self._out.mux(packet)
            self._next = None


def _kept(metadata: Mapping[str, str]) -> dict[str, str]:
    """What a stream's own metadata say about the picture itself."""
    return {key: value for key, value in metadata.items() if key.lower() == "alpha_mode"}


def _subtitle_stream(out: Any, track: Track, tick: Fraction) -> Any:
    stream = out.add_stream("mov_text")
    stream.time_base = tick
    stream.metadata.update(language=track.tag, title=track.name)
    stream.codec_context.subtitle_header = _ASS.encode()
    return stream


def _write_lines(out: Any, stream: Any, lines: Sequence[SubtitleLine], tick: Fraction, fps: Rate) -> None:
    """Each line as one mov_text sample: its length in two bytes, then the text."""
    for line in lines:
        text = line.text.encode()[:65535].decode(errors="ignore").encode()
        packet = av.Packet(len(text).to_bytes(2, "big") + text)
        packet.stream, packet.time_base = stream, tick
        packet.pts = packet.dts = round(line.start * fps)
        packet.duration = round(line.end * fps) - round(line.start * fps)
        packet.is_keyframe = True
        out.mux(packet)


def packets_digest(path: Path) -> str:
    """SHA-256 over the coded pictures of a file and how many there are, whatever container holds them."""
    hasher = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.size:
                hasher.update(packet.size.to_bytes(8, "big") + bytes(packet))
    return hasher.hexdigest()
