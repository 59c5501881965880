"""Where stderr is no terminal every stage that is done is a line; nobody waits without a word."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tensorreel.cli import main
from tensorreel.core.errors import Incomplete
from tensorreel.film.job.progress import ProgressBar
from tensorreel.review.run import Report
from tensorreel.visuals.look.options import THEMES
from tests import deck_parts


def test_a_line_for_each_clip_that_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar({0: 30, 1: 30, 2: 1, 3: 5}, {0: "attn_scores", 1: "key", 2: "probs", 3: "query"}) as bar:
        bar.update(0, 15)
        bar.finish(0, 31)
        bar.finish(1, 0)  # failed, or only looked at
        bar.finish(2, 1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err == "tensorreel: attn-scores: 31 frames (1 of 4)\ntensorreel: probs: 1 frame (3 of 4)\n"
    )


def test_one_alone_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar({"key": 2}, unit="pictures") as bar:
        bar.finish("key", 3)
    assert capsys.readouterr().err == "tensorreel: key: 3 pictures\n"


def test_the_work_goes_on_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stderr", Deaf())
    with ProgressBar({"key": 2}) as bar:
        bar.finish("key", 2)


def test_a_terminal_has_a_bar_and_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ProgressBar({"key": 2}) as bar:
        bar.finish("key", 2)
    assert "tensorreel:" not in terminal.getvalue()


@pytest.mark.parametrize(
    ("form", "name", "unit"),
    [
        ("pptx", "d.pptx", "frames"),  # a slide for each stage needs no pictures but those of its clips
        ("html", "d/index.html", "pictures"),
        ("manim-slides", "s/D.json", "steps"),
    ],
)
@pytest.mark.runs
def test_a_deck_is_not_silent_until_its_end(
    form: Any,
    name: str,
    unit: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deck_parts.use_toys(monkeypatch)
    deck_parts.build(tmp_path / name, form, cache=tmp_path / "cache")
    said = capsys.readouterr().err.splitlines()
    assert (
        sum("frames" in line for line in said) == sum(unit in line for line in said) == len(deck_parts.TOYS)
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_a_review_says_each_case_that_is_done(
    as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = (
        Report("one [tiny, en]", (), {"beats": 3}),
        Report("two [tiny, en]", ("two: overlap",), {"beats": 4}),
    )
    monkeypatch.setattr("tensorreel.review.run.run", lambda *_: iter(reports))
    only = ("query", "--tiny", "--lang", "en", *(["--json"] if as_json else []))
    with pytest.raises(Incomplete):
        main(["audit", *only], standalone_mode=False)
    told = capsys.readouterr()
    total = 2 * len(THEMES)  # each alone, and after the scene before it
    assert told.err.splitlines() == [
        f"tensorreel: audit: one [tiny, en]: 0 findings (1 of {total})",
        f"tensorreel: audit: two [tiny, en]: 1 findings (2 of {total})",
    ]
    facts = {"cases": total, "models": 1, "beats": 7, "findings": 1}
    words = "two: overlap\n" + ", ".join(f"{n} {name}" for name, n in facts.items()) + "\n"
    assert (json.loads(told.out) == facts | {"found": ["two: overlap"]}) if as_json else (told.out == words)
