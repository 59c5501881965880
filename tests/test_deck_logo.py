"""A lecturer's picture on the cover of each kind of deck, and what is refused as one."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pptx import Presentation
from pypdf import PdfReader

from tensorreel.core.errors import InputError, TensorreelError, UsageProblem
from tensorreel.publish.deck.lecture import LectureCover, Logo
from tensorreel.publish.deck.pictures import LOGO_BYTES, read_logo
from tests.deck_parts import build, use_toys

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="60" height="20" fill="red"/></svg>'
ALT = 'The "seal" of <us>'


def painted(kind: str, size: tuple[int, int] = (60, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind.upper())
    return out.getvalue()


FILES = {"png": painted("png"), "jpeg": painted("jpeg"), "svg+xml": SVG}


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a deck of one toy with a logo of a kind; returns its file."""
    use_toys(monkeypatch)

    def made(name: str, form: str, kind: str, alt: str = ALT, **wish: Any) -> Path:
        cover = LectureCover(logo=Logo(FILES[kind], kind, alt))
        build(tmp_path / name, form, names=("query",), cover=cover, **wish)
        return tmp_path / name

    return made


@pytest.mark.parametrize("kind", FILES)
def test_a_picture_is_known_by_what_it_holds(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FILES[kind])
    assert read_logo(tmp_path / "file", "x") == Logo(FILES[kind], kind, "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no picture"),
        (b"words", "no picture"),
        (FILES["png"][:60], "no picture"),
        (painted("gif"), "no picture, expected a PNG, JPEG or SVG"),
        (b"<html/>", "no picture"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG, "no picture"),
        (painted("png", (4001, 1)), "4001×1 pixels, expected at most 4000 a side"),
        (b"x" * (LOGO_BYTES + 1), "expected a logo of at most 1,000,000 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_a_line(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "logo").write_bytes(data)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_logo(tmp_path / "logo")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_ours_to_say(tmp_path: Path) -> None:
    with pytest.raises(TensorreelError, match="none"):
        read_logo(tmp_path / "none.png")


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_in_powerpoint_it_is_a_picture_with_its_own_shape(deck: Any, kind: str) -> None:
    file = Presentation(str(deck("deck.pptx", "pptx", kind)))
    (logo,) = [shape for shape in file.slides[0].shapes if shape.name == "Logo"]
    assert logo.image.blob == FILES[kind]
    assert logo._element.nvPicPr.cNvPr.get("descr") == ALT
    assert logo.width / logo.height == pytest.approx(3, abs=0.01)
    assert 0 < logo.left < logo.left + logo.width <= file.slide_width
    assert logo.top + logo.height <= file.slides[0].shapes.title.top


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("layout", ["handout", "slides"])
def test_in_a_pdf_it_stands_on_the_first_page(deck: Any, kind: str, layout: str) -> None:
    with_it = PdfReader(deck("deck.pdf", "pdf", kind, layout=layout))
    assert ALT.encode() in alternatives(with_it)
    images = [image for page in with_it.pages[:1] for image in page.images]
    assert len(images) == (0 if kind == "svg+xml" else 1)


def alternatives(file: PdfReader) -> list[bytes]:
    """The alternative descriptions in a tagged PDF."""
    trailer: Any = file.trailer
    found: list[Any] = [file.get_object(k) for k in range(1, trailer["/Size"])]
    return [str(o["/Alt"]).encode() for o in found if isinstance(o, dict) and "/Alt" in o]


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("one_file", [True, False])
def test_in_a_page_it_is_on_the_cover_and_on_paper(deck: Any, kind: str, one_file: bool) -> None:
    name = "page.html" if one_file else "page"
    page = deck(name, "html", kind, one_file=one_file, steps="stage") if one_file else None
    page = page or deck("page/index.html", "html", kind)
    text = page.read_text(encoding="utf-8")
    found = re.findall(r'<img class="logo" src="([^"]*)" alt="([^"]*)">', text)
    assert [alt for _, alt in found] == ["The &quot;seal&quot; of &lt;us&gt;"] * 2
    for source, _ in found:
        if one_file:
            assert source.startswith(f"data:image/{kind};base64,")
        else:
            assert (page.parent / source).read_bytes() == FILES[kind]


def test_a_logo_without_words_is_called_one_in_the_language_of_the_deck(deck: Any) -> None:
    page = deck("page.html", "html", "svg+xml", alt="", one_file=True, lang="ja")
    assert page.read_text(encoding="utf-8").count('alt="ロゴ"') == 2


@pytest.mark.parametrize(
    ("form", "kind", "message"),
    [("manim-slides", "png", "no cover"), ("pptx", "svg+xml", "expected a PNG or JPEG")],
)
def test_what_a_format_cannot_show_is_refused_before_a_clip_is_made(
    deck: Any, form: str, kind: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageProblem, match=message):
        deck("deck", form, kind)
    assert list(tmp_path.iterdir()) == []
