"""The lecture on paper, for whoever prints the page: a sheet for the cover, and one for each step.

It stands in the page, unseen until it is printed (``paper.css``).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tensorreel.publish.deck.lecture import Lecture, LecturePart, LectureStep
from tensorreel.publish.deck.webpage_parts import byline, notes_of, said_aloud
from tensorreel.publish.plain import glosses, sentence
from tensorreel.visuals.lettering.isolates import as_html


def paper(lecture: Lecture, stills: Sequence[Sequence[str]], logo: str) -> str:
    """All sheets; ``logo`` is an element of the cover, or empty; ``stills`` are the files of each part's first picture and of the end of each of its steps."""
    sheets = [
        _sheet(lecture, part, step, name)
        for part, names in zip(lecture.parts, stills, strict=True)
        for step, name in zip(part.steps, names[1:], strict=True)
    ]
    return _cover(lecture, logo) + "".join(sheets)


def _cover(lecture: Lecture, logo: str) -> str:
    return (
        f'<section class="sheet">{logo}<h2>{escape(lecture.title)}</h2><p dir="auto">{escape(sentence(lecture.trace))}</p>'
        f'<p class="second">{as_html(glosses(lecture.trace, lecture.lang))}</p>{byline(lecture)}</section>\n'
    )


def _sheet(lecture: Lecture, part: LecturePart, step: LectureStep, still: str) -> str:
    """A step: its last picture, what is said of it in each language, and the notes of its stage."""
    lang = lecture.lang
    further = "".join(
        f'<p class="said second" lang="{other}">{said_aloud(step.caption(other), other)}</p>'
        for other in lecture.others
    )
    return (
        f'<section class="sheet"><h2>{escape(part.title(lang))} <small>{step.number}/{len(part.steps)}</small></h2>'
        f'<img data-file="{still}" loading="lazy" width="1280" height="720" alt="{escape(part.alt(step, lang))}">'
        f'<p class="said">{said_aloud(step.caption(lang), lang)}</p>'
        f"{further}{notes_of(lecture, part, True)}</section>\n"
    )
