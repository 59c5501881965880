"""What is said in a film, with times: as a text for a person who reads it aloud, and as SubRip.

A sentence stands under the name that a recording of it has (``attn-scores.cell.wav``) in a folder for ``--narration``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tensorreel.film.job.atomic import publish_text
from tensorreel.film.job.job import Clip, Job
from tensorreel.film.run.contents import FILM_TITLE, job_title
from tensorreel.publish.plain import plain
from tensorreel.publish.subtitles import SubtitleLine, film_cues, srt_of, subtitle_lines
from tensorreel.words.spoken import in_words


def take_name(scene: str, beat: str) -> str:
    """What a recording of a beat's sentence is called, without its ending: ``attn-output.why-head-1``."""
    return f"{scene}.{beat}".replace("_", "-").replace(" ", "-")


def said_lines(clips: Sequence[Clip], lang: str) -> list[SubtitleLine]:
    """The captions of clips that are joined end to end, as a speaker says them."""
    lines = subtitle_lines(film_cues(clips), lang)
    return [line._replace(text=in_words(line.text, lang)) for line in lines]


def script(jobs: Sequence[Job], clips: Sequence[Clip]) -> str:
    """A heading for each clip, and a paragraph for each sentence: when it begins, how long its beat is, its name."""
    lang = jobs[0].options.lang
    cues = film_cues(clips)
    lines = {line.number: line for line in said_lines(clips, lang)}
    parts, number = [FILM_TITLE.of(lang)], 0
    for job, clip in zip(jobs, clips, strict=True):
        parts.append(plain(job_title(job)))
        for beat in clip.beats:
            number += 1
            if line := lines.get(number):
                name = take_name(clip.scene, beat.name)
                parts.append(f"{_clock(line.start)}  {line.end - line.start:.1f} s  {name}\n{line.text}")
    assert number == len(cues)
    return "\n\n".join(parts) + "\n"


def _clock(seconds: float) -> str:
    """``2:07.5``."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def script_paths(target: Path, lang: str) -> list[Path]:
    """Where ``write_script`` writes: ``transformer.script-en.txt`` and ``.srt``."""
    return [target.with_suffix(f".script-{lang}.{ending}") for ending in ("txt", "srt")]


def write_script(target: Path, jobs: Sequence[Job], clips: Sequence[Clip]) -> list[Path]:
    """Write what is said in a film or a clip beside it, in its own language; returns the paths."""
    lang = jobs[0].options.lang
    paths = script_paths(target, lang)
    for text, path in zip((script(jobs, clips), srt_of(said_lines(clips, lang))), paths, strict=True):
        publish_text(text, path)
    return paths
