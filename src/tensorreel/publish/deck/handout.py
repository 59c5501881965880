"""The handout: a page of A4 or letter for each stage, typeset by Typst, with vector formulas and embedded fonts.

The PDF is tagged for screen readers (PDF/UA-1). Texts reach Typst as data in a JSON file and are only shown;
none of them becomes markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorreel.publish.deck.lecture import HEADINGS, SIZE_HEADINGS, TENSOR_HEADINGS, Lecture, LecturePart
from tensorreel.publish.plain import glosses, plain, scripts, sentence
from tensorreel.publish.subtitles import caption
from tensorreel.publish.typesetting import fonts_for, in_fonts, typeset
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look.theme import THEMES, role_of


def write_handout(
    lecture: Lecture, posters: Sequence[Mapping[int, bytes]], target: Path, work: Path, paper: str = "a4"
) -> None:
    """Write the PDF to ``target``, for ``paper`` ``a4`` or ``letter``; ``posters`` are PNGs by frame for each part,
    ``work`` a folder of the caller's.
    """
    folder = work / "handout"
    folder.mkdir()
    parts = []
    for part, pictures in zip(lecture.parts, posters, strict=True):
        name = f"{part.name}.png"
        (folder / name).write_bytes(pictures[part.steps[-1].last - 1])
        parts.append(_described(lecture, part, name))
    fonts, families, others = fonts_for(lecture.font, lecture.lang, work / "fonts", _texts(lecture))
    data = head(lecture, families, others, folder) | {"parts": parts, "paper": paper}
    typeset(__package__, "handout.typ", data, folder, fonts, target)


def _texts(lecture: Lecture) -> Iterator[str]:
    """The texts with words of the model's in them."""
    yield from (lecture.title, lecture.cover.byline)
    yield from (sentence(lecture.trace), glosses(lecture.trace, lecture.lang))
    for cue in (cue for part in lecture.parts for step in part.steps for cue in step.cues):
        yield from (caption(cue, lang) for lang in lecture.langs)


def head(
    lecture: Lecture, families: Sequence[str], others: Mapping[str, str], folder: Path
) -> dict[str, Any]:
    """What every document of ours says of itself; the picture on its cover goes into ``folder``."""
    theme, trace = THEMES[lecture.theme], lecture.trace
    return {
        "title": lecture.title,
        "covered": lecture.covered,
        "byline": in_fonts(lecture.cover.byline, lecture.font, lecture.lang) if lecture.cover.byline else [],
        "logo": _logo(lecture, folder),
        "lang": lecture.lang,
        "further": [{"lang": other, "title": lecture.translated_title(other)} for other in lecture.others],
        "sentence": in_fonts(sentence(trace), lecture.font, lecture.lang),
        "leftward": runs_left(sentence(trace)),
        "glosses": in_fonts(glosses(trace, lecture.lang), lecture.font, lecture.lang)
        if glosses(trace, lecture.lang)
        else [],
        "keywords": ["Transformer", "tensorreel"],
        "fonts": list(families),
        "others": dict(others),
        "dark": theme.dark,
        "background": theme.background,
        "ink": theme.ink,
        "dim": theme.dim,
        "accent": theme.accent,
        "panel": theme.panel,
        "words": {name: text.of(lecture.lang) for name, text in HEADINGS.items()},
    }


def _logo(lecture: Lecture, folder: Path) -> dict[str, Any] | None:
    if (logo := lecture.cover.logo) is None:
        return None
    (folder / logo.file).write_bytes(logo.data)
    return {"file": logo.file, "alt": plain(lecture.logo_alt)}


def _described(lecture: Lecture, part: LecturePart, poster: str) -> dict[str, Any]:
    lang = lecture.lang
    theme = THEMES[lecture.theme]
    cues = [cue for step in part.steps for cue in step.cues]
    return {
        "name": part.name,
        "stage": part.stage is not None,
        "title": part.title(lang),
        "formula": part.stage.formula if part.stage else "",
        "plain": part.formula,
        "meaning": scripts(part.meaning.of(lang)),
        "poster": poster,
        "alt": part.alt(part.steps[-1], lang),
        "heading": [text.of(lang) for text in (TENSOR_HEADINGS if part.stage else SIZE_HEADINGS)],
        "shapes": [
            {
                "symbol": scripts(row.symbol),
                "letters": scripts(row.letters),
                "sizes": row.sizes,
                "result": row.result,
                "colour": theme.role(role_of(row.name, learned=row.learned)) if part.stage else theme.ink,
            }
            for row in part.shapes(lang)
        ],
        "captions": [
            [in_fonts(caption(cue, x), lecture.font, lecture.lang) for x in lecture.langs] for cue in cues
        ],
        "further": [
            {
                "lang": other,
                "title": part.title(other),
                "meaning": scripts(part.meaning.of(other)),
            }
            | _asked(part, other)
            for other in lecture.others
        ],
    } | _asked(part, lang)


def _asked(part: LecturePart, lang: str) -> dict[str, Any]:
    """The question and its answer; nothing of a part that has none."""
    if part.question is None:
        return {}
    question = {"ask": part.question.ask, "answer": part.question.answer}
    return {name: scripts(text.of(lang)) for name, text in question.items()}
