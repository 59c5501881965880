"""``tensorreel deck`` from outside: what it refuses, what it says, and that it renders nothing twice."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tensorreel import scenes
from tensorreel.cli import main
from tensorreel.film.run.production import make_clips
from tensorreel.publish.deck import making
from tests.deck_parts import TOYS, use_toys

pytestmark = pytest.mark.runs


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command on the toys, in an empty folder."""
    use_toys(monkeypatch)
    monkeypatch.setattr(scenes, "film", lambda *_, **__: tuple(TOYS))
    monkeypatch.chdir(tmp_path)

    def run(*args: Any) -> Result:
        return CliRunner().invoke(main, ["deck", *map(str, args)])

    return run


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ([], 2, "expected --to pptx, html, pdf or manim-slides"),
        (["--to", "odp"], 2, "--to"),
        (["--to", "pdf", "-o", "a.pptx"], 2, "expected the ending .pdf"),
        (["-o", "a.key"], 2, "no --to"),
        (["quer", "--to", "pdf"], 2, "did you mean query"),
        (["--to", "pdf", "--one-file"], 2, "expected --to html"),
        (["--to", "html", "--paper", "letter"], 2, "expected --to pdf"),
        (["--to", "pdf", "--second-lang", "xx"], 2, "--second-lang"),
        (["--to", "pdf", "--max-size", "4MB"], 2, "expected --to html"),
        (["--to", "html", "--max-size", "small"], 2, "expected a size such as 4MB"),
        (["--to", "pptx", "-o", "nowhere/a.pptx"], 4, "no folder nowhere"),
        (["--to", "pptx", "--layer", "9"], 2, "--layer 9"),
        (["--to", "pdf", "--steps", "word"], 2, "--steps"),
        (["--to", "pdf", "--logo", "none.png"], 4, "none.png"),
        (["--to", "pdf", "--logo-alt", "a seal"], 2, "--logo-alt without --logo"),
        (["--to", "pdf", "--logo", __file__], 3, "no picture, expected a PNG, JPEG or SVG"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(
    deck: Callable[..., Result], args: list[str], code: int, message: str, tmp_path: Path
) -> None:
    run = deck(*args)
    assert run.exit_code == code
    assert message in run.stderr
    assert run.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_without_the_extra_it_says_what_to_install(
    deck: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    run = deck("--to", "pptx")
    assert run.exit_code == 4
    assert "pip install 'tensorreel[slides]'" in run.stderr
    assert not list(tmp_path.iterdir())


def test_names_without_o(deck: Callable[..., Result]) -> None:
    args = ("query", "-q", "l", "--fps", "5")
    assert deck(*args, "--to", "pptx").stdout.strip() == "renders/transformer.pptx"
    assert deck(*args, "--to", "html").stdout.strip() == "renders/transformer-deck/index.html"
    assert deck(*args, "--to", "html", "--one-file").stdout.strip() == "renders/transformer-deck.html"
    assert deck(*args, "--to", "manim-slides").stdout.strip() == "renders/slides/Transformer.json"
    found = json.loads(deck(*args, "--to", "pdf", "--json").stdout)
    assert found == {"path": "renders/transformer.pdf", "format": "pdf", "parts": 1, "steps": 3}
    assert Path("renders/slides/Transformer.json").is_file()


def test_clips_that_are_kept_are_not_made_again(
    deck: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ("query", "attn-weights", "-q", "l", "--fps", "5")
    assert "2 of 2 to render" in deck(*args, "--to", "html", "--dry-run").stdout
    assert not Path("renders").exists()
    assert deck(*args, "--to", "html").exit_code == 0
    assert "0 of 2 to render" in deck(*args, "--to", "pptx", "--dry-run").stdout
    assert "0 of 2 to render" in deck(*args, "--to", "pdf", "--theme", "dark", "--dry-run").stdout
    assert "2 of 2 to render" in deck(*args, "--to", "pdf", "--dry-run").stdout, "handouts are light"

    def never(jobs: Any, **more: Any) -> Any:
        import dataclasses

        def draw(job: Any, progress: Any) -> Any:
            raise AssertionError("rendered again")

        backend = dataclasses.replace(more["orders"].backend, draw=draw)
        return make_clips(jobs, orders=dataclasses.replace(more["orders"], backend=backend))

    monkeypatch.setattr(making, "make_clips", never)
    run = deck(*args, "--to", "pptx")
    assert run.exit_code == 0, run.stderr
