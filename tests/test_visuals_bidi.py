"""The order of characters in a line: that of FriBidi, which Pango uses, where this machine has it."""

from __future__ import annotations

import ctypes
import ctypes.util
import random

import pytest

from tensorreel.visuals import bidi

KINDS = ("אבגדה", "ابجدهي", "0123456789", "٠١٢٣", "abcXYZ", "()[]{}<>«»", " ", "\u0301\u05b0\u064b", "+-%$#€", "/.,:",
         "!?…'\"&*=;", "糖病漢か", "\ufe0f")  # fmt: skip
FOUND = ctypes.util.find_library("fribidi")
LTR, RTL = 0x110, 0x111  # FRIBIDI_PAR_LTR, FRIBIDI_PAR_RTL


def fribidi_levels(text: str) -> list[int]:
    library, n = ctypes.CDLL(FOUND), len(text)
    many = ctypes.c_uint32 * n
    chars, kinds, brackets, levels = many(*map(ord, text)), many(), many(), (ctypes.c_int8 * n)()
    library.fribidi_get_bidi_types(chars, n, kinds)
    library.fribidi_get_bracket_types(chars, n, kinds, brackets)
    base = ctypes.c_uint32(RTL if library.fribidi_get_par_direction(kinds, n) == RTL else LTR)
    assert library.fribidi_get_par_embedding_levels_ex(kinds, brackets, n, ctypes.byref(base), levels)
    return list(levels)


@pytest.mark.skipif(FOUND is None, reason="no FriBidi on this machine")
def test_random_lines_stand_as_fribidi_orders_them() -> None:
    dice = random.Random(16)
    for _ in range(2000):
        text = "".join(dice.choice(dice.choice(KINDS)) for _ in range(dice.randint(1, 14)))
        places = range(len(text))
        assert bidi.in_order(places, bidi.levels(text)) == bidi.in_order(places, fribidi_levels(text)), text
