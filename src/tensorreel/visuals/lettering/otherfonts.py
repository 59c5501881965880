"""Other fonts for what the film's font lacks: of the same kind, so that a word does not look set from a newspaper.

Fontconfig says which files have the characters. Among those that draw them, the closest to the film's font comes
first: sans or serif, upright, as bold, as wide, with letters as tall; the path decides between equals.
"""

from __future__ import annotations

import struct
import subprocess
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb

from tensorreel.visuals.lettering.fontfiles import FontChoice, family_of
from tensorreel.words.visible_text import joins

_SANS, _SERIF = range(11, 16), range(2, 11)  # of PANOSE's serif styles
_ROMAN = (1, 2, 3, 4, 5, 7)  # of the IBM classes of families
_MONO = 9  # of PANOSE's proportions


class Style(NamedTuple):
    """How a face looks, from its OS/2 table. ``serif`` is None where that does not say it."""

    serif: bool | None = None
    slanted: bool = False
    weight: int = 400
    width: int = 5
    mono: bool = False
    tall: float = 0.5  # height of x, in em
    family: str = ""

    def away(self, other: Style) -> tuple[float, ...]:
        """How far another style is from this one, the worst difference first; families of many scripts keep theirs in
        their names."""
        plain = not self.serif and "sans" not in other.family
        shared = set(self.family.split()) & set(other.family.split())
        return (
            bool(self.serif) != other.serif,
            self.slanted != other.slanted,
            abs(self.weight - other.weight),
            self.mono != other.mono,
            abs(self.width - other.width),
            plain,
            -len(shared),
            round(abs(self.tall - other.tall), 2),
        )


@lru_cache(maxsize=4096)
def style_of(choice: FontChoice) -> Style:
    """The style of a face."""
    face = hb.Face(hb.Blob.from_file_path(choice.path), choice.index)
    family, style = (family_of(face) or "").lower(), str(face.get_name(2) or "").lower()
    data = bytes(face.reference_table("OS/2").data or b"")
    if len(data) < 64:
        return Style(weight=700 if "bold" in style else 400, slanted="ital" in style, family=family)
    weight, width = struct.unpack_from(">HH", data, 4)
    kind, serifs, proportion = data[30], data[33], data[35]
    selection = int.from_bytes(data[62:64])
    tall = int.from_bytes(data[86:88], signed=True) / face.upem
    sans, serif = serifs in _SANS or kind == 8, serifs in _SERIF or kind in _ROMAN
    return Style(
        serif=serif if sans or serif else None,
        slanted=bool(selection & 0x201),
        weight=max(weight, 700) if style == "bold" else weight,  # some say it in words alone
        width=width,
        mono=proportion == _MONO,
        tall=tall or 0.5,
        family=family,
    )


def fonts_like(style: Style, text: str) -> list[FontChoice]:
    """The installed faces whose character map has a text's characters, composed or decomposed, the most alike first."""
    found: set[FontChoice] = set()
    for form in ("NFC", "NFD"):
        found |= _with(frozenset(c for c in unicodedata.normalize(form, text) if not joins(c)))
    return sorted(found, key=lambda choice: (style.away(style_of(choice)), choice.path, choice.index))


@lru_cache(maxsize=1024)
def _with(chars: frozenset[str]) -> frozenset[FontChoice]:
    wanted = " ".join(f"{ord(char):x}" for char in sorted(chars))
    query = ["fc-list", f":charset={wanted}", "file", "index"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(map(_choice, done.stdout.splitlines()))


def _choice(line: str) -> FontChoice:
    path, _, rest = line.partition(":")
    index = int(rest.partition("index=")[2] or 0) & 0xFFFF
    return FontChoice(path.strip(), index, Path(path).stem)
