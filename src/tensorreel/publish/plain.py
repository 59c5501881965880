"""Words and formulas outside of pictures: written out as on the screen, so that no document, player or terminal obeys
them, and with raised and lowered letters told apart for formats that can set them.

XML cannot hold most control characters at all, and a mark of direction in a caption would turn round what
stands beside it on a slide.
"""

from __future__ import annotations

import re
from itertools import groupby

from wcwidth import iter_graphemes

from tensorreel.core.engine import Trace
from tensorreel.visuals.lettering.apart import told_apart
from tensorreel.visuals.lettering.isolates import balanced, isolated
from tensorreel.words.glosses import meant
from tensorreel.words.visible_text import spelled_out

_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_WORD, _SENTENCE = 40, 240  # characters before it is shortened: a slide, or a page's head, holds no more
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᴸˡⁱ", "0123456789+−()TLli", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢₖ", "0123456789+−ik", strict=True))
_TAIL = re.compile(r"_([A-Za-z0-9]+)")


def plain(text: str, *, prose: bool = False) -> str:
    """A text in one line, of characters that can be seen; of the film's own ``prose``, also what isolates words.

    Spaces at which no line ends stay: French has them before its colons.
    """
    return _SPACES.sub(" ", spelled_out(text, prose=prose)).strip()


def sentence(trace: Trace, longest: int = _SENTENCE) -> str:
    """The words with spaces between them; long ones, and what is beyond ``longest`` characters, end in an ellipsis."""
    words = [plain(word) for word in trace.labels]
    shown = told_apart(
        words, lambda w: _shortened(w, _WORD), lambda w: len(w) <= _WORD, lambda w: [*iter_graphemes(w)]
    )
    return _shortened(" ".join(shown[word] for word in words), longest)


def glosses(trace: Trace, lang: str) -> str:
    """What the words mean in a language, if all of them have a gloss and any says more than its word."""
    meanings = meant(trace.labels, trace.glosses, lang)
    if not any(meanings) or not all(trace.glosses):
        return ""
    said = [meaning or word for meaning, word in zip(meanings, trace.labels, strict=True)]
    whole = " · ".join(isolated(_shortened(plain(word), _WORD)) for word in said)
    return balanced(_shortened(whole, _SENTENCE))


def _shortened(text: str, longest: int) -> str:
    """Cut between two letters, marks and joined emoji being part of theirs."""
    if len(text) <= longest:
        return text
    kept = ""
    for letter in iter_graphemes(text):
        if len(kept) + len(letter) >= longest:
            break
        kept += letter
    return kept + "…"


def scripts(text: str) -> list[tuple[str, int]]:
    """``W_Q + H⁽⁰⁾`` as runs with their level: ``W`` 0, ``Q`` −1, `` + H`` 0, ``(0)`` 1."""
    found: list[tuple[str, int]] = []
    at = 0
    for tail in _TAIL.finditer(text):
        found += [_levelled(c) for c in text[at : tail.start()]]
        found += [(c, -1) for c in tail[1]]
        at = tail.end()
    found += [_levelled(c) for c in text[at:]]
    return [("".join(c for c, _ in run), level) for level, run in groupby(found, key=lambda pair: pair[1])]


def _levelled(char: str) -> tuple[str, int]:
    if char in _RAISED:
        return _RAISED[char], 1
    return (_LOWERED[char], -1) if char in _LOWERED else (char, 0)
