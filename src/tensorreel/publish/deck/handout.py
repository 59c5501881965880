"""The handout: a page of A4 for each stage, typeset by Typst, with vector formulas and embedded fonts.

The PDF is tagged for screen readers (PDF/UA-1). Texts reach Typst as data in a JSON file and are only shown;
none of them becomes markup.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from tensorreel.errors import EnvironmentProblem
from tensorreel.film.production import FILM_TITLE
from tensorreel.publish.deck.lecture import HEADINGS, SIZE_HEADINGS, TENSOR_HEADINGS, Lecture, Part
from tensorreel.publish.deck.scripts import scripts
from tensorreel.publish.plain import glosses, sentence
from tensorreel.publish.subtitles import caption
from tensorreel.visuals.theme import THEMES, role_of

STANDARD: Literal["ua-1"] = "ua-1"


def write(lecture: Lecture, posters: Sequence[Mapping[int, bytes]], target: Path, work: Path) -> None:
    """Write the PDF to ``target``; ``posters`` are PNGs by frame for each part, ``work`` a folder of the caller's."""
    import typst

    folder = work / "handout"
    folder.mkdir()
    parts = []
    for part, pictures in zip(lecture.parts, posters, strict=True):
        name = f"{part.name}.png"
        (folder / name).write_bytes(pictures[part.steps[-1].last - 1])
        parts.append(_described(lecture, part, name))
    fonts, families = _fonts(lecture.font, work / "fonts")
    data = _head(lecture, families) | {"parts": parts}
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    main = folder / "handout.typ"
    main.write_bytes(files(__package__).joinpath("assets", "handout.typ").read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", typst.TypstWarning)
        typst.compile(
            str(main),
            output=str(target),
            root=str(folder),
            font_paths=fonts,
            format="pdf",
            pdf_standards=STANDARD,
        )


def _fonts(path: str | None, folder: Path) -> tuple[Any, list[str]]:
    """The film's font, regular and bold, and Typst's own for formulas; with the families in order of use.

    Typst looks for fonts in folders, and through all of the system's for seconds; so it gets one with links.
    """
    import typst

    from tensorreel.visuals.fonts import face_for

    chosen = list(dict.fromkeys(face_for(path, bold=bold).choice for bold in (False, True)))
    folder.mkdir()
    for at, choice in enumerate(chosen):
        (folder / f"{at}{Path(choice.path).suffix}").symlink_to(Path(choice.path).resolve())
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    known = {info.family for info in fonts.fonts()}
    families = [choice.name for choice in chosen if choice.name in known]
    if not families:
        raise EnvironmentProblem(
            f"{chosen[0].path}: not read by Typst, expected TTF, OTF or TTC (--font FILE)"
        )
    return fonts, list(dict.fromkeys([*families, "New Computer Modern"]))


def _head(lecture: Lecture, families: Sequence[str]) -> dict[str, Any]:
    theme, trace = THEMES[lecture.theme], lecture.trace
    return {
        "title": lecture.title,
        "other-title": FILM_TITLE[lecture.other],
        "lang": lecture.lang,
        "other": lecture.other,
        "sentence": sentence(trace),
        "glosses": glosses(trace),
        "keywords": ["Transformer", "tensorreel"],
        "fonts": list(families),
        "dark": lecture.theme != "light",
        "background": theme.background,
        "ink": theme.ink,
        "dim": theme.dim,
        "accent": theme.accent,
        "panel": theme.panel,
        "words": HEADINGS[lecture.lang],
    }


def _described(lecture: Lecture, part: Part, poster: str) -> dict[str, Any]:
    lang, other = lecture.lang, lecture.other
    theme = THEMES[lecture.theme]
    cues = [cue for step in part.steps for cue in step.cues]
    return {
        "name": part.name,
        "stage": part.stage is not None,
        "title": part.title(lang),
        "other-title": part.title(other),
        "formula": part.stage.formula if part.stage else "",
        "plain": part.formula,
        "meaning": scripts(part.meaning.of(lang)),
        "other-meaning": scripts(part.meaning.of(other)),
        "poster": poster,
        "alt": part.alt(part.steps[-1], lang),
        "heading": (TENSOR_HEADINGS if part.stage else SIZE_HEADINGS)[lang],
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
        "captions": [(caption(cue, lang), caption(cue, other)) for cue in cues],
        "ask": scripts(part.question.ask.of(lang)),
        "other-ask": scripts(part.question.ask.of(other)),
        "answer": scripts(part.question.answer.of(lang)),
        "other-answer": scripts(part.question.answer.of(other)),
    }
