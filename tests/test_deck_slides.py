"""The PDF of slides, read back with pypdf."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from tensorreel.cli import main
from tensorreel.publish.plain import plain
from tests.deck_parts import HOSTILE, ODD, TOYS, build, use_toys
from tests.test_deck_handout import squeezed, text


@pytest.fixture
def slides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes slides of the toys and opens them."""
    use_toys(monkeypatch)

    def made(**wish: Any) -> tuple[Any, PdfReader]:
        lecture = build(tmp_path / "out.pdf", "pdf", layout="slides", **wish)
        return lecture, PdfReader(tmp_path / "out.pdf")

    return made


@pytest.mark.parametrize(
    ("wish", "pages"), [({}, 1 + 9), ({"steps": "stage"}, 1 + 3), ({"names": ("query",)}, 3)]
)
def test_a_page_for_each_step_with_one_picture_from_edge_to_edge(
    slides: Any, wish: dict[str, Any], pages: int
) -> None:
    lecture, file = slides(**wish)
    assert len(file.pages) == pages
    assert all(abs(p.mediabox.width - 960) < 1 and abs(p.mediabox.height - 540) < 1 for p in file.pages)
    cover = len(lecture.parts) > 1
    pictures = [[image.image for image in page.images] for page in file.pages]
    assert [len(found) for found in pictures] == [0] * cover + [1] * (pages - cover)
    assert all(image.size == (320, 180) for found in pictures for image in found)
    shown = {found[0].tobytes() for found in pictures if found}
    assert len(shown) >= 2  # the toys show the same, but not in each of their steps


def test_stages_stand_in_the_outline_and_pictures_are_told(slides: Any) -> None:
    lecture, file = slides(lang="ja", theme="light")
    titles = [part.title("ja") for part in lecture.parts]
    assert [entry.title for entry in file.outline] == titles
    assert [file.get_destination_page_number(entry) for entry in file.outline] == [1, 4, 7]
    catalog = file.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "ja"
    assert b"pdfuaid" in catalog["/Metadata"].get_object().get_data()


@pytest.mark.parametrize("words", [HOSTILE, ODD], ids=["hostile", "odd"])
def test_words_are_shown_and_never_run(slides: Any, words: Sequence[str]) -> None:
    _, file = slides(words=words, names=("opening", "query"))
    cover = squeezed(text(file.pages[0]))
    for i in (1, 2, 3, 4, 5):
        assert squeezed(plain(words[i])[:39]) in cover, words[i]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--to", "pptx", "--as", "slides"), "--as slides with --to pptx, expected --to pdf"),
        (("-o", "x.html", "--as", "slides"), "--as slides with --to html, expected --to pdf"),
        (("--to", "pdf", "--as", "cards"), "cards"),
    ],
)
def test_what_has_no_slides_is_refused(args: tuple[str, ...], said: str) -> None:
    run = CliRunner().invoke(main, ["deck", "query", *args])
    assert run.exit_code == 2
    assert said in run.stderr or said in str(run.exception)


@pytest.mark.slow
def test_slides_have_a_name_of_their_own_and_the_films_theme(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_toys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    args = [
        "deck",
        *(name.replace("_", "-") for name in TOYS),
        "--to",
        "pdf",
        "-q",
        "l",
        "--cache-dir",
        "cache",
    ]
    assert CliRunner().invoke(main, args).stdout == "renders/transformer.pdf\n"
    assert CliRunner().invoke(main, [*args, "--as", "slides"]).stdout == "renders/transformer-slides.pdf\n"
    assert brightness(tmp_path / "renders" / "transformer-slides.pdf") < 128
    assert brightness(tmp_path / "renders" / "transformer.pdf") > 128  # a handout is for paper


def brightness(file: Path) -> float:
    """Of the first picture."""
    found = next(image.image for page in PdfReader(file).pages for image in page.images)
    assert found is not None
    return float(np.asarray(found.convert("L")).mean())
