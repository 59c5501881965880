"""Words of every kind: drawn as they are spelled, or refused in one line; never executed, never as boxes, never cut
inside a character."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorreel.core.errors import EnvironmentProblem, InputError, one_line
from tensorreel.film.make import backend
from tensorreel.models import tiny_model
from tensorreel.models.reading import model_from_toml, read_model
from tensorreel.visuals.lettering import bidi, fonts
from tensorreel.visuals.lettering.faces import Face, Shaped
from tensorreel.visuals.lettering.fontfiles import resolve_font
from tensorreel.visuals.lettering.glyphs import ELLIPSIS, Label, Pen, shortened
from tensorreel.visuals.look import theme
from tensorreel.words.visible_text import spelled_out
from tests import badfiles
from tests.harness import assert_one_line, listed, run
from tests.model_files import to_toml
from tests.stub import STUB

# What markup, formats and terminals would take for something else.
MARKUP = ("#panic()", "#set text(9pt)", "$x_1$", "]", "<span size='9'>b</span>", "&amp;", "\\", "\\n", '"', "'; --", "%s",
          "{0}", "`a`", "*b*", "_c_", "@d", "<!--", "http://a", "糖尿病", "αβγ", "à la", "<UNK>")  # fmt: skip
# Characters that nobody would see, and how they are written.
HIDDEN = {
    "a\nb": "a\\nb", "\t": "\\t", "\x1b[31m": "\\x1b[31m", "\x7f": "\\x7f", "a\u0085": "a\\x85", "\u2028": "\\u2028",
    "\u202eevil": "\\u202eevil", "\u200b": "\\u200b", "x\ufeff": "x\\ufeff", "a\u00adb": "a\\xadb", "\u200d": "\\u200d",
    "\u200e": "\\u200e", "\ufe0f": "\\ufe0f", "\u3164": "\\u3164", "\u2800": "\\u2800", "\U000e0067": "\\U000e0067",
    "a \u200d": "a \\u200d", "\u2066": "\\u2066", "\u0301": "\\u0301", "a \u0302b": "a \\u0302b", "\u05b8": "\\u05b8",
}  # fmt: skip
PEN = Pen(theme.DARK)


def drawn(text: str) -> str:
    """The characters of a line's glyphs from left to right."""
    return "".join(glyph.char for glyph in fonts.shape(text).glyphs)


@pytest.mark.parametrize("word", MARKUP)
def test_markup_is_text(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    monkeypatch.setattr(typst, "compile", lambda *args, **more: pytest.fail("a word was compiled"))
    assert drawn(word) == word
    label = Label(word, PEN, size=0.4)
    assert label.text == word
    assert len(label.points) > 0


@pytest.mark.parametrize("word", HIDDEN, ids=ascii)
def test_what_nobody_would_see_is_written_out(word: str) -> None:
    assert spelled_out(word) == HIDDEN[word]
    assert drawn(word) == HIDDEN[word]


@pytest.mark.parametrize("word", ["e\u0301", "か\u3099", "葛\U000e0100", "a\u200db", "\u2605\ufe0e", "한글"])
def test_marks_joiners_and_selectors_stay_with_their_letter(word: str) -> None:
    assert spelled_out(word) == word
    assert fonts.shape(word).whole


def test_a_combining_mark_is_drawn_with_its_letter() -> None:
    plain, marked = fonts.shape("e"), fonts.shape("e\u0301")
    assert marked.advance == pytest.approx(plain.advance, abs=0.05)
    assert marked.points[:, 1].max() > plain.points[:, 1].max()


# ---- right to left ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("a אב", "a בא"),
        ("אב a", "a בא"),
        ("אב 12", "12 בא"),
        ("a אב 12 גד", "a דג 12 בא"),
        ("אב…", "…בא"),
        ("12 אב", "בא 12"),
        ("اب 12%", "%12 با"),
        ("אב 12%", "12% בא"),
        ("אב-גד", "דג-בא"),
        ("1,2 א", "א 1,2"),
        ("אב a1 גד", "דג a1 בא"),
        ("", ""),
        ("Attention(קשב)", "Attention(בשק)"),
        ("abc(אב)גד", "abc(בא)דג"),
        ("اب (hello) 12", "12 )hello( با"),  # HarfBuzz mirrors what runs to the left
        ("اب 12(ab) ج", "ج )ab(12 با"),
        ("אב\u05b0ג", "ג\u05b0בא"),
        ("א levels: [2", "levels: [2 א"),
    ],
)
def test_directions_are_those_of_unicode(text: str, stands: str) -> None:
    assert "".join(bidi.in_order(list(text), bidi.levels(text))) == stands


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A font with a square for a few letters, so that these tests need none of the machine's."""
    path = tmp_path_factory.mktemp("font") / "squares.ttf"
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 400), (400, 400), (400, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square, blank = pen.glyph(), TTGlyphPen(None).glyph()
    names = {f"u{ord(c):04X}": c for c in "abc12 אב…🇯🇵"}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names, "flag"])
    builder.setupCharacterMap({ord(c): name for name, c in names.items()})
    builder.setupGlyf(
        {".notdef": square, "flag": square, **{n: blank if c == " " else square for n, c in names.items()}}
    )
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (500, 0)) | {"flag": (1000, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Squares"})
    builder.setupOS2()
    builder.setupPost()
    addOpenTypeFeaturesFromString(builder.font, "feature ccmp { sub u1F1EF u1F1F5 by flag; } ccmp;")
    builder.save(path)
    return str(path)


@pytest.mark.parametrize(
    ("word", "stands"), [("אב", "בא"), ("abc אב 12", "abc 12 בא"), ("אב…", "…בא"), ("abc", "abc")]
)
def test_a_word_that_runs_to_the_left_is_drawn_so(word: str, stands: str, squares: str) -> None:
    line = fonts.shape(word, squares)
    assert "".join(glyph.char for glyph in line.glyphs) == stands
    places = [glyph.points[:, 0].min() for glyph in line.glyphs if glyph.char != " "]
    assert places == sorted(places)


# ---- glyphs that are missing --------------------------------------------------------------------------------
@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No font but the film's own."""
    monkeypatch.setattr(fonts, "_other_font_with", lambda *_: None)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("a\u0e01", "no glyph for 'ก' (U+0E01): apt install fonts-noto-core, or --font FILE"),
        ("\U0001f600", "no glyph for '😀' (U+1F600): apt install fonts-symbola"),
        ("\U0001f468\u200d\U0001f469", "(U+1F468 U+200D U+1F469): expected a font with one outline for it"),
        ("\U000323a0", "(U+323A0): apt install fonts-noto-cjk, or --font FILE"),
        ("\ue000", "(U+E000): for private use, expected a font that has it: --font FILE"),
        ("\u0378", "(U+0378): "),
    ],
    ids=ascii,
)
def test_a_glyph_that_no_font_has_is_named(word: str, said: str) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        fonts.shape(word)
    assert said in str(caught.value)


