"""Documents by Typst: our template, data in a JSON file, the film's fonts; tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

import warnings
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from tensorreel.errors import EnvironmentProblem

STANDARD: Literal["ua-1"] = "ua-1"


def typeset(template: str, folder: Path, fonts: Any, target: Path) -> None:
    """Write the PDF that the package's ``template`` makes of what lies in ``folder``."""
    import typst

    main = folder / template
    main.write_bytes(files(__package__).joinpath("assets", template).read_bytes())
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


def fonts_for(path: str | None, folder: Path) -> tuple[Any, list[str]]:
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
