"""Whether a letter is drawn as it is spelled: its marks on it, its parts in one picture.

A shaper without a glyph for ``ğ`` draws ``g`` and a breve, and one without a picture of a family draws its members in
a row. So what belongs together is looked at piece by piece: a mark is where the font anchors it, or else its ink is
on its letter; of an emoji there is one picture.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from tensorreel.words.visible_text import ABOVE, BELOW, MARKS, joins

_NEAR = 0.05  # em that a mark may miss its place by
_PICTURES = frozenset({"So", "Sk", "Me"})


class InkBox(NamedTuple):
    """Where ink is, in em from the line's start: left, bottom, right, top."""

    left: float
    bottom: float
    right: float
    top: float


class LetterPart(NamedTuple):
    """One glyph of a letter: its advance in em, its ink (None where it has none), and whether the font anchors it to
    the one before."""

    advance: float
    box: InkBox | None
    anchored: bool


def has_parts(letter: str) -> bool:
    """Whether the parts of a letter are held against it: of scripts that build syllables the font knows best."""
    return is_picture(letter) or _is_hangul(letter) or not MARKS.isdisjoint(_classes(letter))


def is_picture(letter: str) -> bool:
    """Whether it is an emoji of several characters: a family, a flag, a keycap, a tone of skin."""
    seen = [char for char in letter if not joins(char)]
    return _tagged(letter) or (
        len(seen) > 1 and all(unicodedata.category(char) in _PICTURES for char in seen[1:])
    )


def untagged(letter: str) -> str:
    """The letter without the tags that make one flag of another."""
    return "".join(char for char in letter if not _tagged(char))


def in_one(letter: str, parts: Sequence[LetterPart], anchors: bool) -> bool:
    """Whether the parts of a letter make one picture of all it holds; ``anchors`` says if the font has any for marks,
    so that one may stand by chance where it would without."""
    inked = [part for part in parts if part.box]
    if not inked or len(parts) - len(inked) > sum(map(joins, letter)):
        return False
    base = max(inked, key=lambda part: part.advance)
    if any(_covered(a.box, b.box) for a, b in combinations(inked, 2) if base not in (a, b)):
        return False
    others = [part for part in inked if part is not base and not part.anchored]
    if others and not _is_hangul(letter) and (len(others) > 1 or not anchors):
        return False
    return all(_placed(letter, part, base) for part in others)


def _covered(a: InkBox | None, b: InkBox | None) -> bool:
    """Whether one mark is over more than half of another."""
    assert a
    assert b
    wide, tall = min(a.right, b.right) - max(a.left, b.left), min(a.top, b.top) - max(a.bottom, b.bottom)
    least = min((x.right - x.left) * (x.top - x.bottom) for x in (a, b))
    return min(wide, tall) > 0 and wide * tall > 0.5 * least


def _placed(letter: str, part: LetterPart, base: LetterPart) -> bool:
    """Whether a part that the font does not anchor is on its letter all the same: in its square, or in its middle."""
    assert part.box
    assert base.box
    if _is_hangul(letter):
        return not part.advance and base.box.left - _NEAR <= _middle(part.box) <= base.box.right + _NEAR
    if part.advance or abs(_middle(part.box) - _middle(base.box)) > _NEAR:
        return False
    kinds = _classes(letter) & MARKS
    if kinds and kinds <= ABOVE:
        return part.box.bottom >= base.box.top - _NEAR
    if kinds and kinds <= BELOW:
        return part.box.top <= base.box.bottom + _NEAR
    return True


def _middle(box: InkBox) -> float:
    return (box.left + box.right) / 2


def _classes(letter: str) -> frozenset[int]:
    """The combining classes of the marks that a letter is made of."""
    if letter.isascii():
        return frozenset()
    return frozenset(map(unicodedata.combining, unicodedata.normalize("NFD", letter))) - {0}


def _tagged(text: str) -> bool:
    return any("\U000e0020" <= char <= "\U000e007f" for char in text)


def _is_hangul(letter: str) -> bool:
    """Syllables and the letters they are made of, which are drawn in one square."""
    return any(
        "\u1100" <= c <= "\u11ff" or "\ua960" <= c <= "\ua97f" or "\uac00" <= c <= "\ud7ff" for c in letter
    )