def test_a_glyph_without_an_outline_is_none(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fonts of pictures, such as those of coloured emoji, have glyphs that would leave an empty place."""
    face = Face(resolve_font(None))
    monkeypatch.setattr(face, "outline", lambda gid: np.zeros((0, 3)))
    assert not face.shape("a").whole
    assert face.shape(" ").whole


@settings(max_examples=150, deadline=None, print_blob=True)
@given(st.text(st.characters(exclude_categories=[]), max_size=6))
def test_any_word_is_drawn_or_refused_in_one_line(text: str) -> None:
    """Of all of Unicode. Nothing is a box, and where something is drawn there is ink for every cluster."""
    shaped = shaped_or_said(text)
    if isinstance(shaped, str):
        assert shaped == one_line(shaped)
        assert "U+" in shaped
    else:
        assert shaped.whole
        assert bool(len(shaped.points)) == bool(spelled_out(text).strip())


def shaped_or_said(text: str) -> Shaped | str:
    """The line drawn with the film's font alone, or what is said where that cannot be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "_other_font_with", lambda *_: None)
        try:
            return fonts.shape(text)
        except EnvironmentProblem as err:
            return str(err)


REFUSED = {
    "NUL": ("a\0b", r"words: '\x00' in number 0 at character 2, expected text"),
    "half a pair": ("ab\ud800", r"words: '\ud800' in number 0 at character 3, expected text"),
    "the other half": ("\udfffab", r"words: '\udfff' in number 0 at character 1, expected text"),
    "too long": ("a" * 1001, "words: number 0 has 1001 characters, expected at most 1000"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_words_that_no_sentence_can_hold_are_refused_with_their_place(case: str, tmp_path: Path) -> None:
    word, said = REFUSED[case]
    words = json.dumps([word, *"bcdefgh"])
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.arrays(), {"words": words}))
    with pytest.raises(InputError, match="/m: ") as caught:
        read_model(tmp_path / "m")
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize("word", ["", " ", "\n", "\u2003", "b"], ids=ascii)
def test_words_are_ids_first_and_may_be_anything_else(word: str, tmp_path: Path) -> None:
    words = (word, *"bcdefgh")
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.arrays(), {"words": json.dumps(words)}))
    read = read_model(tmp_path / "m")
    assert read.words == words
    assert len(set(read.labels)) == len(words)
    assert model_from_toml(to_toml(read), "m").words == words


@pytest.mark.parametrize("word", ["a\\u0000b", "\\uD800"])
def test_toml_has_no_such_words(word: str) -> None:
    words = f'words = ["{word}", "b", "c", "d", "e", "f", "g", "h"]\n'
    whole = to_toml(tiny_model())
    start, end = whole.index("[vocabulary]"), whole.index("[embedding]")
    with pytest.raises(InputError, match=r"^m: .*, expected "):
        model_from_toml(f"{whole[:start]}[vocabulary]\n{words}{whole[end:]}", "m")


