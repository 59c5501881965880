"""Lines of text as outlines: which face draws which part of a line, and in what order the parts stand.

What the film's font lacks comes from another installed one of the same kind, a word from one face where one has all of
it. What runs to the left does so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.visuals.lettering import bidi
from tensorreel.visuals.lettering.faces import Face, Glyph, Shaped, face_of, script_of
from tensorreel.visuals.lettering.fontfiles import INSTALL_LINE, bold_sibling, resolve_font
from tensorreel.visuals.lettering.marks import is_picture
from tensorreel.visuals.lettering.otherfonts import fonts_like
from tensorreel.words.catalogue import ENGLISH
from tensorreel.words.visible_text import ISOLATES, joins, spelled_out


def face_for(font: str | None = None, *, bold: bool = False, lang: str = ENGLISH) -> Face:
    """The face of the film's font for a language, regular or bold."""
    choice = resolve_font(font, lang)
    return face_of(bold_sibling(choice) if bold else choice)


def clusters(string: str, font: str | None = None, lang: str = ENGLISH) -> list[str]:
    """A text in the pieces that belong together (grapheme clusters): it may be shortened between them only."""
    return list(string) if string.isascii() else face_for(font, lang=lang).clusters(string)


def shape(
    string: str, font: str | None = None, *, bold: bool = False, prose: bool = False, lang: str = ENGLISH
) -> Shaped:
    """Shape one line with the film's font; what it lacks comes from any installed font that has it.

    Characters without a picture are written out (``spelling``); what runs to the left does so (``bidi``, which says
    what ``prose`` is). Raises ``EnvironmentProblem`` naming the letter that no installed font can draw.
    """
    face, line = face_for(font, bold=bold, lang=lang), spelled_out(string, prose=prose)
    levels = bidi.levels(line, prose=prose)
    if not any(levels) and ISOLATES.isdisjoint(line):
        shaped = face.shape(line)
        if shaped.whole:
            return shaped
    return _laid_out(list(_runs(line, levels, face)))


def faced(
    string: str, font: str | None = None, *, bold: bool = False, lang: str = ENGLISH
) -> list[tuple[str, Face]]:
    """A text in parts, each with the face that draws it, for who sets it in other ways than ``shape``."""
    face, line = face_for(font, bold=bold, lang=lang), spelled_out(string, prose=True)
    parts: list[tuple[str, Face]] = []
    for text, use in _in_faces(line, face):
        if parts and parts[-1][1] is use:
            parts[-1] = (parts[-1][0] + text, use)
        else:
            parts.append((text, use))
    return parts


@dataclass(frozen=True)
class _Run:
    """Part of a line in one face and one direction."""

    face: Face
    level: int
    text: str

    @property
    def shaped(self) -> Shaped:
        return self.face.shape(self.text, "rtl" if self.level % 2 else "ltr")


def _runs(line: str, levels: Sequence[int], face: Face) -> Iterator[_Run]:
    """The parts of a line in its own order; isolates have none of their own, but keep their neighbours apart."""
    for level, group in groupby(zip(levels, line, strict=True), key=lambda pair: pair[0]):
        last: _Run | None = None
        for text, use in _in_faces("".join(char for _, char in group), face):
            if last and last.face is use:
                last = _Run(use, level, last.text + text)
                continue
            if last:
                yield last
            last = _Run(use, level, text)
        if last:
            yield last


def _laid_out(runs: Sequence[_Run]) -> Shaped:
    glyphs: list[Glyph] = []
    x = 0.0
    for run in bidi.in_order(runs, [run.level for run in runs]):
        glyphs += [Glyph(g.char, g.points + np.array([x, 0.0, 0.0])) for g in run.shaped.glyphs]
        x += run.shaped.advance
    return Shaped(tuple(glyphs), x)


def _in_faces(text: str, face: Face) -> Iterator[tuple[str, Face]]:
    """A text in the parts that one face draws: all of it, or a word, or a letter."""
    text, last = "".join(char for char in text if char not in ISOLATES), face
    if face.shape(text).whole:
        yield text, face
        return
    for word in _words(face.clusters(text)):
        whole = "".join(word)
        use = last if whole.isspace() else _drawing(whole, face)
        for part in [whole] if use else word:
            last = use or _face_with(part, face)
            yield part, last


def _words(letters: Sequence[str]) -> Iterator[list[str]]:
    """Letters of one script go together, with the signs between them; any other by itself."""
    word: list[str] = []
    between: list[str] = []
    script = ""
    for letter in letters:
        found = script_of(letter)
        if not found and not letter.isspace():
            between.append(letter)
        elif found and found == script:
            word += [*between, letter]
            between = []
        else:
            yield from ([word] if word else [])
            yield from ([sign] for sign in between)
            word, between, script = [letter], [], found
    yield from ([word] if word else [])
    yield from ([sign] for sign in between)


def _drawing(text: str, face: Face) -> Face | None:
    """The film's face where it draws a text, else another one that does; None where there is none."""
    return face if face.shape(text).whole else _other_font_with(text, face)


@lru_cache(maxsize=1024)
def _other_font_with(text: str, face: Face) -> Face | None:
    """The installed face that draws all of a text and looks most like the film's, or None."""
    found = (face_of(choice) for choice in fonts_like(face.style, text))
    return next((other for other in found if other.shape(text).whole), None)


def _face_with(letter: str, face: Face) -> Face:
    other = _drawing(letter, face)
    if other is None:
        points = " ".join(f"U+{ord(c):04X}" for c in letter)
        raise EnvironmentProblem(f"no glyph for {letter!r} ({points}): {_installing(letter, face)}")
    return other


def _installing(letter: str, face: Face) -> str:
    """What to install for a letter."""
    if is_picture(letter):
        return "expected a font with one outline for it, such as Noto Emoji: --font FILE"
    point = ord(next((c for c in letter if not joins(c) and not face.shape(c).whole), letter[0]))
    if 0xE000 <= point <= 0xF8FF or point >= 0xF0000:
        return "for private use, expected a font that has it: --font FILE"
    if 0x1F000 <= point <= 0x1FAFF or 0x2600 <= point <= 0x27BF:
        return "apt install fonts-symbola, or --font FILE (of outlines, not of pictures)"
    east = 0x2E80 <= point <= 0x9FFF or 0xAC00 <= point <= 0xD7AF or point >= 0x20000
    return INSTALL_LINE if east else "apt install fonts-noto-core, or --font FILE"
