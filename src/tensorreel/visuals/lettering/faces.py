"""Letters as outlines: HarfBuzz shapes a string with one font file, and hands out each glyph's curves.

No font server, no SVG and no markup in between: the same font file gives the same picture on every machine, a
text is what it says and nothing more, a glyph that is missing or a mark beside its letter is known before anything
is drawn, and a glyph's curves are computed once per process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from tensorreel.visuals.lettering import marks
from tensorreel.visuals.lettering.fontfiles import FontChoice
from tensorreel.visuals.lettering.marks import InkBox, LetterPart
from tensorreel.visuals.lettering.otherfonts import Style, style_of
from tensorreel.words.visible_text import joins

_JOINING = "\u0530"  # scripts before it do not join their letters

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Glyph:
    """One shaped glyph: its curves (n, 3) in em units at its place on the line, and its character."""

    char: str
    points: Points


@dataclass(frozen=True)
class Shaped:
    """A shaped line: glyphs from left to right, the advance width in em, and whether every character is drawn as it is
    spelled."""

    glyphs: tuple[Glyph, ...]
    advance: float
    whole: bool = True

    def __deepcopy__(self, memo: dict[int, Any]) -> Shaped:
        return self  # nothing of it changes

    @property
    def points(self) -> Points:
        """All curves together, (n, 3): four points a cubic."""
        filled = [g.points for g in self.glyphs if len(g.points)]
        return np.concatenate(filled) if filled else np.zeros((0, 3))


class Piece(NamedTuple):
    """One glyph of a line: its number, its advance, and how far it is from the pen, in em."""

    gid: int
    advance: float
    x: float
    y: float


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

    @cached_property
    def style(self) -> Style:
        """How the face looks beside others."""
        return style_of(self.choice)

    @cached_property
    def _has_anchors(self) -> bool:
        """Whether the font says at all where marks are on letters."""
        scripts = range(len(self._face.get_table_script_tags("GPOS")))
        return any("mark" in self._face.get_language_feature_tags("GPOS", at) for at in scripts)

    def shape(self, string: str, direction: str = "") -> Shaped:
        """Shape a string that runs one way, ``ltr`` or ``rtl`` (by its script if not said). Where some character has no
        glyph or no outline, or a mark is not on its letter, the line is not ``whole``."""
        if (string, direction) not in self._lines:
            self._lines[string, direction] = self._shape(string, direction)
        return self._lines[string, direction]

    def _buffer(self, string: str, direction: str = "", *, anchors: bool = True) -> hb.Buffer:
        buffer = hb.Buffer()
        buffer.add_str(string)
        buffer.guess_segment_properties()
        if direction:
            buffer.direction = direction
        features: dict[str, Any] = {"liga": False, "clig": False, "palt": False}
        if max(string, default="") < _JOINING:  # what stands beside such a letter changes nothing in it
            features["calt"] = False
        if not anchors:  # over the whole string: where it is off for good, letters are composed in other ways
            features |= {key: [(0, len(string), False)] for key in ("mark", "mkmk")}
        hb.shape(self._font, buffer, features)
        return buffer

    def _shape(self, string: str, direction: str) -> Shaped:
        pieces, glyphs, pen_x = self._pieces(string, direction), [], 0.0
        for cluster, piece in pieces:
            at = np.array([pen_x + piece.x, piece.y, 0.0])
            glyphs.append(Glyph(string[cluster], self.outline(piece.gid) + at))
            pen_x += piece.advance
        whole = all(self._as_spelled(letter, own) for letter, own in _letters(string, pieces))
        return Shaped(tuple(glyphs), pen_x, whole)

    def _pieces(self, string: str, direction: str = "", *, anchors: bool = True) -> list[tuple[int, Piece]]:
        """The glyphs of a line, each with the place in the string where its letter starts."""
        buffer, em = self._buffer(string, direction, anchors=anchors), self._face.upem
        # of an empty line HarfBuzz has no positions at all, not an empty list of them
        pairs = zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True)
        return [
            (info.cluster, Piece(info.codepoint, pos.x_advance / em, pos.x_offset / em, pos.y_offset / em))
            for info, pos in pairs
        ]

    def _as_spelled(self, letter: str, pieces: list[Piece]) -> bool:
        """Whether the pieces of a letter are all of it, each in its place."""
        if not all(piece.gid for piece in pieces):
            return False
        if not any(len(self.outline(piece.gid)) for piece in pieces):
            return letter[0].isspace() or joins(letter[0])
        return letter.isascii() or not marks.has_parts(letter) or self._in_one(letter)

    def _in_one(self, letter: str) -> bool:
        """Whether a letter of several parts is one picture; with its tags it has to be another than without."""
        now, loose = ([piece for _, piece in self._pieces(letter, anchors=a)] for a in (True, False))
        parts, pen_x = [], 0.0
        for piece, other in zip(now, loose, strict=True):
            outline = self.outline(piece.gid) + np.array([pen_x + piece.x, piece.y, 0.0])
            box = InkBox(*outline.min(0)[:2], *outline.max(0)[:2]) if len(outline) else None
            parts.append(LetterPart(piece.advance, box, anchored=piece != other))
            pen_x += piece.advance
        bare = marks.untagged(letter)
        ignored = bare != letter and self._pieces(bare)[0][1].gid == now[0].gid
        return marks.in_one(letter, parts, self._has_anchors) and not ignored

    def clusters(self, string: str) -> list[str]:
        """The string cut where it may be cut: letters with their marks, emoji with what belongs to them."""
        starts = sorted({info.cluster for info in self._buffer(string).glyph_infos} | {0})
        return [string[a:b] for a, b in zip(starts, [*starts[1:], len(string)], strict=True) if a < b]


def _letters(string: str, pieces: list[tuple[int, Piece]]) -> Iterator[tuple[str, list[Piece]]]:
    """The letters of a line, each with its pieces."""
    starts = sorted({start for start, _ in pieces})
    ends = dict(zip(starts, [*starts, len(string)][1:], strict=True))
    for start, own in groupby(pieces, key=lambda pair: pair[0]):
        yield string[start : ends[start]], [piece for _, piece in own]


@lru_cache(maxsize=256)
def face_of(choice: FontChoice) -> Face:
    """The opened face of a font file."""
    return Face(choice)


@lru_cache(maxsize=1024)
def script_of(letter: str) -> str:
    """The script of a letter, ``Latn``; nothing for signs that many have. What Japanese is written in is one."""
    buffer = hb.Buffer()
    buffer.add_str(letter)
    buffer.guess_segment_properties()
    found = str(buffer.script or "")
    return "Jpan" if found in ("Hani", "Hira", "Kana") else found
