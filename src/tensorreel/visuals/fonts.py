"""Text as outlines: HarfBuzz shapes a string with one font file, and hands out each glyph's curves.

No font server and no SVG in between: the same font file gives the same picture on every machine, a missing
glyph is known before anything is drawn, and a glyph's curves are computed once per process.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb
from fontTools.ttLib import TTCollection, TTFont

from tensorreel.errors import EnvironmentProblem

Points = npt.NDArray[np.float64]

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
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/Library/Fonts",
    "~/.local/share/fonts",
    "~/.fonts",
)
_HINTS = ("notosanscjk", "notosansjp", "sourcehansans", "ipaexg", "ipag", "hiragino", "ヒラギノ", "yugoth")
INSTALL_LINE = "apt install fonts-noto-cjk, or --font FILE"


@dataclass(frozen=True)
class FontChoice:
    """One face of one font file. ``index`` counts the faces of a collection (``.ttc``)."""

    path: str
    index: int
    name: str


def _faces(path: Path) -> list[tuple[int, str]]:
    """(index, family name) of every face in a font file."""
    collection = path.suffix.lower() in {".ttc", ".otc"}
    with TTCollection(str(path), lazy=True) if collection else TTFont(str(path), lazy=True) as font:
        fonts = font.fonts if collection else [font]
        return [(i, str(f["name"].getBestFamilyName())) for i, f in enumerate(fonts)]


def _candidates() -> list[Path]:
    """Font files whose names look like one of the listed families, regular weight first."""
    found = []
    for folder in _FOLDERS:
        for root, _, files in os.walk(Path(folder).expanduser()):
            found += [Path(root, f) for f in files if any(h in f.lower().replace(" ", "") for h in _HINTS)]
    wanted = [p for p in found if p.suffix.lower() in {".ttc", ".otc", ".ttf", ".otf"}]
    return sorted(wanted, key=lambda p: ("regular" not in p.name.lower(), p.name))


@lru_cache(maxsize=8)
def resolve_font(path: str | None = None) -> FontChoice:
    """The font to draw with: the given file, or the first listed family found on this machine.

    Raises ``EnvironmentProblem`` when the file is not a font, or when no listed family is installed.
    """
    if path is not None:
        try:
            index, name = _faces(Path(path))[0]
        except Exception as err:
            raise EnvironmentProblem(f"{path}: not a font file, expected TTF, OTF or TTC ({err})") from err
        return FontChoice(str(path), index, name)
    faces: dict[str, FontChoice] = {}
    for file in _candidates():
        for index, name in _faces(file):
            faces.setdefault(name, FontChoice(str(file), index, name))
    for family in FAMILIES:
        if family in faces:
            return faces[family]
    raise EnvironmentProblem(
        f"no Japanese font found, expected one such as Noto Sans CJK JP ({INSTALL_LINE})"
    )


def _bold_sibling(choice: FontChoice) -> FontChoice:
    """The bold file beside a regular one, or the same font where there is none."""
    bold = Path(choice.path.replace("Regular", "Bold"))
    return FontChoice(str(bold), choice.index, choice.name) if bold.exists() else choice


@dataclass(frozen=True)
class Glyph:
    """One shaped glyph: its curves (n, 3) in em units at its place on the line, and its character."""

    char: str
    points: Points


@dataclass(frozen=True)
class Shaped:
    """A shaped line: glyphs in drawing order and the advance width, in em."""

    glyphs: tuple[Glyph, ...]
    advance: float

    @property
    def points(self) -> Points:
        """All curves together, (n, 3): four points a cubic."""
        filled = [g.points for g in self.glyphs if len(g.points)]
        return np.concatenate(filled) if filled else np.zeros((0, 3))


class _Pen:
    """Collects a glyph's outline as runs of four cubic control points, in font units."""

    def __init__(self) -> None:
        self.runs: list[tuple[float, float]] = []
        self.start = self.at = (0.0, 0.0)

    def move(self, x: float, y: float) -> None:
        self.start = self.at = (x, y)

    def line(self, x: float, y: float) -> None:
        (x0, y0), (dx, dy) = self.at, (x - self.at[0], y - self.at[1])
        self.cubic(x0 + dx / 3, y0 + dy / 3, x0 + 2 * dx / 3, y0 + 2 * dy / 3, x, y)

    def quad(self, cx: float, cy: float, x: float, y: float) -> None:
        x0, y0 = self.at
        self.cubic(
            x0 + 2 * (cx - x0) / 3, y0 + 2 * (cy - y0) / 3, x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3, x, y
        )

    def cubic(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> None:
        self.runs += [self.at, (ax, ay), (bx, by), (x, y)]
        self.at = (x, y)

    def close(self) -> None:
        if self.at != self.start:
            self.line(*self.start)


def _draw_funcs() -> hb.DrawFuncs:
    funcs = hb.DrawFuncs()
    funcs.set_move_to_func(lambda x, y, pen: pen.move(x, y))
    funcs.set_line_to_func(lambda x, y, pen: pen.line(x, y))
    funcs.set_quadratic_to_func(lambda a, b, x, y, pen: pen.quad(a, b, x, y))
    funcs.set_cubic_to_func(lambda a, b, c, d, x, y, pen: pen.cubic(a, b, c, d, x, y))
    funcs.set_close_path_func(lambda pen: pen.close())
    return funcs


_FUNCS = _draw_funcs()


class Face:
    """A font file opened for shaping. Outlines are kept per glyph, shaped lines per string."""

    def __init__(self, choice: FontChoice) -> None:
        self.choice = choice
        self._face = hb.Face(hb.Blob.from_file_path(choice.path), choice.index)
        self._font = hb.Font(self._face)
        self._outlines: dict[int, Points] = {}
        self._lines: dict[str, Shaped] = {}

    def has(self, char: str) -> bool:
        """Whether the font draws this character itself."""
        return bool(self._font.get_nominal_glyph(ord(char)))

    def outline(self, gid: int) -> Points:
        """Curves of one glyph in em units, (n, 3)."""
        if gid not in self._outlines:
            pen = _Pen()
            self._font.draw_glyph(gid, _FUNCS, pen)
            flat = np.array(pen.runs, dtype=np.float64).reshape(-1, 2) / self._face.upem
            self._outlines[gid] = np.column_stack([flat, np.zeros(len(flat))])
        return self._outlines[gid]

    def shape(self, string: str) -> Shaped:
        """Shape a string of one line; unknown characters become glyph 0, so check coverage first."""
        if string not in self._lines:
            self._lines[string] = self._shape(string)
        return self._lines[string]

    def _shape(self, string: str) -> Shaped:
        buffer = hb.Buffer()
        buffer.add_str(string)
        buffer.guess_segment_properties()
        hb.shape(self._font, buffer, {"liga": False, "palt": False})
        pen_x, glyphs = 0.0, []
        # of an empty line HarfBuzz has no positions at all, not an empty list of them
        for info, pos in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
            at = np.array([pen_x + pos.x_offset, pos.y_offset, 0.0]) / self._face.upem
            glyphs.append(Glyph(string[info.cluster], self.outline(info.codepoint) + at))
            pen_x += pos.x_advance
        return Shaped(tuple(glyphs), pen_x / self._face.upem)


@lru_cache(maxsize=32)
def _open(choice: FontChoice) -> Face:
    return Face(choice)


@lru_cache(maxsize=64)
def _other_font_with(char: str) -> Face | None:
    """A face of any installed font with an outline for this character, or None."""
    query = ["fc-list", f":charset={ord(char):x}", "file", "index"]
    try:
        lines = subprocess.run(
            query, capture_output=True, text=True, timeout=20, check=False
        ).stdout.splitlines()
    except OSError:
        return None
    for line in sorted(lines):
        path, _, rest = line.partition(":")
        index = int(rest.partition("index=")[2] or 0) & 0xFFFF
        face = _open(FontChoice(path.strip(), index, Path(path).stem))
        if face.has(char) and len(face.shape(char).points):
            return face
    return None


def face_for(font: str | None = None, *, bold: bool = False) -> Face:
    """The face of the film's font, regular or bold."""
    choice = resolve_font(font)
    return _open(_bold_sibling(choice) if bold else choice)


def shape(string: str, font: str | None = None, *, bold: bool = False) -> Shaped:
    """Shape one line with the film's font; a character it lacks comes from any installed font that has it.

    Raises ``EnvironmentProblem`` naming the character when no installed font can draw it.
    """
    face = face_for(font, bold=bold)
    missing = next((c for c in string if not c.isspace() and not face.has(c)), None)
    if missing is None:
        return face.shape(string)
    return _shape_in_runs(string, face)


def _shape_in_runs(string: str, face: Face) -> Shaped:
    runs: list[tuple[Face, str]] = []
    for char in string:
        use = face if char.isspace() or face.has(char) else _other_font_with(char)
        if use is None:
            raise EnvironmentProblem(f"no glyph for {char!r} (U+{ord(char):04X}): {INSTALL_LINE}")
        if runs and runs[-1][0] is use:
            runs[-1] = (use, runs[-1][1] + char)
        else:
            runs.append((use, char))
    glyphs: list[Glyph] = []
    x = 0.0
    for use, part in runs:
        line = use.shape(part)
        glyphs += [Glyph(g.char, g.points + np.array([x, 0.0, 0.0])) for g in line.glyphs]
        x += line.advance
    return Shaped(tuple(glyphs), x)
