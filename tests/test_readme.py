"""The README and the pages of ``docs`` say what is true: tables are generated, and what they name exists."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from tensorreel.cli import COMMANDS, main
from tests.test_floors import FLOORS

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
WORDS_MOST = 1200  # of the README: the rest is for docs
each_page = pytest.mark.parametrize("page", TEXTS)


def test_the_table_of_stages_is_the_generated_one() -> None:
    table = CliRunner().invoke(main, ["list", "--markdown"], standalone_mode=False).output.strip()
    page = TEXTS["docs/stages.md"]
    written = page.partition("<!-- stages -->")[2].partition("<!-- /stages -->")[0].strip()
    assert written == table, "run: tensorreel list --markdown, and put it between the markers"


def commands(page: str) -> set[str]:
    """The commands of tensorreel that stand in a page's code."""
    code = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", TEXTS[page], flags=re.DOTALL)
    return set(re.findall(r"tensorreel ([a-z]+)\b", "\n".join(a or b for a, b in code)))


@each_page
def test_every_named_command_exists(page: str) -> None:
    assert commands(page) <= set(COMMANDS)


def test_every_command_is_named() -> None:
    assert all(f"`{name}`" in TEXTS["docs/command-line.md"] for name in COMMANDS)


def test_the_readme_is_short() -> None:
    assert len(TEXTS["README.md"].split()) <= WORDS_MOST


def test_every_picture_is_there_and_small() -> None:
    pictures = re.findall(r'src="(docs/[^")]+)', TEXTS["README.md"])
    assert pictures
    for picture in pictures:
        file = ROOT / picture
        assert 0 < file.stat().st_size < 1_000_000


@each_page
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", TEXTS[page]):
        assert ((ROOT / page).parent / target).exists(), target


def test_every_page_is_linked_from_the_readme_or_from_a_page_that_is() -> None:
    seen, waiting = set[str](), {"README.md"}
    while waiting:
        page = waiting.pop()
        seen.add(page)
        linked = {(ROOT / page).parent / t for t in re.findall(r"\]\(([^):#\s]+\.md)", TEXTS[page])}
        waiting |= {p.resolve().relative_to(ROOT.resolve()).as_posix() for p in linked} & set(TEXTS) - seen
    assert seen == set(TEXTS)


@each_page
def test_every_test_that_is_named_exists(page: str) -> None:
    for file in re.findall(r"tests/test_\w+\.py", TEXTS[page]):
        assert (ROOT / file).is_file(), file


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md", "docs/languages.md"])
def test_every_file_that_is_named_exists(page: str) -> None:
    """A name in capitals stands for one of yours."""
    places = (ROOT, ROOT / "src/tensorreel")
    files = [
        f for f in re.findall(r"`([\w./-]+/[\w.-]*)`", TEXTS[page]) if not re.search(r"\b[A-Z]{2,}\b", f)
    ]
    assert files
    assert [file for file in files if not any((place / file).exists() for place in places)] == []


def test_the_rooms_in_the_picture_are_those_of_the_floors() -> None:
    """Each room is there, and none stands above one that lies on a higher floor than its own."""
    picture = TEXTS["docs/architecture.md"].partition("```\n")[2].partition("```")[0]
    level = {room: n for n, rooms in enumerate(FLOORS) for room in rooms if room}
    floors = [re.findall(r"[a-z_.]+", line.partition("|")[0]) for line in picture.splitlines()]
    drawn = [room for line in floors for room in line]
    assert sorted(drawn) == sorted(level)
    assert all(level[a] >= level[b] for a, b in pairwise(drawn))


def test_every_command_that_shows_a_figure_finds_its_tests() -> None:
    commands = [shlex.split(c) for c in re.findall(r"`pytest (.*?)`", TEXTS["docs/figures.md"])]
    assert len(commands) >= 20
    for command in commands:
        files = [ROOT / word for word in command if word.startswith("tests/")]
        names = re.findall(r"def (test_\w+)", "".join(file.read_text(encoding="utf-8") for file in files))
        chosen = command[command.index("-k") + 1].split(" or ") if "-k" in command else [""]
        assert names, command
        assert all(any(word in name for name in names) for word in chosen), command
