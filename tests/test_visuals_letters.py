"""Letters as they are spelled: each mark on its letter, each emoji one picture, a word from one face, of one kind.

The fonts are made here, so that nothing depends on what a machine has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.film.keep import fingerprint
from tensorreel.film.make import contact
from tensorreel.review.audit import _spells
from tensorreel.visuals.chapters.output import next_word as verdict
from tensorreel.visuals.lettering import fonts, otherfonts
from tensorreel.visuals.lettering.captions import printed
from tensorreel.visuals.lettering.faces import Face
from tensorreel.visuals.lettering.fontfiles import FontChoice, resolve_font
from tensorreel.visuals.lettering.glyphs import Inked, Label, Pen
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look import theme
from tensorreel.visuals.stage.furniture import Caption, wrapped
from tensorreel.visuals.stage.sentence import Sentence

BREVE, DOT = "\u0306", "\u0307"
FAMILY, FLAG, TONE, KEYCAP = "👨\u200d👩\u200d👧", "🇯🇵", "👍🏽", "1\ufe0f\u20e3"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
EMOJI = (FAMILY, FLAG, TONE, KEYCAP, ENGLAND, "👩🏽\u200d⚕️", "❤️\u200d🔥")
ANCHORS = """
markClass [u0306 u0307] <anchor 200 0> @above;
feature mark { pos base [u0067 u0047 u0073 u0061] <anchor 250 500> mark @above; } mark;
"""
Make = Callable[..., Face]


def square(at: int, low: int, side: int) -> TTGlyphPen:
    pen = TTGlyphPen(None)
    pen.moveTo((at, low))
    for corner in ((at, low + side), (at + side, low + side), (at + side, low)):
        pen.lineTo(corner)
    pen.closePath()
    return pen


def name_of(char: str) -> str:
    return f"u{ord(char):04X}"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a font: letters are squares on the line, marks small ones above it whose place is that of a letter that
    follows, unless ``features`` anchor them."""

    def made(
        name: str, chars: str, features: str = "", *, more: tuple[str, ...] = (), weight: int = 400,
        panose: int = 11, italic: bool = False, blank: str = "", marks: tuple[int, int] = (150, 20)
    ) -> Face:  # fmt: skip
        names = {name_of(c): c for c in dict.fromkeys(chars)}
        glyphs = [".notdef", *names, *more]
        drawn = {n: square(50, 0, 400) for n in glyphs}
        drawn |= {n: square(*marks, 80) for n, c in names.items() if unicodedata.combining(c)}
        drawn |= {n: TTGlyphPen(None) for n, c in names.items() if c.isspace() or c in f"\u200d\ufe0f{blank}"}
        drawn |= {n: TTGlyphPen(None) for n, c in names.items() if c >= "\U000e0000"}
        lefts = {n: pen.points[0][0] if pen.points else 0 for n, pen in drawn.items()}
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(glyphs)
        builder.setupCharacterMap({ord(c): n for n, c in names.items()})
        builder.setupGlyf({n: pen.glyph() for n, pen in drawn.items()})
        builder.setupHorizontalMetrics({n: (500, left) for n, left in lefts.items()})
        builder.setupHorizontalHeader()
        builder.setupNameTable({"familyName": name, "styleName": "Regular"})
        builder.setupOS2(usWeightClass=weight, fsSelection=int(italic), sxHeight=400)
        builder.font["OS/2"].panose.bFamilyType = 2
        builder.font["OS/2"].panose.bSerifStyle = panose
        builder.setupPost()
        # marks are marks in any font; without a table of positions a shaper finds places of its own
        kinds = "table GDEF { GlyphClassDef [@letters], , [@marks], ; } GDEF;"
        some = {"letters": [n for n, c in names.items() if not unicodedata.combining(c)] or [".notdef"]}
        some["marks"] = [n for n, c in names.items() if unicodedata.combining(c)]
        text = "".join(f"@{key} = [{' '.join(found)}];\n" for key, found in some.items() if found)
        kerning = f"feature kern {{ pos {some['letters'][0]} {some['letters'][0]} -1; }} kern;\n"
        addOpenTypeFeaturesFromString(
            builder.font, text + (kinds if some["marks"] else "") + kerning + features
        )
        path = tmp_path / f"{name}.ttf"
        builder.save(path)
        return Face(FontChoice(str(path), 0, name))

    return made


