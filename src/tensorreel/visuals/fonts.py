"""Text as outlines: HarfBuzz shapes a string with one font file, and hands out each glyph's curves.

No font server, no SVG and no markup in between: the same font file gives the same picture on every machine, a
text is what it says and nothing more, a missing glyph is known before anything is drawn, and a glyph's curves
are computed once per process.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from tensorreel.errors import EnvironmentProblem
from tensorreel.visuals import bidi
from tensorreel.visuals.fontfiles import INSTALL_LINE, FontChoice, bold_sibling, resolve_font
from tensorreel.visuals.spelling import joins, spelled_out

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Glyph:
    """One shaped glyph: its curves (n, 3) in em units at its place on the line, and its character."""

    char: str
    points: Points


@dataclass(frozen=True)
class Shaped:
    """A shaped line: glyphs from left to right, the advance width in em, and whether every character that has
    ink got some."""

    glyphs: tuple[Glyph, ...]
    advance: float
    whole: bool = True

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
        self._lines: dict[tuple[str, str], Shaped] = {}

    def outline(self, gid: int) -> Points:
        """Curves of one glyph in em units, (n, 3)."""
        if gid not in self._outlines:
            pen = _Pen()
            self._font.draw_glyph(gid, _FUNCS, pen)
            flat = np.array(pen.runs, dtype=np.float64).reshape(-1, 2) / self._face.upem
            self._outlines[gid] = np.column_stack([flat, np.zeros(len(flat))])
        return self._outlines[gid]

    def shape(self, string: str, direction: str = "") -> Shaped:
        """Shape a string that runs one way, ``ltr`` or ``rtl`` (by its script if not said). Without a glyph or
        without an outline for some character the line is not ``whole``."""
        if (string, direction) not in self._lines:
            self._lines[string, direction] = self._shape(string, direction)
        return self._lines[string, direction]

    def _buffer(self, string: str, direction: str = "") -> hb.Buffer:
        buffer = hb.Buffer()
        buffer.add_str(string)
        buffer.guess_segment_properties()
        if direction:
            buffer.direction = direction
        hb.shape(self._font, buffer, {"liga": False, "palt": False})
        return buffer

    def _shape(self, string: str, direction: str) -> Shaped:
        buffer = self._buffer(string, direction)
        pen_x, glyphs, inked, missing = 0.0, [], set(), False
        # of an empty line HarfBuzz has no positions at all, not an empty list of them
        for info, pos in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
            at = np.array([pen_x + pos.x_offset, pos.y_offset, 0.0]) / self._face.upem
            glyphs.append(Glyph(string[info.cluster], self.outline(info.codepoint) + at))
            missing |= not info.codepoint
            if len(glyphs[-1].points):
                inked.add(info.cluster)
            pen_x += pos.x_advance
        starts = {info.cluster for info in buffer.glyph_infos}
        whole = not missing and all(k in inked or string[k].isspace() or joins(string[k]) for k in starts)
        return Shaped(tuple(glyphs), pen_x / self._face.upem, whole)

    def clusters(self, string: str) -> list[str]:
        """The string cut where it may be cut: letters with their marks, emoji with what belongs to them."""
        starts = sorted({info.cluster for info in self._buffer(string).glyph_infos} | {0})
        return [string[a:b] for a, b in zip(starts, [*starts[1:], len(string)], strict=True) if a < b]


@lru_cache(maxsize=32)
def _open(choice: FontChoice) -> Face:
    return Face(choice)


@lru_cache(maxsize=256)
def _other_font_with(cluster: str) -> Face | None:
    """A face of any installed font with outlines for all of a cluster, or None."""
    wanted = " ".join(f"{ord(char):x}" for char in cluster if not joins(char))
    query = ["fc-list", f":charset={wanted}", "file", "index"]
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
        if face.shape(cluster).whole:
            return face
    return None


def face_for(font: str | None = None, *, bold: bool = False) -> Face:
    """The face of the film's font, regular or bold."""
    choice = resolve_font(font)
    return _open(bold_sibling(choice) if bold else choice)


def clusters(string: str, font: str | None = None) -> list[str]:
    """A text in the pieces that belong together (grapheme clusters): it may be shortened between them only."""
    return list(string) if string.isascii() else face_for(font).clusters(string)


def shape(string: str, font: str | None = None, *, bold: bool = False) -> Shaped:
    """Shape one line with the film's font; what it lacks comes from any installed font that has it.

    Characters without a picture are written out (``spelling``); what runs to the left does so. Raises
    ``EnvironmentProblem`` naming the character that no installed font can draw.
    """
    face, line = face_for(font, bold=bold), spelled_out(string)
    levels = bidi.levels(line)
    if not any(levels):
        shaped = face.shape(line)
        if shaped.whole:
            return shaped
    return _shape_in_runs(line, levels, face)


@dataclass(frozen=True)
class _Run:
    """Part of a line in one face and one direction."""

    face: Face
    level: int
    text: str

    @property
    def shaped(self) -> Shaped:
        return self.face.shape(self.text, "rtl" if self.level % 2 else "ltr")


def _shape_in_runs(line: str, levels: list[int], face: Face) -> Shaped:
    runs: list[_Run] = []
    at = 0
    for cluster in face.clusters(line):
        level = levels[at]
        at += len(cluster)
        last = runs[-1] if runs and runs[-1].level == level else None
        use = last.face if last and cluster.isspace() else _face_with(cluster, face)
        if last and last.face is use:
            runs[-1] = _Run(use, level, last.text + cluster)
        else:
            runs.append(_Run(use, level, cluster))
    glyphs: list[Glyph] = []
    x = 0.0
    for run in bidi.in_order(runs, [run.level for run in runs]):
        glyphs += [Glyph(g.char, g.points + np.array([x, 0.0, 0.0])) for g in run.shaped.glyphs]
        x += run.shaped.advance
    return Shaped(tuple(glyphs), x)


def _face_with(cluster: str, face: Face) -> Face:
    """The film's face where it draws a cluster, else another one."""
    if face.shape(cluster).whole:
        return face
    other = _other_font_with(cluster)
    if other is None:
        points = " ".join(f"U+{ord(c):04X}" for c in cluster)
        char = next((c for c in cluster if not joins(c) and not face.shape(c).whole), cluster[0])
        raise EnvironmentProblem(f"no glyph for {cluster!r} ({points}): {_installing(char)}")
    return other


def _installing(char: str) -> str:
    """What to install for a character."""
    point = ord(char)
    if 0xE000 <= point <= 0xF8FF or point >= 0xF0000:
        return "for private use, expected a font that has it: --font FILE"
    if 0x1F000 <= point <= 0x1FAFF or 0x2600 <= point <= 0x27BF:
        return "apt install fonts-symbola, or --font FILE (of outlines, not of pictures)"
    east = 0x2E80 <= point <= 0x9FFF or 0xAC00 <= point <= 0xD7AF or point >= 0x20000
    return INSTALL_LINE if east or point < 0x250 else "apt install fonts-noto-core, or --font FILE"
