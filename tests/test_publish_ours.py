"""Files of others are not replaced without a word: what every command writes under a name of its own making."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pptx import Presentation

from tensorreel import scenes
from tensorreel.cli import main
from tensorreel.publish.ours import is_ours
from tests.deck_parts import TOYS, use_toys

pytestmark = pytest.mark.runs
_DECK = ("deck", "query", "-q", "l", "--fps", "5", "-j", "1")
_CLIP = ("--fps", "5", "-j", "1")
# The command, and what it writes in an empty folder.
WRITES: dict[str, tuple[tuple[str, ...], str]] = {
    "html": ((*_DECK, "--to", "html"), "renders/transformer-deck/index.html"),
    "html in a folder": ((*_DECK, "--to", "html", "-o", "site"), "site/index.html"),
    "one file": ((*_DECK, "--to", "html", "--one-file"), "renders/transformer-deck.html"),
    "pptx": ((*_DECK, "--to", "pptx"), "renders/transformer.pptx"),
    "pdf": ((*_DECK, "--to", "pdf"), "renders/transformer.pdf"),
    "manim-slides": ((*_DECK, "--to", "manim-slides"), "renders/slides/Transformer.json"),
    "mp4": (("render", "query", "-q", "l", *_CLIP), "renders/01-query.mp4"),
    "gif": (("render", "query", "--format", "gif", *_CLIP), "renders/01-query.gif"),
    "webp": (("render", "query", "--format", "webp", *_CLIP), "renders/01-query.webp"),
    "png": (("render", "query", "--format", "png", "-q", "l", *_CLIP), "renders/01-query.png"),
    "svg": (("render", "query", "--format", "svg", "-q", "l", *_CLIP), "renders/01-query.svg"),
    "film": (("render", "-q", "l", *_CLIP), "renders/transformer.mp4"),
    "script": (("render", "query", "-q", "l", "--script", *_CLIP), "renders/01-query.script-en.txt"),
    "subtitles": (("render", "query", "-q", "l", "--subtitles", *_CLIP), "renders/01-query.en.srt"),
    "poster": (("embed", "query", "-q", "l", "-j", "1"), "renders/01-query.png"),
    "sheet": (("sheet", "query", "--width", "640", "-j", "1"), "renders/sheets/01-query-en-dark.png"),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the file."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture
def tensorreel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> Callable[..., Result]:
    """Runs a command on the toys, in an empty folder."""
    use_toys(monkeypatch)
    monkeypatch.setenv("TENSORREEL_CACHE_DIR", str(cache))
    monkeypatch.setattr(scenes, "film", lambda *_, **__: tuple(TOYS))
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, list(args))

    return run


@pytest.mark.parametrize("name", WRITES)
def test_a_file_of_others_is_refused_and_ours_is_replaced(
    tensorreel: Callable[..., Result], name: str
) -> None:
    args, path = WRITES[name]
    if args[0] == "deck" and args[-2:] == ("-o", "site"):
        Path("site").mkdir()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("<!doctype html><title>A page of somebody's own</title>", encoding="utf-8")
    before = target.read_bytes()
    refused = tensorreel(*args)
    assert refused.exit_code == 2, refused.output
    assert refused.stderr.count("\n") == 1
    assert (
        f"{path}: not made by tensorreel, expected a free name (or --force to replace it)" in refused.stderr
    )
    assert target.read_bytes() == before
    forced = tensorreel(*args, "--force")
    assert forced.exit_code == 0, forced.stderr
    assert target.read_bytes() != before
    assert is_ours(target)
    assert tensorreel(*args).exit_code == 0, "our own is replaced without a word"


def test_what_o_names_is_replaced(tensorreel: Callable[..., Result]) -> None:
    for args, path in (
        ((*_DECK, "--to", "html", "-o", "talk.html"), "talk.html"),
        ((*_DECK, "-o", "talk.pdf"), "talk.pdf"),
        (("render", "query", "-q", "l", *_CLIP, "-o", "my.mp4"), "my.mp4"),
    ):
        Path(path).write_text("mine", encoding="utf-8")
        run = tensorreel(*args)
        assert run.exit_code == 0, run.stderr
        assert is_ours(Path(path))


def test_a_presentation_that_somebody_edited_is_theirs(tensorreel: Callable[..., Result]) -> None:
    args, path = WRITES["pptx"]
    assert tensorreel(*args).exit_code == 0
    deck: Any = Presentation(path)
    deck.core_properties.last_modified_by = "Prof. Mori"
    deck.save(path)
    assert "not made by tensorreel" in tensorreel(*args).stderr


@pytest.mark.parametrize(
    "ending", ["html", "pptx", "pdf", "json", "mp4", "gif", "png", "svg", "webm", "vtt", "srt", "txt"]
)
def test_what_cannot_be_read_is_not_ours_and_what_is_empty_is_nobodys(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a.{ending}"
    file.write_bytes(b"\x00\xff tensorreel PK\x03\x04")
    assert not is_ours(file)
    file.write_bytes(b"")
    assert is_ours(file)
