"""A film that speaks: what is said in each beat is known, and has its sound, before a clip is made."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tensorreel.film.job.job import Job
from tensorreel.film.run.plays import planned_beats
from tensorreel.film.run.production import RunOptions
from tensorreel.publish.speech.script import take_name
from tensorreel.publish.subtitles import caption
from tensorreel.voice.choosing import narrator_of
from tensorreel.voice.engine import Take
from tensorreel.words.spoken import in_words


def narrated(jobs: Sequence[Job], narration: str, orders: RunOptions, folder: Path) -> list[Job]:
    """The jobs, each with what is said in its beats; ``folder`` keeps what an engine has said.

    Scenes whose beats are not known from before are played without drawing.
    """
    narrator = narrator_of(narration, folder)
    beats = planned_beats(jobs, orders)
    takes = [
        Take(take_name(job.scene, cue.name), in_words(caption(cue, lang), lang), lang)
        for job, cues in zip(jobs, beats, strict=True)
        for lang in (job.options.lang,)
        for cue in cues
    ]
    said = iter(narrator.utterances(takes))
    return [
        replace(job, speech=tuple(islice(said, len(cues)))) for job, cues in zip(jobs, beats, strict=True)
    ]


@contextmanager
def speech_folder(cache: Path | None) -> Iterator[Path]:
    """Where speech is kept: in the folder of finished clips, or, where that cannot be written, until the end."""
    with suppress(OSError):
        if cache is not None:
            (cache / "speech").mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=cache / "speech"):
                pass
            yield cache / "speech"
            return
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as folder:
        yield Path(folder)
