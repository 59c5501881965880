"""Options that are always the same, kept in a file or in the environment, so that nobody types them again.

The file is ``tensorreel.toml``, or the table ``[tool.tensorreel]`` of ``pyproject.toml``: the nearest one at or above the
working directory. A key is the name of an option without its dashes; on top it is meant for every command that has such
an option, in a table of a command's name for that command alone. Paths are seen from the file's folder. In the
environment ``TENSORREEL_LANG`` is meant for every command, ``TENSORREEL_RENDER_LANG`` for one.
What is typed comes first, then the environment, then the file; in each the command's own before the one for all.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from tensorreel.core.errors import InputError

FILE, SHARED, PREFIX = "tensorreel.toml", "pyproject.toml", "TENSORREEL"
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """The value of an option where it is not typed, as it was written; where that was, and whether for all commands."""

    value: Any
    source: str
    for_all: bool


def settings_of(command: click.Command, name: str) -> dict[click.Option, Setting]:
    """What is set for a command's options; ``name`` is the command's own (``render``), without those of its groups.

    Raises ``InputError`` where the file cannot be read.
    """
    path, values = nearest(Path.cwd()) or (None, {})
    found: dict[click.Option, Setting] = {}
    for option in (p for p in command.params if isinstance(p, click.Option) and p.expose_value):
        key = _key(option)
        for variable, for_all in ((_variable(name, key), False), (_variable(key), True)):
            if text := os.environ.get(variable):
                found.setdefault(option, Setting(_split(option, text), variable, for_all))
        for table, for_all in ((values.get(name), False), (values, True)):
            if path and isinstance(table, dict) and key in table:
                value = _seen_from(path, option, table[key])
                found.setdefault(option, Setting(value, str(path), for_all))
    return found


def defaults(command: click.Command, name: str) -> dict[str, Any]:
    """The values of ``settings_of`` as click wants them, by a command's parameters; for a group by its commands."""
    if isinstance(command, click.Group):
        return {key: defaults(one, key) for key, one in command.commands.items()}
    return {str(option.name): setting.value for option, setting in settings_of(command, name).items()}


def everywhere(commands: Mapping[str, click.Command]) -> dict[str, Setting]:
    """All that is set: ``--lang``, or ``render --lang`` where it is meant for one command."""
    told: dict[str, Setting] = {}
    for name, command in _leaves(commands):
        for option, setting in settings_of(command, name).items():
            whole = f"--{_key(option)}"
            told.setdefault(whole if setting.for_all else f"{name} {whole}", setting)
    return told


def unknown(commands: Callable[[], Mapping[str, click.Command]]) -> str | None:
    """A key of the file that no command has as an option, and the file; ``None`` where there is none.

    The commands are asked for only where there is a file.
    """
    if (found := nearest(Path.cwd())) is None:
        return None
    (path, values), leaves = found, dict(_leaves(commands()))
    for key, value in values.items():
        of = [leaves[key]] if isinstance(value, dict) and key in leaves else [*leaves.values()]
        wanted = [*value] if isinstance(value, dict) and key in leaves else [key]
        for option in wanted:
            if not any(option == _key(p) for c in of for p in c.params if isinstance(p, click.Option)):
                return f"{path}: {option}: no option of {key if key in leaves else 'any command'}"
    return None


def _leaves(commands: Mapping[str, click.Command]) -> Iterator[tuple[str, click.Command]]:
    for name, command in commands.items():
        yield from _leaves(command.commands) if isinstance(command, click.Group) else [(name, command)]


def place_of(error: click.ClickException) -> str:
    """Where the value was set that is complained of, as the end of a line; nothing where it was typed."""
    option, context = getattr(error, "param", None), error.__dict__.get("ctx")
    if not isinstance(option, click.Option) or context is None:
        return ""
    if context.get_parameter_source(str(option.name)) is not ParameterSource.DEFAULT_MAP:
        return ""
    return f" (set by {settings_of(context.command, str(context.info_name))[option].source})"


# ---- the file ------------------------------------------------------------------------------------------------
def nearest(folder: Path) -> tuple[Path, Values] | None:
    """The nearest file of settings at or above a folder, and what it says."""
    for place in (folder, *folder.parents):
        for path in (place / FILE, place / SHARED):
            if (values := _table(path)) is not None:
                return path, values
    return None


def _table(path: Path) -> Values | None:
    """What a file says of us; nothing where it is not there or says nothing."""
    if not path.is_file():
        return None
    text = path.read_bytes()
    if path.name == SHARED and b"tool.tensorreel" not in text:
        return None
    try:
        whole = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: no TOML ({err})") from err
    return whole if path.name == FILE else whole.get("tool", {}).get("tensorreel")


def _seen_from(path: Path, option: click.Option, value: Any) -> Any:
    """A value of the file; a path in it is one from the file's folder."""
    return (
        str(path.parent / value) if isinstance(option.type, click.Path) and isinstance(value, str) else value
    )


# ---- names ---------------------------------------------------------------------------------------------------
def _key(option: click.Option) -> str:
    """The longest name of an option, as it is typed, without its dashes."""
    return max(option.opts, key=len).lstrip("-")


def _variable(*names: str) -> str:
    return "_".join([PREFIX, *names]).upper().replace("-", "_")


def _split(option: click.Option, text: str) -> Any:
    """What a variable says: a list where the option may come more than once."""
    return [*option.type.split_envvar_value(text)] if option.multiple else text
