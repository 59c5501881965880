"""Subtitles: the captions of a clip's beats as WebVTT and SubRip, one cue a beat, exact to the frame.

A beat's times are multiples of a frame, so a cue begins with the first frame of its beat and ends with the
last; both formats count in milliseconds, which is finer than any frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tensorreel.film.job.atomic import publish_text
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Rate
from tensorreel.publish.plain import plain

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SIGNS = str.maketrans({"<": "<\u2060", "\\": "\\\u2060", "{": "｛", "}": "｝"})


class SubtitleLine(NamedTuple):
    """One subtitle: its number among the beats, from 1, its times in seconds, and its text in one line."""

    number: int
    start: float
    end: float
    text: str


def subtitle_lines(cues: Iterable[Cue], lang: str) -> list[SubtitleLine]:
    """The captions in a language, in order; beats without a caption or without a length have none."""
    return [
        SubtitleLine(number, cue.start, cue.end, text)
        for number, cue in enumerate(cues, start=1)
        if cue.end > cue.start and (text := caption(cue, lang))
    ]


def caption(cue: Cue, lang: str) -> str:
    """A beat's caption in one line: a line break would end a cue."""
    return plain(cue.caption.of(lang), prose=True)


def vtt(cues: Iterable[Cue], lang: str) -> str:
    """WebVTT, for players in browsers; a cue's identifier is the number of its beat."""
    head = f"WEBVTT\nKind: subtitles\nLanguage: {lang}\n"
    return "\n".join(
        [
            head,
            *(
                f"{n}\n{_clock(start, '.')} --> {_clock(end, '.')}\n{text.translate(_ENTITIES)}\n"
                for n, start, end, text in subtitle_lines(cues, lang)
            ),
        ]
    )


def srt(cues: Iterable[Cue], lang: str) -> str:
    """SubRip, for players on the desktop, for video platforms and for editors."""
    return srt_of(subtitle_lines(cues, lang))


def srt_of(lines: Iterable[SubtitleLine]) -> str:
    """Lines as SubRip, numbered from 1 without a gap.

    It has no way to escape a sign, and players obey ``<s>`` and ``\\n``: a word joiner, which nobody sees, stands
    behind such a sign. What stands in braces they take for orders whatever it is, so braces are full-width ones.
    """
    return "\n".join(
        f"{n}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text.translate(_SIGNS)}\n"
        for n, (_, start, end, text) in enumerate(lines, start=1)
    )


def write_beside(
    clip: Path, cues: Sequence[Cue], langs: Sequence[str], formats: Sequence[str] = ("vtt", "srt")
) -> dict[tuple[str, str], Path]:
    """Write ``07-attn-weights.en.vtt`` and so on beside a clip; returns the paths by language and format."""
    written = paths_beside(clip, langs, formats)
    for (lang, form), path in written.items():
        publish_text({"vtt": vtt, "srt": srt}[form](cues, lang), path)
    return written


def paths_beside(
    clip: Path, langs: Sequence[str], formats: Sequence[str] = ("vtt", "srt")
) -> dict[tuple[str, str], Path]:
    """Where ``write_beside`` writes, by language and format."""
    return {(lang, form): clip.with_suffix(f".{lang}.{form}") for lang in langs for form in formats}


def film_cues(clips: Sequence[Clip]) -> list[Cue]:
    """The beats of clips that are joined end to end, in the film's time; named ``stage.beat``."""
    found, done = [], 0
    for clip in clips:
        for cue in clip.beats:
            start, end = (_frame(t, clip.fps, done) for t in (cue.start, cue.end))
            found.append(cue._replace(name=f"{clip.scene}.{cue.name}", start=start, end=end))
        done += clip.frames
    return found


def _frame(seconds: float, fps: Rate, before: int) -> float:
    """A time of a clip that comes after ``before`` frames; counted in frames, so that no error adds up."""
    return float((before + round(seconds * fps)) / fps)


def _clock(seconds: float, point: str) -> str:
    """``00:01:02.345``."""
    total = round(seconds * 1000)
    return f"{total // 3600000:02}:{total // 60000 % 60:02}:{total // 1000 % 60:02}{point}{total % 1000:03}"
