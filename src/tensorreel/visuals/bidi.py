"""Left to right and right to left in one line: which characters run which way, and in what order they stand.

The Unicode Bidirectional Algorithm (UAX #9) for a single line without embedding controls; those never reach it,
since they are written out (``spelling``). Brackets follow the letters around them (N1, N2; without N0).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")
_RIGHT = {"R", "AL", "AN"}
_NEUTRAL = {"B", "S", "WS", "ON"}


def levels(text: str) -> list[int]:
    """The embedding level of each character: even ones run to the right, odd ones to the left."""
    kinds = [unicodedata.bidirectional(c) or "L" for c in text]
    if not _RIGHT & set(kinds):
        return [0] * len(text)
    base = next((int(k != "L") for k in kinds if k in ("L", "R", "AL")), 0)
    _weak(kinds, "R" if base else "L")
    _neutral(kinds, "R" if base else "L")
    found = [_level(kind, base) for kind in kinds]
    for k in range(len(text) - 1, -1, -1):  # L1: what is blank at the end stands at the end
        if not text[k].isspace():
            break
        found[k] = base
    return found


def _level(kind: str, base: int) -> int:
    """I1, I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _weak(kinds: list[str], start: str) -> None:
    """W1 to W7: marks follow their letter, numbers take in the signs that belong to them."""
    for k, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[k] = kinds[k - 1] if k else start
    _numbers(kinds, start, after="AL", become="AN")
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for k in range(1, len(kinds) - 1):
        around = {kinds[k - 1], kinds[k + 1]}
        if (kinds[k] == "ES" and around == {"EN"}) or (kinds[k] == "CS" and around in ({"EN"}, {"AN"})):
            kinds[k] = around.pop()
    for ways in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        for k in ways:
            if kinds[k] == "ET" and kinds[k - ways.step] == "EN":
                kinds[k] = "EN"
    kinds[:] = ["ON" if kind in ("ES", "ET", "CS", "BN") else kind for kind in kinds]
    _numbers(kinds, start, after="L", become="L")


def _numbers(kinds: list[str], start: str, after: str, become: str) -> None:
    """European numbers whose last letter before them is of one kind become of another."""
    strong = start
    for k, kind in enumerate(kinds):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == after:
            kinds[k] = become


def _neutral(kinds: list[str], base: str) -> None:
    """N1, N2: what has no direction takes that of both its sides, else that of the line."""
    k = 0
    while k < len(kinds):
        end = k
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > k:
            left = base if k == 0 else _strong(kinds[k - 1])
            right = base if end == len(kinds) else _strong(kinds[end])
            kinds[k:end] = [left if left == right else base] * (end - k)
        k = end + 1


def _strong(kind: str) -> str:
    """Numbers count as running to the left here."""
    return "L" if kind == "L" else "R"


def in_order(items: Sequence[Item], level: Sequence[int]) -> list[Item]:
    """Items as they stand from left to right (L2): from the highest level down, each odd run is turned round."""
    found = list(range(len(items)))
    for limit in range(max(level, default=0), 0, -1):
        k = 0
        while k < len(found):
            end = k
            while end < len(found) and level[found[end]] >= limit:
                end += 1
            found[k:end] = found[k:end][::-1]
            k = end + 1
    return [items[k] for k in found]
