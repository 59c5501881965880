"""``--json`` means JSON: every command that has it, in every mode, prints one JSON value and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tensorreel.cli import main
from tests import deck_parts
from tests.harness import REAL, run
from tests.stub import STUB

FAST = ("-q", "l", "-j", "1", "--cache-dir", "cache")
CASES: dict[str, dict[str, tuple[str, ...]]] = {
    "render": {
        "clips": ("query", "key", *FAST),
        "film": FAST,
        "subtitles": ("query", "--subtitles", *FAST),
        "a script": ("query", "--script", *FAST),
        "fitting": ("query", "--format", "gif", "--max-size", "9MB", *FAST),
        "slower than asked": ("query", "--format", "gif", "--fps", "60", *FAST),
        "dry": ("-n", *FAST),
        "dry, a clip": ("query", "--dry-run", *FAST),
        "dry, many": ("-n", "--all-heads", "--all-layers", "--all-languages", *FAST),
    },
    "deck": {"dry": ("--to", "pptx", "-n", *FAST), "dry, a page": ("query", "--to", "html", "-n", *FAST)},
    "export": {"arrays": ("--to", "npz"), "a workbook": ("-o", "m.xlsx"), "a notebook": ("--to", "notebook")},
    "evolve": {},  # real checkpoints: test_evolve.py
    "sheet": {},  # real pictures: test_unchanged.py
    "verify": {},  # real files: test_publish_verify.py
    "cache info": {"empty": ("--cache-dir", "cache")},
    "list": {"stages": ()},
    "show": {"a stage": ("attn-scores",), "a place": ("probs", "--token", "2")},
    "diff": {
        "a change": ("m.toml", "--without", "norm", "embedding"),
        "a stage": ("m.toml", "m.toml", "query"),
    },
    "model check": {"a model": ("m.toml",)},
    "lint": {"a stage": ("query", "--tiny", "--lang", "en", "--theme", "dark", "-j", "1")},
    "audit": {"a stage": ("query", "--tiny", "--lang", "en", "--theme", "dark", "-j", "1")},
    "doctor": {"found": (), "missing": ("--font", "nowhere.ttf")},
}
SLOW = ("lint", "audit")


def with_json(group: click.Group, ctx: click.Context, before: str = "") -> Iterator[str]:
    """The names of all commands below a group that have the option."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from with_json(command, ctx, f"{before}{name} ")
        elif any("--json" in param.opts for param in command.params):
            yield f"{before}{name}"


def test_every_command_with_the_option_is_here() -> None:
    assert sorted(with_json(main, click.Context(main))) == sorted(CASES)


def cases() -> list[Any]:
    return [
        pytest.param(name, args, id=f"{name}, {mode}", marks=[pytest.mark.slow] if name in SLOW else [])
        for name, modes in CASES.items()
        for mode, args in modes.items()
    ]


@pytest.mark.parametrize(("name", "args"), cases())
def test_what_is_printed_is_one_json_value(name: str, args: tuple[str, ...], quick: Path) -> None:
    assert run("model", "init", "m.toml", cwd=quick).code == 0
    ended = run(*name.split(), *args, "--json", cwd=quick, backend=REAL if name in SLOW else STUB)
    assert ended.code in (0, 4), ended.err  # 4: the doctor misses something
    assert json.loads(ended.out)
    assert "Traceback" not in ended.err


def test_a_dry_run_says_the_same_as_in_words(quick: Path) -> None:
    args = ("render", "query", "key", *FAST)
    assert run("render", "query", *FAST, cwd=quick).code == 0
    words = run(*args, "-n", cwd=quick).out.splitlines()
    facts = json.loads(run(*args, "-n", "--json", cwd=quick).out)
    assert [f"{c['clip']}: {c['why']}" for c in facts["clips"] if c["render"]] == words[:-1]
    assert words[-1] == f"{facts['to_render']} of 2 to render, {facts['up_to_date']} up to date"


@pytest.mark.parametrize(
    "args", [("render", "nothing"), ("render", "query", "-n", "--layer", "9"), ("show", "x")]
)
def test_an_error_is_a_line_on_stderr_and_no_json(args: tuple[str, ...], quick: Path) -> None:
    ended = run(*args, "--json", cwd=quick)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("tensorreel: error: ")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["d.pptx", "d.html", "d.pdf"])
def test_a_deck_that_is_made_is_told_as_json(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deck_parts.use_toys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["deck", "query", "-o", name, *FAST, "--json", *(["--one-file"] if name == "d.html" else [])])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["path"] == name
