"""Documents by Typst: a template of ours, data in a JSON file, the film's fonts; tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.words.visible_text import FSI, PDI

STANDARD: Literal["ua-1"] = "ua-1"


def typeset(
    room: str, template: str, data: Mapping[str, Any], folder: Path, fonts: Any, target: Path
) -> None:
    """Write the PDF that a ``template`` of a room of ours makes of ``data`` and the pictures that lie in ``folder``."""
    import typst

    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    main = folder / template
    main.write_bytes(files(room).joinpath("assets", template).read_bytes())
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


def fonts_for(
    path: str | None, lang: str, folder: Path, texts: Iterable[str]
) -> tuple[Any, list[str], dict[str, str]]:
    """The film's font, regular and bold, and Typst's own for formulas, with the families in order of use; then the
    families of the fonts that draw what it lacks of ``texts``, by file.

    Typst looks for fonts in folders, and through all of the system's for seconds; so it gets one with links, or with
    copies where not everybody may make links. It would take a letter apart that a font lacks, as shapers do, so it is
    told what to set in which.
    """
    import typst

    from tensorreel.visuals.lettering.fonts import face_for

    chosen = list(dict.fromkeys(face_for(path, bold=bold, lang=lang).choice for bold in (False, True)))
    helping = sorted({file for text in texts for _, file in in_fonts(text, path, lang) if file})
    folder.mkdir()
    for at, file in enumerate([*(choice.path for choice in chosen), *helping]):
        mine = folder / f"{at}{Path(file).suffix}"
        try:
            mine.symlink_to(Path(file).resolve())
        except OSError:
            shutil.copyfile(file, mine)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    known = {info.family for info in fonts.fonts()}
    others = {f: i.family for f in helping for i in fonts.fonts() if i.path and _same(i.path, f)}
    families = [choice.name for choice in chosen if choice.name in known]
    if not families:
        raise EnvironmentProblem(
            f"{chosen[0].path}: not read by Typst, expected TTF, OTF or TTC (--font FILE)"
        )
    return fonts, list(dict.fromkeys([*families, "New Computer Modern"])), others


def _same(path: str, file: str) -> bool:
    return Path(path).resolve() == Path(file).resolve()


def in_fonts(text: str, font: str | None, lang: str) -> list[tuple[str, str]]:
    """A text in parts, each with the file of the font that draws it: none for the film's."""
    from tensorreel.visuals.lettering.fonts import face_for, faced

    film, parts = face_for(font, lang=lang), list[tuple[str, str]]()
    for piece in re.split(f"([{FSI}{PDI}])", text):
        if piece in (FSI, PDI):
            parts.append((piece, ""))
        else:
            parts += [
                (t, "" if face is film else face.choice.path) for t, face in faced(piece, font, lang=lang)
            ]
    return parts
