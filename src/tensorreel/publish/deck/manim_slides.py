"""The lecture for manim-slides: its JSON file, a clip for each step, and the clip backwards.

Written after the model of manim-slides 5 (``PresentationConfig``); paths count from the folder above the
JSON file's, as there. Present it with ``manim-slides present NAME --folder FOLDER``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tensorreel.core.errors import TensorreelError
from tensorreel.film.encode.cut import cut
from tensorreel.film.encode.reverse import reverse
from tensorreel.film.job.picture import Picture
from tensorreel.film.job.progress import ProgressBar
from tensorreel.film.run.workers import run_all
from tensorreel.publish.deck.folder import Folder
from tensorreel.publish.deck.lecture import Lecture, LecturePart
from tensorreel.publish.deck.notes import notes
from tensorreel.visuals.look.theme import THEMES


def write_manim_slides(lecture: Lecture, target: Path, work: Path, processes: int | None) -> None:
    """Write ``target`` and the clips into ``files/`` beside it; ``work`` is a folder of the caller's."""
    _make_pieces(lecture, work, processes)
    media = target.parent / "files" / target.stem
    folder = Folder(target, media)
    slides = []
    for part in lecture.parts:
        for step in part.steps:
            paths = []
            for backwards in (False, True):
                piece = _piece(work, part, step.number, backwards)
                name = folder.add(piece.stem, ".mp4", piece.read_bytes())
                paths.append(str(Path(target.parent.resolve().name, "files", target.stem, name)))
                piece.unlink()
            text = "\n\n".join(f"**{head}**\n{body}" for head, body in notes(lecture, part, step))
            slides.append(
                {
                    "loop": step.loop,
                    "auto_next": False,
                    "playback_rate": 1.0,
                    "reversed_playback_rate": 1.0,
                    "notes": text,
                    "dedent_notes": False,
                    "file": paths[0],
                    "rev_file": paths[1],
                }
            )
    deck = {
        "slides": slides,
        "resolution": [lecture.picture.width, lecture.picture.height],
        "background_color": THEMES[lecture.theme].background,
    }
    folder.publish(json.dumps(deck, ensure_ascii=False, indent=2) + "\n")


def _piece(work: Path, part: LecturePart, step: int, backwards: bool) -> Path:
    return work / f"{part.number:02}-{part.name}-{step:02}{'-reversed' if backwards else ''}.mp4"


def _make_pieces(lecture: Lecture, work: Path, processes: int | None) -> None:
    """All pieces, forwards and backwards, in several processes; the longest clips first."""
    jobs = sorted(lecture.parts, key=lambda part: part.clip.frames, reverse=True)
    maker = partial(_pieces, work, lecture.picture)
    with ProgressBar({part.name: len(part.steps) for part in jobs}, unit="steps") as bar:
        for outcome in run_all(jobs, maker, min(processes or os.cpu_count() or 1, len(jobs))):
            if outcome.result is None:
                error = TensorreelError(f"{outcome.work.name}: {outcome.error}")
                error.exit_code = outcome.exit_code
                raise error
            bar.finish(outcome.work.name, outcome.result)


def _pieces(work: Path, picture: Picture, part: LecturePart, progress: Callable[[int], None]) -> int:
    for step in part.steps:
        cut(part.clip, step.first, step.last, _piece(work, part, step.number, False))
        target = _piece(work, part, step.number, True)
        reverse(part.clip, step.first, step.last, target, picture, progress)
    return len(part.steps)