# ---- marks --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("letter", ["ğ", "g\u0306", "Ġ", "ğ\u0307", "ṡ"])
def test_a_letter_whose_mark_would_be_elsewhere_is_missing(letter: str, make: Make) -> None:
    """Such a font draws ``g`` and a breve on the next letter."""
    bare = make("bare", f"gGsa {BREVE}{DOT}")
    assert bare.shape("gas").whole
    assert not bare.shape(letter).whole
    assert not bare.shape(f"a{letter}s").whole


@pytest.mark.parametrize("letter", ["ğ", "g\u0306", "Ġ", "ṡ"])
def test_a_mark_that_the_font_anchors_is_on_its_letter(letter: str, make: Make) -> None:
    shaped = make("anchored", f"gGsa {BREVE}{DOT}", ANCHORS).shape(letter)
    assert shaped.whole
    base, mark = (glyph.points for glyph in shaped.glyphs)
    assert mark[:, 1].min() > base[:, 1].max()
    assert base[:, 0].min() <= mark[:, 0].mean() <= base[:, 0].max()


@pytest.mark.parametrize("side", [-150, 0])
def test_a_mark_that_no_anchor_holds_is_missing(side: int, make: Make) -> None:
    """A font with anchors for another letter: beside this one the mark is missing, in its middle it may be meant so."""
    anchors = ANCHORS.replace(" u0047 u0073 u0061", "").replace("u0067", "u0061")
    face = make("some", f"ga {BREVE}{DOT}", anchors, marks=(side - 290, 420))
    assert face.shape("a\u0306").whole
    assert face.shape("ğ").whole is (side == 0)
    assert not make("none", f"ga {BREVE}{DOT}", marks=(side - 290, 420)).shape("ğ").whole


def test_a_mark_without_ink_is_missing(make: Make) -> None:
    assert not make("blank", f"g {BREVE}", blank=BREVE).shape("ğ").whole


def test_two_marks_in_one_place_are_missing(make: Make) -> None:
    """The font anchors both at the letter and none at the other: one covers the other."""
    anchored = make("anchored", f"g {BREVE}{DOT}", ANCHORS.replace(" u0047 u0073 u0061", ""))
    assert anchored.shape("g\u0306").whole
    assert not anchored.shape("g\u0306\u0307").whole


def test_every_letter_that_the_films_font_draws_stays_in_its_room() -> None:
    """All composed letters of Latin and Greek, 182 of which a font for Japanese takes apart."""
    face, far = Face(resolve_font(None)), []
    letters = [c for c in map(chr, range(0xC0, 0x2000)) if unicodedata.decomposition(c)[:1].isalnum()]
    assert len(letters) > 500
    for letter in letters:
        shaped = face.shape(f"l{letter}l")
        if shaped.whole:
            outer = face.shape("l").advance
            inner = np.concatenate([glyph.points[:, 0] for glyph in shaped.glyphs[1:-1]])
            if inner.max() > shaped.advance - outer + 0.15 or inner.min() < outer - 0.15:
                far.append(letter)
            if len(shaped.glyphs) == 4:  # a base and its mark
                middles = [np.ptp(g.points[:, 0]) / 2 + g.points[:, 0].min() for g in shaped.glyphs[1:-1]]
                far += [letter] if abs(middles[0] - middles[1]) > 0.2 else []
    assert far == []


# ---- emoji --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("emoji", EMOJI, ids=ascii)
def test_an_emoji_that_would_fall_apart_is_missing(emoji: str, make: Make) -> None:
    parts = make("parts", f"a {''.join(EMOJI)}")
    assert all(parts.shape(c).whole for c in emoji if ord(c) < 0xE0000 and c not in "\u200d\ufe0f")
    assert not parts.shape(emoji).whole
    assert not parts.shape(f"a{emoji}a").whole


