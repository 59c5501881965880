"""Words of others in the film's sentences: each runs its own way, and turns round nothing beside it.

The marks are Unicode's isolates (UAX #9, FSI and PDI), which the film's own lines, players, browsers and terminals
obey; a page may have ``<bdi>`` in their place.
"""

from __future__ import annotations

import unicodedata
from html import escape

from tensorreel.words.visible_text import FSI, PDI, spelled_out

_TURNING = frozenset({"R", "AL", "AN"})
_STRONG = frozenset({"L", "R", "AL"})
_ELEMENTS = str.maketrans({FSI: "<bdi>", PDI: "</bdi>"})


def turns(text: str) -> bool:
    """Whether something in a text may run to the left."""
    return not text.isascii() and not _TURNING.isdisjoint(map(unicodedata.bidirectional, text))


def runs_left(text: str) -> bool:
    """Whether a text by itself runs to the left: its first letter does (P2, P3)."""
    return next((kind != "L" for kind in map(unicodedata.bidirectional, text) if kind in _STRONG), False)


class Phrase(str):
    """Part of a sentence of the film's: the words of others in it are isolated already."""

    __slots__ = ()


def isolated(text: str) -> Phrase:
    """A text as it may stand in a sentence of the film's: written out, and isolated where something in it turns."""
    if isinstance(text, Phrase):
        return text
    clean = spelled_out(text)
    return Phrase(f"{FSI}{clean}{PDI}" if turns(clean) else clean)


def balanced(text: str) -> str:
    """A text that was shortened, with the ends of the isolates that were cut off."""
    return text + PDI * (text.count(FSI) - text.count(PDI))


def as_html(text: str) -> str:
    """A sentence of the film's for a page, escaped, its isolates as elements."""
    return escape(text).translate(_ELEMENTS)
