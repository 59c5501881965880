"""Characters without a picture of their own are written out, so that a word shows what it holds.

``\\n``, ``\\x1b``, ``\\u202e``: control characters, marks of direction, separators of lines, fillers. Joiners, selectors
and accents stay where they follow a letter or an emoji, for the font to obey; elsewhere they are written out too: an
accent without a letter would go to the one beside it.
"""

from __future__ import annotations

import unicodedata

_BARE = {"Cc", "Cs", "Zl", "Zp"}
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_DIRECTIONS = frozenset("\u061c\u200e\u200f")  # Arabic letter mark, left-to-right and right-to-left mark
# combining classes of marks over a letter, in it, beside it; those of scripts that build syllables are their fonts'
ABOVE, BELOW = frozenset({228, 230, 232, 234}), frozenset({218, 220, 222, 233})
MARKS = ABOVE | BELOW | frozenset({1, 8, *range(10, 37), *range(200, 217), 226, 240})
FSI, PDI = "\u2068", "\u2069"  # first strong isolate, and its end
ISOLATES = frozenset((FSI, PDI))
_JOINERS = frozenset("\u034f\u17b4\u17b5\u200c\u200d")


def spelled_out(text: str, *, prose: bool = False) -> str:
    """The line to be drawn for a text: itself, but for characters that nobody would see.

    ``prose`` is a sentence of the film's: the isolates round the words in it (``bidi.isolated``) stay for players and
    pages to obey.
    """
    if text.isascii() and text.isprintable():
        return text
    line, follows = [], False
    for char in text:
        if (follows and joins(char)) or (prose and char in ISOLATES):
            line.append(char)
            follows = follows and joins(char)
            continue
        alone = joins(char) or (not follows and unicodedata.combining(char) in MARKS)
        bare = alone or char in _FILLERS or unicodedata.category(char) in _BARE or _formats(char)
        line.append(char.encode("unicode_escape").decode("ascii") if bare else char)
        follows = not char.isspace()
    return "".join(line)


def joins(char: str) -> bool:
    """Whether a character only changes the one before it: a joiner, a variation selector, a tag of a flag."""
    point = ord(char)
    return (
        char in _JOINERS
        or 0xFE00 <= point <= 0xFE0F
        or 0x180B <= point <= 0x180F
        or 0xE0020 <= point <= 0xE01EF
    )


def _formats(char: str) -> bool:
    """Marks of direction and the like; the number signs of Arabic and of other scripts have pictures."""
    if unicodedata.category(char) != "Cf":
        return False
    return char in _DIRECTIONS or unicodedata.bidirectional(char) not in ("AN", "AL", "L")
