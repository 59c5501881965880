"""The order of characters in a line: that of FriBidi, which Pango uses, where this machine has it."""

from __future__ import annotations

import ctypes
import ctypes.util
import random

import pytest

from tensorreel.visuals.lettering import bidi
from tensorreel.visuals.lettering.isolates import as_html, balanced, isolated, runs_left
from tensorreel.words.visible_text import FSI, PDI

KINDS = ("אבגדה", "ابجدهي", "0123456789", "٠١٢٣", "abcXYZ", "()[]{}<>«»", " ", "\u0301\u05b0\u064b", "+-%$#€", "/.,:",
         "!?…'\"&*=;", "糖病漢か", "\ufe0f")  # fmt: skip
FOUND = ctypes.util.find_library("fribidi")
LTR, RTL = 0x110, 0x111  # FRIBIDI_PAR_LTR, FRIBIDI_PAR_RTL


def fribidi_levels(text: str, prose: bool) -> list[int]:
    library, n = ctypes.CDLL(FOUND), len(text)
    many = ctypes.c_uint32 * n
    chars, kinds, brackets, levels = many(*map(ord, text)), many(), many(), (ctypes.c_int8 * n)()
    library.fribidi_get_bidi_types(chars, n, kinds)
    library.fribidi_get_bracket_types(chars, n, kinds, brackets)
    turned = not prose and library.fribidi_get_par_direction(kinds, n) == RTL
    base = ctypes.c_uint32(RTL if turned else LTR)
    assert library.fribidi_get_par_embedding_levels_ex(kinds, brackets, n, ctypes.byref(base), levels)
    return list(levels)


def some_text(dice: random.Random) -> str:
    return "".join(dice.choice(dice.choice(KINDS)) for _ in range(dice.randint(1, 14)))


@pytest.mark.skipif(FOUND is None, reason="no FriBidi on this machine")
@pytest.mark.parametrize("prose", [False, True])
def test_random_lines_stand_as_fribidi_orders_them(prose: bool) -> None:
    dice = random.Random(16)
    for _ in range(2000):
        text = some_text(dice)
        places = range(len(text))
        ours, theirs = bidi.levels(text, prose=prose), fribidi_levels(text, prose)
        assert bidi.in_order(places, ours) == bidi.in_order(places, theirs), text


def test_isolated_words_stand_in_a_sentence_as_they_stand_alone() -> None:
    """FriBidi is no oracle here: the same word twice in a line, it orders in two ways."""
    dice = random.Random(17)
    for _ in range(2000):
        words = [some_text(dice).strip() for _ in range(3)]
        parts = [
            part for word in words for part in (dice.choice(("", "a ", "は", " 1: ", "-")), isolated(word))
        ]
        line = "".join(parts)
        alone = [part.strip(FSI + PDI) for part in parts]
        wanted = "".join("".join(bidi.in_order(list(part), bidi.levels(part))) for part in alone)
        order = bidi.in_order(list(line), bidi.levels(line, prose=True))
        assert "".join(c for c in order if c not in (FSI, PDI)) == wanted, parts


@pytest.mark.parametrize(
    ("caption", "stands"),
    [
        ("{a} looks mostly at {b}: 0.47", "בא looks mostly at דג: 0.47"),
        ("{a}, {b}.", "בא, דג."),
        ("{a}{b}", "באדג"),
        ("{a} → {b} (p = 0.5)", "בא → דג (p = 0.5)"),
        ("{a}は主に{b}を見ている(重み0.47)。", "באは主にדגを見ている(重み0.47)。"),
        ("1. {a} 2 {b}", "1. בא 2 דג"),
        ("{c}: {d}", "12: ב…"),
        ("{e} and {a}", "\\u2069(א and בא"),
    ],
)
def test_words_in_a_sentence_turn_round_nothing_but_themselves(caption: str, stands: str) -> None:
    """Whatever stands first: the line runs as the film's language does."""
    words = {"a": "אב", "b": "גד", "c": "12", "d": "…ב", "e": "\u2069(א"}
    line = caption.format(**{key: isolated(word) for key, word in words.items()})
    order = bidi.in_order(list(line), bidi.levels(line, prose=True))
    assert "".join(c for c in order if c not in (FSI, PDI)) == stands


def test_a_line_of_the_films_runs_to_the_right_by_itself() -> None:
    """Also where its first letter does not, which no isolate hides."""
    for prose, stands in ((True, "בא a 1"), (False, "a 1 בא")):
        assert "".join(bidi.in_order("אב a 1", bidi.levels("אב a 1", prose=prose))) == stands


@pytest.mark.parametrize("word", ["a", "糖尿病", "café", "12", "", "‹a›", "😀"])
def test_words_that_turn_nothing_stay_as_they_are(word: str) -> None:
    assert isolated(word) == word
    assert isolated(isolated("אב")) == f"{FSI}אב{PDI}"


@pytest.mark.parametrize(
    ("text", "left"),
    [("אב a", True), ("a אב", False), ("12 اب", True), ("…", False), ("", False), ("糖 אב", False)],
)
def test_a_text_runs_as_its_first_letter_does(text: str, left: bool) -> None:
    assert runs_left(text) is left


def test_what_is_cut_off_ends_and_a_page_has_elements() -> None:
    assert balanced(f"a {FSI}אב…") == f"a {FSI}אב…{PDI}"
    assert as_html(f"{FSI}<א>{PDI} & b") == "<bdi>&lt;א&gt;</bdi> &amp; b"
