"""Plain formulas with their raised and lowered letters told apart, for formats that can set them."""

from __future__ import annotations

import re
from itertools import groupby

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᴸˡⁱ", "0123456789+−()TLli", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢₖ", "0123456789+−ik", strict=True))
_TAIL = re.compile(r"_([A-Za-z0-9]+)")


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
