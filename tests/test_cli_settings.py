"""Options from a file and from the environment: who comes first, what is refused, and where a value came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import assert_one_line, run

SETTINGS = "tensorreel.toml"


@pytest.fixture
def below(tmp_path: Path) -> Path:
    """A folder two floors down in a project, ``tmp_path``."""
    folder = tmp_path / "talks" / "monday"
    folder.mkdir(parents=True)
    return folder


def tokens(folder: Path, *typed: str) -> int:
    """How long the sentence is that ``list`` takes."""
    ended = run("list", "--json", *typed, cwd=folder)
    assert ended.code == 0, ended.err
    return int(json.loads(ended.out)[0]["output"]["shape"][0])


def test_the_nearest_file_counts(tmp_path: Path, below: Path) -> None:
    assert tokens(below) == 5
    (tmp_path / SETTINGS).write_text('text = "糖の"\n', encoding="utf-8")
    assert tokens(below) == 2
    (tmp_path / "talks" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert tokens(below) == 2, "a project that says nothing of us is passed by"
    (tmp_path / "talks" / "pyproject.toml").write_text('[tool.tensorreel]\ntokens = "1 2 3"\n')
    assert tokens(below) == 3


def test_who_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / SETTINGS).write_text('tokens = "1"\n[show]\ntokens = "1 2 3 4"\n[list]\ntokens = "1 2"\n')
    assert tokens(tmp_path) == 2
    monkeypatch.setenv("TENSORREEL_TOKENS", "1 2 3")
    assert tokens(tmp_path) == 3
    monkeypatch.setenv("TENSORREEL_LIST_TOKENS", "1 2 3 4")
    assert tokens(tmp_path) == 4
    assert tokens(tmp_path, "--tokens", "1 2 3 4 5") == 5


def test_paths_are_seen_from_the_file_and_options_may_come_again(tmp_path: Path, below: Path) -> None:
    assert run("model", "init", "my.toml", "--sample", "en", cwd=tmp_path).code == 0
    (tmp_path / SETTINGS).write_text('model = "my.toml"\nwithout = ["residual", "relu"]\n')
    shown = run("show", "probs", "--json", cwd=below).out
    (tmp_path / SETTINGS).unlink()
    typed = ("--model", tmp_path / "my.toml", "--without", "residual", "--without", "relu")
    assert shown == run("show", "probs", "--json", *typed, cwd=below).out
    assert shown != run("show", "probs", "--json", cwd=below).out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('lnag = "ja"', "lnag: no option of any command"),
        ('[render]\nlnag = "ja"', "lnag: no option of render"),
        ("lang = ", "no TOML"),
        ('[render]\ntheme = "purple"', "'purple'"),
        ("pace = 90", "90"),
    ],
)
def test_what_does_not_fit_is_one_line_that_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / SETTINGS).write_text(text)
    line = assert_one_line(run("render", "query", "-n", cwd=tmp_path))
    assert said in line
    assert str(tmp_path / SETTINGS) in line


def test_a_command_that_has_no_such_option_does_without(tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text('quality = "l"\n[deck]\nto = "pptx"\n')
    assert tokens(tmp_path) == 5


def test_the_doctor_says_what_is_set_and_by_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / SETTINGS).write_text('lang = "ja"\n[render]\nquality = "l"\n')
    monkeypatch.setenv("TENSORREEL_DECK_TO", "html")
    told = {d["name"]: d["found"] for d in json.loads(run("doctor", "--json", cwd=tmp_path).out)}
    assert told["--lang"] == f"ja (set by {tmp_path / SETTINGS})"
    assert told["render --quality"] == f"l (set by {tmp_path / SETTINGS})"
    assert told["deck --to"] == "html (set by TENSORREEL_DECK_TO)"
