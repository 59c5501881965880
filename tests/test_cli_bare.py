"""Every command without arguments: a group shows its help, any other one does its work or says in one line what it
needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tensorreel.cli import main
from tests.harness import assert_one_line, listed, run


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words that call a command, and those of each of its own commands."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))


ALL = list(_commands(main))
GROUPS = [path for path in ALL if any(other[:-1] == path for other in ALL if other)]


def _without_pictures() -> None:
    """A watch of one round, sheets and reviews that find nothing to do; clips are the stub's."""
    from tensorreel.film.run import sheets, watching
    from tensorreel.review import run as review

    watching.changes = lambda paths: iter([[]])
    sheets.make_sheets = lambda *args: []
    review.run = lambda *args: iter(())


def test_commands_are_found_at_every_depth() -> None:
    assert {(), ("render",), ("model",), ("model", "init"), ("cache", "prune")} <= set(ALL)
    assert set(GROUPS) >= {(), ("model",), ("cache",)}


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_without_arguments_no_command_is_at_a_loss(path: tuple[str, ...], quick: Path) -> None:
    ended = run(*path, cwd=quick, before=_without_pictures)
    if path in GROUPS:
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("Usage: ")
        assert ended.err.count("\n") > 5  # lines that can be read
        assert "tensorreel: error" not in ended.err
    elif ended.code == 2:
        assert_one_line(ended, 2)
        assert listed(quick) == []
    else:
        assert ended.code in (0, 4)  # 4: the doctor misses something here
        assert "error" not in ended.err


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_a_group_says_the_same_when_it_is_asked_for_help(path: tuple[str, ...], quick: Path) -> None:
    bare, asked = run(*path, cwd=quick), run(*path, "--help", cwd=quick)
    assert (asked.code, asked.out, asked.err) == (0, bare.err, "")
