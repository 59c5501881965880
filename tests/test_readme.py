"""The README says what is true: its table of stages is generated, and what it names exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from tensorreel.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIGURES = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")


def test_the_table_of_stages_is_the_generated_one() -> None:
    table = CliRunner().invoke(main, ["list", "--markdown"], standalone_mode=False).output.strip()
    written = README.partition("<!-- stages -->")[2].partition("<!-- /stages -->")[0].strip()
    assert written == table, "run: tensorreel list --markdown, and put it between the markers"


def test_every_command_is_named_and_every_named_command_exists() -> None:
    code = "\n".join(a or b for a, b in re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", README, flags=re.DOTALL))
    named = set(re.findall(r"tensorreel ([a-z]+)\b", code))
    assert named <= set(COMMANDS)


def test_every_picture_is_there_and_small() -> None:
    pictures = re.findall(r'(?:src="|\]\()(docs/[^")]+)', README)
    assert pictures
    for picture in pictures:
        file = ROOT / picture
        assert 0 < file.stat().st_size < 1_000_000


def test_every_test_that_is_named_exists() -> None:
    for file in re.findall(r"tests/test_\w+\.py", README):
        assert (ROOT / file).is_file(), file


def test_every_command_that_shows_a_figure_finds_its_tests() -> None:
    commands = [shlex.split(c) for c in re.findall(r"`pytest (.*?)`", FIGURES)]
    assert len(commands) >= 20
    for command in commands:
        files = [ROOT / word for word in command if word.startswith("tests/")]
        names = re.findall(r"def (test_\w+)", "".join(file.read_text(encoding="utf-8") for file in files))
        chosen = command[command.index("-k") + 1].split(" or ") if "-k" in command else [""]
        assert names, command
        assert all(any(word in name for name in names) for word in chosen), command
