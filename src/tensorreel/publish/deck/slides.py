"""The lecture as a PDF of slides, 16:9: the title, then a page for each step with its last picture from edge to edge.

For projectors without PowerPoint and for printing; each stage is an entry of the PDF's outline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tensorreel.publish.deck.handout import head
from tensorreel.publish.deck.lecture import Lecture, LecturePart
from tensorreel.publish.plain import glosses, sentence
from tensorreel.publish.typesetting import fonts_for, typeset


def slide_frames(part: LecturePart) -> list[int]:
    """The end of each step."""
    return [step.last - 1 for step in part.steps]


def write_slides(lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], target: Path, work: Path) -> None:
    """Write the PDF to ``target``; ``pictures`` are PNGs by frame for each part, ``work`` a folder of the caller's."""
    folder = work / "slides"
    folder.mkdir()
    parts = []
    for part, found in zip(lecture.parts, pictures, strict=True):
        pages = []
        for step, frame in zip(part.steps, slide_frames(part), strict=True):
            name = f"{part.name}-{step.number}.png"
            (folder / name).write_bytes(found[frame])
            pages.append({"picture": name, "alt": part.alt(step, lecture.lang)})
        parts.append({"title": part.title(lecture.lang), "pages": pages})
    words = (
        lecture.title,
        lecture.cover.byline,
        sentence(lecture.trace),
        glosses(lecture.trace, lecture.lang),
    )
    fonts, families, others = fonts_for(lecture.font, lecture.lang, work / "fonts", words)
    data = head(lecture, families, others, folder) | {"parts": parts}
    typeset(__package__, "slides.typ", data, folder, fonts, target)
