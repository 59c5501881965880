"""Words as labels: how the pieces of a vocabulary are shown so that they differ, and where spaces stand between them.

Words are ids first: a vocabulary may hold a newline, nothing at all, or the same piece twice. What is shown for
each is made here, once for the whole vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from tensorreel.words.visible_text import joins, spelled_out

SPACE, NEWLINE, NOTHING = "␣", "⏎", "∅"
SPACE_MARKS = (
    " ",
    "▁",
    "Ġ",
)  # how the pieces of tokenizers carry a space: as it is, SentencePiece, byte-level BPE
WORD_END, GOES_ON, GOES_ON_AFTER = "</w>", "##", "@@"  # BPE; WordPiece; subword-nmt
_OUTER_SPACES = re.compile(r"^ +| +$| {2,}")
# Scripts without spaces between words, by the first word of their characters' names.
_EAST = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "YI")
_UNSPACED = frozenset([*_EAST, "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "TAI"])
_CLOSING, _OPENING = {"Pe", "Pf"}, {"Ps", "Pi"}
_CLOSING_MARKS = frozenset(".,;:!?…%।")


def visible(word: str) -> str:
    """What is written for a word: spaces at its ends and doubled ones as ␣, a newline as ⏎, nothing as ∅."""
    if not word:
        return NOTHING
    spaces = _OUTER_SPACES.sub(lambda run: SPACE * len(run[0]), word).replace("\n", NEWLINE)
    return spelled_out("".join(_space_named(char) for char in spaces))


def _space_named(char: str) -> str:
    """A space that is not U+0020 by its number, any other character as it is."""
    other = unicodedata.category(char) == "Zs" and char != " "
    return char.encode("unicode_escape").decode("ascii") if other else char


def labels(words: Sequence[str]) -> tuple[str, ...]:
    """What is shown for each word of a vocabulary, all different: with its id (``of#7``) where two look the same."""
    shown = [visible(word) for word in words]
    while True:
        looks = [_look(label) for label in shown]
        often = Counter(looks)
        if len(often) == len(shown):
            return tuple(shown)
        shown = [f"{s}#{i}" if often[looks[i]] > 1 else s for i, s in enumerate(shown)]


def _look(label: str) -> str:
    """The same for two labels that nobody can tell apart: composed letters, without what only joins."""
    if label.isascii():
        return label
    return unicodedata.normalize("NFC", "".join(char for char in label if not joins(char)))


def carries_spaces(vocabulary: Sequence[str]) -> bool:
    """Whether the pieces of a vocabulary say themselves where spaces stand."""
    return any(word.startswith(SPACE_MARKS) or word.endswith((*SPACE_MARKS, WORD_END)) for word in vocabulary)


def spaced(words: Sequence[str], carried: bool) -> tuple[bool, ...]:
    """Whether a space stands behind each word of a sentence, the last one included (an open place follows).

    ``carried``: the pieces have theirs (``carries_spaces``), and none is added. Otherwise pieces that go on
    (``##ing``) stand close, and between whole words the script decides.
    """
    if carried:
        return (False,) * len(words)
    return tuple(_parted(a, b) for a, b in zip(words, [*words[1:], ""], strict=True))


def _parted(a: str, b: str) -> bool:
    """Whether a space stands between two words; behind the last one (``b`` empty) as its script has it."""
    if not a or b.startswith(GOES_ON) or a.endswith(GOES_ON_AFTER):
        return False
    last, first = _letter(reversed(a)), _letter(b)
    if _unspaced(last) or _unspaced(first) or _kind(last) in _OPENING:
        return False
    return first not in _CLOSING_MARKS and _kind(first) not in _CLOSING


def _letter(chars: Iterable[str]) -> str:
    """The first character that is no mark on another one; "" where there is none."""
    return next((c for c in chars if not joins(c) and _kind(c) not in ("Mn", "Me")), "")


def _kind(char: str) -> str:
    return unicodedata.category(char) if char else ""


def _unspaced(char: str) -> bool:
    """Whether a character belongs to a script that has no spaces, or is one of its marks."""
    if not char or char.isascii():
        return False
    script = unicodedata.name(char, "").split(" ")[0]
    wide = unicodedata.east_asian_width(char) in "WF"
    return script in _UNSPACED or (wide and _kind(char)[0] == "P")
