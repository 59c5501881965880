"""What would be written again as it is keeps its time and its place: for every file of every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests import deck_parts
from tests.harness import run

pytestmark = pytest.mark.runs

CLIP = ("attn-scores", "--cache-dir", "cache", "-q", "l", "-j", "1")
RUNS: dict[str, tuple[str, ...]] = {
    "clip": ("render", *CLIP),
    "clip again": ("render", *CLIP, "--force"),
    "clip without a cache": ("render", "attn-scores", "--cache-dir", "/dev/null/none", "-q", "l", "-j", "1"),
    "subtitles": ("render", *CLIP, "--subtitles"),
    "film": ("render", "--cache-dir", "cache", "-q", "l", "-j", "1", "--subtitles", "--force"),
    "gif": ("render", *CLIP, "--format", "gif", "--force"),
    "model": ("model", "init", "m.toml", "--force"),
}


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """The files of people's own, with inode and time."""
    files = [p for p in folder.rglob("*") if p.is_file() and "cache" not in p.relative_to(folder).parts]
    return {str(p.relative_to(folder)): (p.stat().st_ino, p.stat().st_mtime_ns) for p in files}


def age(folder: Path) -> dict[str, tuple[int, int]]:
    """Make every file old, so that a new one is seen whatever the clock's steps are."""
    for name in state(folder):
        os.utime(folder / name, (1_000_000_000, 1_000_000_000))
    return state(folder)


@pytest.mark.parametrize("what", RUNS)
def test_a_command_leaves_equal_files_alone(what: str, quick: Path) -> None:
    assert run(*RUNS[what], cwd=quick).code == 0
    before = age(quick)
    assert before
    assert run(*RUNS[what], cwd=quick).code == 0
    assert state(quick) == before


DECKS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "pptx": ("d.pptx", "pptx", {}),
    "html": ("d/index.html", "html", {}),
    "one file": ("d.html", "html", {"one_file": True}),
    "handout": ("d.pdf", "pdf", {}),
    "slides": ("d.pdf", "pdf", {"layout": "slides"}),
    "manim-slides": ("s/D.json", "manim-slides", {}),
}


@pytest.mark.parametrize("what", DECKS)
def test_a_deck_that_is_the_same_is_left_alone(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a day later: no format says when it was made."""
    deck_parts.use_toys(monkeypatch)
    name, form, wish = DECKS[what]
    (tmp_path / "out").mkdir()
    deck_parts.build(tmp_path / "out" / name, form, **wish)
    before = age(tmp_path / "out")
    later, now = time.localtime(time.time() + 90_000), time.time() + 90_000
    monkeypatch.setattr(time, "localtime", lambda *args: later)
    monkeypatch.setattr(time, "time", lambda: now)
    deck_parts.build(tmp_path / "out" / name, form, **wish)
    assert state(tmp_path / "out") == before


@pytest.mark.slow
def test_a_contact_sheet_that_is_the_same_is_left_alone(tmp_path: Path) -> None:
    main = "from tensorreel.cli import main; main()"
    command = [sys.executable, "-c", main, "sheet", "opening", "--pace", "10", "--json"]
    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    before = age(tmp_path)
    assert list(before) == [json.loads(first.stdout)[0]["path"]]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert state(tmp_path) == before