@pytest.mark.parametrize("emoji", EMOJI, ids=ascii)
def test_an_emoji_that_is_one_picture_is_whole(emoji: str, make: Make) -> None:
    ligature = f"feature ccmp {{ sub {' '.join(map(name_of, emoji))} by one; }} ccmp;"
    shaped = make("one", f"a {emoji}", ligature, more=("one",)).shape(f"a{emoji}a")
    assert shaped.whole
    assert sum(bool(len(glyph.points)) for glyph in shaped.glyphs) == 3


@pytest.mark.parametrize("emoji", EMOJI, ids=ascii)
def test_an_emoji_that_no_font_has_whole_is_named(emoji: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_other_font_with", lambda *_: None)
    with pytest.raises(
        EnvironmentProblem, match=re.escape(f"no glyph for {emoji!r}") + ".*one outline for it"
    ):
        fonts.shape(f"ab {emoji}")


# ---- other faces --------------------------------------------------------------------------------------------
@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """What Fontconfig would list."""

    def these(*faces: Face) -> None:
        listed = frozenset(face.choice for face in faces)
        monkeypatch.setattr(otherfonts, "_with", lambda chars: listed)
        fonts._other_font_with.cache_clear()

    yield these
    fonts._other_font_with.cache_clear()


def names(text: str, film: Face) -> list[tuple[str, str]]:
    return [(part, face.choice.name) for part, face in fonts._in_faces(text, film)]


def test_the_other_face_is_of_the_same_kind(make: Make, installed: Callable[..., None]) -> None:
    """Serif, bold and slanted ones come first in the alphabet."""
    wanted = "gašč "
    serif, slanted = make("A serif", wanted, panose=2), make("B slanted", wanted, italic=True)
    bold, light = make("C bold", wanted, weight=700), make("D light", wanted, weight=250)
    sans = make("E plain", wanted)
    installed(serif, slanted, bold, light, sans)
    assert names("gaš", make("film", "ga ")) == [("gaš", "E plain")]
    assert names("gaš", make("film, bold", "ga ", weight=700)) == [("gaš", "C bold")]
    assert names("gaš", make("film, serif", "ga ", panose=2)) == [("gaš", "A serif")]


def test_a_word_is_of_one_face_where_one_has_all_of_it(make: Make, installed: Callable[..., None]) -> None:
    """``ą`` is in the first face too, but that has not all of the word; between words nothing changes."""
    film, first, second = make("film", "gas() ą"[:-1]), make("a", "ą"), make("b", "gasąč")
    installed(first, second)
    assert names("gas (gąsč) gas", film) == [
        ("gas", "film"), (" ", "film"), ("(", "film"), ("gąsč", "b"), (")", "film"), (" ", "film"), ("gas", "film")
    ]  # fmt: skip
    installed(first)
    assert names("gą", film) == [("g", "film"), ("ą", "a")]


def test_a_word_between_letters_of_another_script_is_of_one_face(
    make: Make, installed: Callable[..., None]
) -> None:
    film, other = make("film", "ga「」の糖を"), make("other", "gağ")
    installed(other)
    assert names("「gağ」の糖を", film) == [
        ("「", "film"), ("gağ", "other"), ("」", "film"), ("の糖を", "film")
    ]  # fmt: skip


def test_another_version_of_another_font_is_noticed(make: Make, installed: Callable[..., None]) -> None:
    """The files that help out with the words are part of a clip's ground, and no others."""
    film, other = make("film", "ga "), make("other", "gą")
    installed(other)
    before = [fingerprint.font_digest(film.choice.path, "en", words) for words in (("ga", "gą"), ("ga",))]
    path = Path(other.choice.path)
    path.write_bytes(path.read_bytes() + b"\0")
    after = [fingerprint.font_digest(film.choice.path, "en", words) for words in (("ga", "gą"), ("ga",))]
    assert after[0] != before[0]
    assert after[1] == before[1]


# ---- directions ---------------------------------------------------------------------------------------------
HEBREW = "אבגד"


@pytest.fixture
def pen(make: Make) -> Pen:
    letters = f"{HEBREW} abcdefghijklmnopqrstuvwxyz0123456789.:?…()\\u"
    return Pen(theme.DARK, make("film", letters).choice.path)


def put(**words: str) -> dict[str, str]:
    """Words as an English caption has them."""
    return {key: str(text) for key, text in printed(dict(words))[1].items()}


def stands(label: Inked) -> str:
    """The characters of a line's glyphs from left to right."""
    return "".join(glyph.char for glyph in label.shaped.glyphs)


@pytest.mark.parametrize("words", [("אב", "גד"), ("אב", "a"), ("a", "אב"), ("אב", "12"), ("\u2069גא", "א")])
def test_a_caption_reads_from_the_left_whatever_words_are_in_it(words: tuple[str, str], pen: Pen) -> None:
    said = put(a=words[0], b=words[1])
    caption = Caption("{a} looks at {b}: 0.5".format(**said), pen)
    alone = [stands(Label(word, pen, size=1.0)) for word in words]
    assert stands(caption[0]) == f"{alone[0]} looks at {alone[1]}: 0.5"
    assert _spells(caption[0])


def test_a_caption_is_not_broken_within_a_word_that_is_isolated(pen: Pen) -> None:
    text = "a b c {a} d e f".format(**put(a="אב גד אב גד"))
    lines = wrapped(text, pen, 1.0, 8.5)
    assert len(lines) == 2
    assert all(line.count("\u2068") == line.count("\u2069") for line in lines)


@pytest.mark.parametrize(
    "words", [("אב", "גד", "א"), ("אב", "abc", "12"), ("ab", "cd", "e"), ("ab", "אב", "c")]
)
def test_a_sentence_runs_as_it_is_read(words: tuple[str, ...], pen: Pen) -> None:
    """Words, ids and the open place; an answer grows away from the words."""
    way = -1 if runs_left(words[0]) else 1
    sentence = Sentence(words, (1, 2, 3), pen, glosses=("a", "b", "c"))
    for row in (sentence.words, sentence.ids, sentence.cards, sentence.glosses):
        places = [way * part.get_center()[0] for part in row]
        assert places == sorted(places)
    assert way * (sentence.slot.get_center()[0] - sentence.words[-1].get_center()[0]) > 0
    assert way * (sentence.ids[0].get_center()[0] - sentence.id_name.get_center()[0]) > 0
    frame, label = sentence.answered("abcabcabc")
    near = [part.get_center()[0] - way * part.width / 2 for part in (frame, sentence.slot[0])]
    assert near[0] == pytest.approx(near[1])
    assert abs(frame.get_center()[0] - label.get_center()[0]) < 0.2


@pytest.mark.parametrize("words", [("אב", "גד", "א"), ("ab", "cd", "e")])
def test_the_answer_stands_where_the_sentence_goes_on(words: tuple[str, ...], pen: Pen) -> None:
    way = -1 if runs_left(words[0]) else 1
    sentence = verdict.OpenSentence(words, "abc", "a", pen)
    boxes = [*sentence.words[::2], sentence.place]
    places = [way * box.get_center()[0] for box in boxes]
    assert places == sorted(places)
    for box, label in zip(boxes, [*sentence.words[1::2], sentence.answer], strict=True):
        assert abs(box.get_center()[0] - label.get_center()[0]) < 0.1
    assert abs(sentence.gloss.get_center()[0] - sentence.place.get_center()[0]) < 0.1


def test_the_lines_of_a_contact_sheet_are_drawn_as_the_films_are(pen: Pen) -> None:
    """Each letter of this font is a square of 0.4 em: there is ink for all of them, and nothing is a box."""
    line = "{a} abc".format(**put(a="אב"))
    sheet = Image.new("RGB", (200, 60), "#000000")
    contact._write(sheet, (0, 0), line, "#ffffff", pen)
    ink = np.asarray(sheet.convert("L"), dtype=float).sum() / 255
    assert ink == pytest.approx(5 * (0.4 * contact.TEXT) ** 2, rel=0.1)
    assert contact._folded(f"{line} {line}", pen, 90) == [line, line]
