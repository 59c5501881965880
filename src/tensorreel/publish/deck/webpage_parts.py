"""The pieces of the page: the cover, a section for each part with its notes, the map, and the data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from tensorreel.film.job.picture import rate_number
from tensorreel.publish.deck.lecture import HEADINGS, SIZE_HEADINGS, TENSOR_HEADINGS, Lecture, LecturePart
from tensorreel.publish.deck.webpage_words import words_in
from tensorreel.publish.plain import glosses, scripts, sentence
from tensorreel.publish.subtitles import caption
from tensorreel.visuals.lettering.isolates import as_html
from tensorreel.words.languages import language
from tensorreel.words.text import QUOTED, Text

title_of = escape


def formula(plain: str) -> str:
    """A plain formula with its raised and lowered letters as ``sup`` and ``sub``."""
    tags = {1: "sup", -1: "sub"}
    return "".join(
        f"<{tags[level]}>{escape(text)}</{tags[level]}>" if level else as_html(text)
        for text, level in scripts(plain)
    )


def said_aloud(caption: str, lang: str) -> str:
    """A caption with its formulas set; quoted words stay as they are, whatever letters are in them."""
    first, last = map(re.escape, QUOTED.filled(word="\0").of(lang).split("\0"))
    parts = re.split(f"({first}.*?{last})", caption)
    return "".join(as_html(part) if k % 2 else formula(part) for k, part in enumerate(parts))


def cover(lecture: Lecture, logo: str) -> str:
    """The first slide: title, sentence, and the keys that matter; ``logo`` is an element, or empty."""
    words, trace = words_in(lecture.lang), lecture.trace
    keys = "".join(
        f"<kbd>{k}</kbd> {escape(t)} &ensp; " for k, t in (("→", words["start"]), ("M", words["map"]))
    )
    return (
        f'<section id="cover" class="cover">{logo}<h1>{escape(lecture.title)}</h1>'
        f'<p class="sentence" dir="auto">{escape(sentence(trace))}</p>'
        f'<p class="glosses">{as_html(glosses(trace, lecture.lang))}</p>{byline(lecture)}'
        f'<p class="keys by-key">{keys}<kbd>?</kbd> {escape(words["help"])}</p>'
        f'<p class="keys by-touch">{escape(words["touch"])}</p></section>\n'
    )


def byline(lecture: Lecture) -> str:
    """Who holds it and when, if that is said."""
    said = lecture.cover.byline
    return f'<p class="byline" dir="auto">{escape(said)}</p>' if said else ""


def section(lecture: Lecture, part: LecturePart, stills: Sequence[str]) -> str:
    """A part: its pictures and film, an invisible fragment for each further step, and its notes.

    ``stills`` are the files of the first picture and of the end of each step. Files are named in ``data-file``;
    the page's script loads them when they are near.
    """
    first = f'<img data-file="{stills[0]}" alt="{escape(part.title(lecture.lang))}">'
    images = first + "".join(
        f'<img data-file="{name}" alt="{escape(part.alt(step, lecture.lang))}">'
        for name, step in zip(stills[1:], part.steps, strict=True)
    )
    further = "".join(
        f'<span class="fragment" data-fragment-index="{k}"></span>' for k in range(len(part.steps) - 1)
    )
    return (
        f'<section class="stage" id="{part.name}"><h2 class="hide">{escape(part.title(lecture.lang))}</h2>'
        f'<div class="screen">{images}'
        '<video muted playsinline preload="auto" disablepictureinpicture aria-hidden="true" tabindex="-1" data-ignore>'
        '</video><p class="caption" aria-hidden="true" hidden></p></div>'
        f'{further}<aside class="notes">{notes_of(lecture, part)}</aside></section>\n'
    )


def notes_of(lecture: Lecture, part: LecturePart, answered: bool = False) -> str:
    """What the speaker's window, the box about the stage and the printed page show; ``answered``: at once."""
    lang = lecture.lang

    def said(text: Text) -> str:
        further = (f'<p class="second" lang="{x}">{formula(text.of(x))}</p>' for x in lecture.others)
        return f"<p>{formula(text.of(lang))}</p>" + "".join(further)

    shown = f'<p class="formula">{formula(part.formula)}</p>' if part.formula else ""
    asked = part.question and (
        f"<h3>{escape(HEADINGS['ask'].of(lang))}</h3>{said(part.question.ask)}"
        f"<details{' open' if answered else ''}><summary>{escape(HEADINGS['answer'].of(lang))}</summary>{said(part.question.answer)}</details>"
    )
    further = "" if answered else _guide(lecture, part)
    return (
        f'<div class="facts">{said(part.meaning)}{shown}{_table(lecture, part)}{asked or ""}{further}</div>'
    )


def _guide(lecture: Lecture, part: LecturePart) -> str:
    """For the speaker: where to point, and what comes next."""
    lang = lecture.lang
    lines = (("point", part.pointed(lang)), ("next", lecture.onward(part, None, lang)))
    return "".join(
        f"<h3>{escape(HEADINGS[k].of(lang))}</h3><p>{formula(text)}</p>" for k, text in lines if text
    )


def _table(lecture: Lecture, part: LecturePart) -> str:
    headings = [text.of(lecture.lang) for text in (TENSOR_HEADINGS if part.stage else SIZE_HEADINGS)]
    name = HEADINGS["shapes" if part.stage else "sizes"].of(lecture.lang)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headings)
    rows = "".join(
        f'<tr{" class=result" if row.result else ""}><th scope="row">{formula(row.symbol)}</th>'
        f"<td>{formula(row.letters)}</td><td>{row.sizes}</td></tr>"
        for row in part.shapes(lecture.lang)
    )
    return (
        f"<table><caption>{escape(name)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def map_items(lecture: Lecture, stills: Sequence[Sequence[str]]) -> str:
    """The map: a button for each part, with its last picture."""
    items = []
    for at, (part, names) in enumerate(zip(lecture.parts, stills, strict=True), 1):
        symbol = f'<span class="symbol">{formula(part.stage.symbol_plain)}</span>' if part.stage else ""
        items.append(
            f'<li><button type="button" data-h="{at}"><img data-file="{names[-1]}" alt="">'
            f"{symbol}{escape(part.title(lecture.lang))}</button></li>"
        )
    return "".join(items)


def data_of(lecture: Lecture, films: Sequence[str]) -> dict[str, Any]:
    """What the page's script must know: frames, files and captions of each part."""
    parts = [
        {
            "id": part.name,
            "title": part.title(lecture.lang),
            "short": f"{part.number}/{len(part.trace.model.architecture.stages)}"
            if part.stage
            else part.title(lecture.lang),
            "film": film,
            "frames": part.steps[-1].last,
            "steps": [{"last": step.last, "loop": step.loop} for step in part.steps],
            "cues": [
                {
                    "start": round(cue.start * part.clip.fps),
                    "said": {lang: caption(cue, lang) for lang in lecture.langs},
                }
                for cue in part.clip.beats
            ],
        }
        for part, film in zip(lecture.parts, films, strict=True)
    ]
    return {
        "title": lecture.title,
        "lang": lecture.lang,
        "langs": {lang: language(lang).name for lang in lecture.langs},
        "fps": rate_number(lecture.picture.fps),
        "parts": parts,
    }