def test_a_run_with_a_word_that_cannot_be_drawn_is_one_line_and_writes_nothing(quick: Path) -> None:
    def without_fonts() -> None:
        pytest.MonkeyPatch().setattr(fonts, "_other_font_with", lambda *_: None)

    (quick / "m.toml").write_text(to_toml(replace(tiny_model(), words=("\u0e01", *"abcdefg"))))
    hands = replace(STUB, check=backend.check_words)
    args = ["render", "3", "--model", "m.toml", "-q", "l", "--cache-dir", "cache"]
    ended = run(*args, cwd=quick, before=without_fonts, backend=hands)
    assert assert_one_line(ended, 4).startswith("no glyph for 'ก' (U+0E01)")
    assert listed(quick) == ["m.toml"]


# ---- long words ---------------------------------------------------------------------------------------------
LONG = (
    "e\u0301" * 30,
    "か\u3099" * 30,
    "a" * 1000,
    "한" * 40,
    "葛\U000e0100" * 20,
    "\u202e" * 30,
    "  a b" * 20,
)


@pytest.mark.parametrize("word", LONG, ids=lambda w: ascii(w)[:24])
@pytest.mark.parametrize("width", [0.3, 1.0, 2.7])
def test_shortening_fits_and_never_cuts_a_character(word: str, width: float) -> None:
    short = shortened(word, PEN, 0.4, width)
    assert short.endswith(ELLIPSIS)
    assert PEN.width(short, 0.4) <= width or short == ELLIPSIS
    pieces, kept = fonts.clusters(word), short.removesuffix(ELLIPSIS)
    assert kept in {"".join(pieces[:k]).rstrip() for k in range(len(pieces))}
    longer = next(p for k in range(len(pieces)) if len(p := "".join(pieces[: k + 1]).rstrip()) > len(kept))
    assert PEN.width(longer + ELLIPSIS, 0.4) > width


@pytest.mark.parametrize("room", range(1, 12))
def test_of_a_pair_nobody_sees_one_half(room: int, squares: str) -> None:
    """Flags are two characters with a width each; where one more would fit, neither is drawn."""
    pen, flag, width = Pen(theme.DARK, squares), "🇯🇵", 0.5
    short = shortened(flag * 6, pen, 1.0, (room + 1) * width + 1e-9)
    assert short == flag * (room // 2) + ELLIPSIS if room < 11 else short == flag * 6


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467a", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "a"]),
        ("\U0001f1ef\U0001f1f5\U0001f1e9\U0001f1ea", ["\U0001f1ef\U0001f1f5", "\U0001f1e9\U0001f1ea"]),
        ("\U0001f44d\U0001f3fdb", ["\U0001f44d\U0001f3fd", "b"]),
        ("葛\U000e0100城", ["葛\U000e0100", "城"]),
        ("\u05d0\u05b8\u05d1", ["\u05d0\u05b8", "\u05d1"]),
        ("", []),
    ],
)
def test_clusters_belong_together(text: str, pieces: list[str]) -> None:
    assert fonts.clusters(text) == pieces


@pytest.mark.parametrize("word", ["x" * 1000, "が\u3099" * 500, "\u05d0\u05b8" * 500, "\x1b" * 1000])
def test_the_longest_words_are_measured_a_dozen_times(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halving finds where to cut: 1,000 characters take ten looks, the whole word and the result one each."""
    looks: list[str] = []

    def width(pen: Pen, text: str, size: float, *, bold: bool = False) -> float:
        looks.append(text)
        return float(len(text))

    monkeypatch.setattr(Pen, "width", width)
    assert shortened(word, PEN, 0.4, 20.0).endswith(ELLIPSIS)
    assert 1 < len(looks) <= 12


# ---- on the stage -------------------------------------------------------------------------------------------
SENTENCES = {
    "markup": MARKUP[:8],
    "hidden": tuple(HIDDEN)[:8],
    "long": ("x" * 1000, "か\u3099" * 300, "a b  c", "糖" * 60, "#" * 99, "\\" * 50, "\x1b" * 40, "'" * 80),
    "pieces": (" The", "The", "\n", "\ufffd", "\ufffd", "", "##ing", "\\n"),
    "alike": (
        "hyperglycemia",
        "hyperglycemic",
        "hyperglycemias",
        "hypertension",
        "hypertensive",
        "hyperinsulinemia",
        "hypoglycemia",
        "hypoglycemic",
    ),
    "numbers": ("1", "= 2", "≈ 0.5", "1+1=2", "−0.3", "e4", "0", "99"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("kind", SENTENCES)
def test_every_stage_with_such_words_is_played_and_audited(kind: str, lang: str) -> None:
    """Each label's outlines are those of its text, and no numeral is disturbed."""
    from tensorreel.scenes import film

    from tensorreel.core.engine import forward
    from tensorreel.review.audit import audit_case
    from tensorreel.review.cases import Case
    from tensorreel.visuals.look.options import SceneOptions

    words: Any = SENTENCES[kind]
    model = replace(tiny_model(), words=words, glosses=words[::-1], readings=words)
    trace = forward(model)
    for scene in film():
        assert audit_case(Case(scene, kind, trace, SceneOptions(lang=lang))).findings == [], scene
