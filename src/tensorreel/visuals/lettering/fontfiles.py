"""Which font file the film is drawn with: the given one, or the first good one that is installed.

Chinese, Japanese and Korean share characters that each writes in shapes of its own; of a font that has them all
(``.ttc``), the language's face is taken. Other languages are drawn with the Japanese one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz as hb

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.words.catalogue import ENGLISH
from tensorreel.words.languages import language

# Family names in order of preference; all of them hold Japanese, Latin, Greek and the signs the film draws.
FAMILIES = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Source Han Sans",
    "IPAexGothic",
    "IPAGothic",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "Yu Gothic",
)
# What comes before them where the language's script has shapes of its own.
_BY_SCRIPT = {
    "Hans": ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei"),
    "Hant": ("Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "PingFang TC", "Microsoft JhengHei"),
    "Kore": ("Noto Sans CJK KR", "Noto Sans KR", "Source Han Sans K", "Apple SD Gothic Neo", "Malgun Gothic"),
}
_WINDOWS = (("WINDIR", "Fonts"), ("LOCALAPPDATA", "Microsoft/Windows/Fonts"))
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/Library/Fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    *(f"{os.environ[v]}/{rest}" for v, rest in _WINDOWS if v in os.environ),
)
_HINTS = (
    "notosanscjk",
    "notosansjp",
    "sourcehansans",
    "ipaexg",
    "ipag",
    "hiragino",
    "ヒラギノ",
    "yugoth",
    "notosanssc",
    "notosanstc",
    "notosanskr",
    "pingfang",
    "msyh",
    "msjh",
    "applesdgothic",
    "malgun",
)
_FAMILY_NAMES = (21, 16, 1)  # WWS family, typographic family, family
INSTALL_LINE = "apt install fonts-noto-cjk, or --font FILE"


@dataclass(frozen=True)
class FontChoice:
    """One face of one font file. ``index`` counts the faces of a collection (``.ttc``)."""

    path: str
    index: int
    name: str


def _faces(path: Path) -> list[tuple[int, str]]:
    """(index, family name) of every face in a font file; ``ValueError`` where it is none."""
    blob = hb.Blob.from_file_path(str(path))
    found = []
    for index in range(hb.Face(blob, 0).count):
        face = hb.Face(blob, index)
        if not face.glyph_count:
            raise ValueError("no glyphs")
        found.append((index, family_of(face) or path.stem))
    if not found:
        raise ValueError("no faces")
    return found


def family_of(face: hb.Face) -> str | None:
    """The name of a face's family, if it has one."""
    names = (face.get_name(kind) for kind in _FAMILY_NAMES)
    return next((str(name) for name in names if name), None)


def candidates() -> list[Path]:
    """Font files whose names look like one of the listed families, regular weight first."""
    found = []
    for folder in _FOLDERS:
        for root, _, files in os.walk(Path(folder).expanduser()):
            found += [Path(root, f) for f in files if any(h in f.lower().replace(" ", "") for h in _HINTS)]
    wanted = [p for p in found if p.suffix.lower() in {".ttc", ".otc", ".ttf", ".otf"}]
    return sorted(wanted, key=lambda p: ("regular" not in p.name.lower(), p.name))


@lru_cache(maxsize=32)
def resolve_font(path: str | None = None, lang: str = ENGLISH) -> FontChoice:
    """The font to draw a language with: the given file, or the first listed family found on this machine.

    Raises ``EnvironmentProblem`` when the file is not a font, or when no listed family is installed.
    """
    own = _BY_SCRIPT.get(language(lang).script, ())
    if path is not None:
        try:
            faces = _faces(Path(path))
        except Exception as err:
            raise EnvironmentProblem(f"{path}: not a font file, expected TTF, OTF or TTC ({err})") from err
        index, name = next((face for face in faces if face[1] in own), faces[0])
        return FontChoice(str(path), index, name)
    installed = _installed()
    for family in (*own, *FAMILIES):
        if family in installed:
            return installed[family]
    raise EnvironmentProblem(
        f"no Japanese font found, expected one such as Noto Sans CJK JP ({INSTALL_LINE})"
    )


@lru_cache(maxsize=1)
def _installed() -> dict[str, FontChoice]:
    """The faces of all candidates by family."""
    faces: dict[str, FontChoice] = {}
    for file in candidates():
        for index, name in _faces(file):
            faces.setdefault(name, FontChoice(str(file), index, name))
    return faces


def bold_sibling(choice: FontChoice) -> FontChoice:
    """The bold file beside a regular one, or the same font where there is none."""
    bold = Path(choice.path.replace("Regular", "Bold"))
    return FontChoice(str(bold), choice.index, choice.name) if bold.exists() else choice
