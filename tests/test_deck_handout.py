"""The handout, read back with pypdf."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tensorreel.publish.deck.lecture import LectureCover
from tensorreel.publish.plain import plain
from tensorreel.publish.typesetting import in_fonts
from tensorreel.visuals.lettering.fonts import face_for, faced
from tensorreel.visuals.lettering.otherfonts import style_of
from tests.deck_parts import HOSTILE, MARKED, ODD, TOYS, Marked, build, need_fonts, use_toys


@pytest.fixture
def handout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a handout of the toys and opens it."""
    use_toys(monkeypatch)

    def made(**wish: Any) -> PdfReader:
        build(tmp_path / "out.pdf", "pdf", **wish)
        return PdfReader(tmp_path / "out.pdf")

    return made


def text(page: Any) -> str:
    """A page's text; compatibility forms of letters as the letters themselves."""
    return unicodedata.normalize("NFKC", page.extract_text())


def squeezed(string: str) -> str:
    return "".join(unicodedata.normalize("NFKC", string).split())


def test_a_page_for_each_stage(handout: Any) -> None:
    file = handout()
    assert len(file.pages) == 1 + 3 + 1
    assert all(abs(p.mediabox.width - 595.3) < 1 and abs(p.mediabox.height - 841.9) < 1 for p in file.pages)
    page = squeezed(text(file.pages[2]))
    for wanted in ("3. Query", "3. クエリ", "One & two", "一と二", "h × T × d", "2×5×2", "W", "3 / 5"):
        assert squeezed(wanted) in page, wanted
    assert squeezed("Why do their queries differ") in page
    assert squeezed("クエリが異なるのはなぜ") in page
    assert squeezed("the matrix is the same, the input is not") not in page, (
        "answers have a page of their own"
    )
    assert squeezed("the matrix is the same, the input is not") in squeezed(text(file.pages[-1]))
    assert not any("_" in text(page) for page in file.pages), "indices are set as indices"


@pytest.mark.parametrize("second", [None, "ja"])
def test_a_second_language_is_there_where_it_was_asked_for(second: str | None, handout: Any) -> None:
    langs = ("en", second)
    page = squeezed(text(handout(names=("query",), second=second).pages[0]))
    for lang, words in {"en": ("One & two", "Why do their"), "ja": ("一と二", "クエリが異なる")}.items():
        assert all((squeezed(said) in page) == (lang in langs) for said in words)


def test_the_cover_says_who_and_when(handout: Any) -> None:
    file = handout(names=("query",), cover=LectureCover("#1 Attention", "A. _B_ & 山田", "1. 4. 2027"))
    assert file.metadata.title == "#1 Attention"
    cover = squeezed(text(file.pages[0]))
    assert squeezed("#1 Attention A. _B_ & 山田 · 1. 4. 2027") in cover
    assert "数字で見る" not in cover, "a title of one's own is not translated"


def test_letter_is_paper_too(handout: Any) -> None:
    file = handout(paper="letter")
    assert len(file.pages) == 1 + 3 + 1
    assert all(abs(p.mediabox.width - 612) < 1 and abs(p.mediabox.height - 792) < 1 for p in file.pages)


def test_a_caption_comes_out_as_it_is(handout: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(TOYS, "query", Marked)
    assert squeezed(MARKED) in squeezed(text(handout(names=("query",), cache=tmp_path / "kept").pages[0]))


def test_fonts_are_inside_and_formulas_are_letters(handout: Any) -> None:
    file = handout(names=("query",))
    fonts = set()
    for page in file.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            fonts.add(descriptor["/FontName"].split("+")[-1])
    assert any("Math" in name for name in fonts), "the formula is set, not a picture"
    assert len([i for page in file.pages for i in page.images]) == 1, "the poster is the only picture"


def test_it_can_be_read_aloud(handout: Any) -> None:
    file = handout(lang="ja", theme="light")
    catalog = file.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "ja"
    assert file.metadata.title == "数字で見るTransformer"
    assert b"pdfuaid" in catalog["/Metadata"].get_object().get_data()
    found = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif hasattr(node, "get"):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                walk(node["/K"])

    walk(catalog["/StructTreeRoot"])
    assert any("全18ステージの3番目" in alt for alt in found), "the poster"
    assert any(alt == "Q = H W_Q" for alt in found), "the formula"


@pytest.mark.parametrize("words", [HOSTILE, ODD], ids=["hostile", "odd"])
def test_words_are_shown_and_never_run(handout: Any, words: Sequence[str]) -> None:
    file = handout(words=words, names=("opening", "query"))
    cover = squeezed(text(file.pages[0]))
    for i in (1, 2, 3, 4, 5):
        assert squeezed(plain(words[i])[:39]) in cover, words[i]


def test_contents_lead_to_the_pages(handout: Any) -> None:
    file = handout()
    links = [a.get_object() for a in file.pages[0]["/Annots"]]
    assert len(links) == 3
    assert squeezed("3. Query3. クエリ") in squeezed(text(file.pages[0]))


WORDS = ("Ġis", "אב", "גד", "žlutý", "x", "y", "z", "w")


def test_what_the_films_font_lacks_is_set_in_the_font_that_draws_it(handout: Any) -> None:
    """Typst would take such letters apart as other shapers do; it is told what to set in which font."""
    need_fonts(*WORDS)
    film = face_for()
    others = {face for word in WORDS for _, face in faced(word) if face is not film}
    file = handout(words=WORDS, tokens=(0, 1, 2, 3), names=("opening", "query"))
    (cover, *_) = file.pages
    shown = text(cover)
    assert "Ġis" in shown
    assert "žlutý" in shown
    used = {f.get_object()["/BaseFont"].split("+")[-1] for f in cover["/Resources"]["/Font"].values()}
    for face in others:
        family = style_of(face.choice).family.replace(" ", "")
        assert any(family in name.lower().replace("-", "") for name in used), (family, used)


def test_a_texts_parts_keep_isolates_and_say_who_draws_them() -> None:
    parts = in_fonts("a \u2068糖\u2069 b", None, "en")
    assert parts == [("a ", ""), ("\u2068", ""), ("糖", ""), ("\u2069", ""), (" b", "")]
