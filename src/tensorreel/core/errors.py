"""What can go wrong, each kind with its exit code and a message of one line."""

# ruff: noqa: N818  (the names say what happened)
from __future__ import annotations

import unicodedata
from collections.abc import Sized

MAX_MESSAGE = 300


def one_line(message: str, limit: int = MAX_MESSAGE) -> str:
    """The message with control characters escaped, shortened with an ellipsis beyond ``limit`` characters."""
    line = "".join(_escaped(c) for c in message)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def file_named(path: object, most: int = 160) -> str:
    """A file's name for a message: of a very long one its end, so that there is room to say what is wrong."""
    name = str(path)
    return name if len(name) <= most else "…" + name[1 - most :]


def and_more(names: Sized) -> str:
    """What a message says behind the first of some names: `` (and 2 more)``, or nothing."""
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _escaped(char: str) -> str:
    """Control, format, surrogate and separator characters as ``\\n``, ``\\x1b``, ``\\u202e``; others as they are."""
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return char.encode("unicode_escape").decode("ascii")
    return char


class TensorreelError(Exception):
    """A failure that the user can understand; ``exit_code`` is what the command line returns."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UsageProblem(TensorreelError):
    """The request itself makes no sense: an unknown stage, a layer that the model does not have."""

    exit_code = 2


class InputError(TensorreelError):
    """Bad weights, sizes, words or tokens."""

    exit_code = 3


class EnvironmentProblem(TensorreelError):
    """A font, a library, disk space or a permission is missing."""

    exit_code = 4


def outside(err: OSError | MemoryError) -> EnvironmentProblem:
    """What the system refused, as one line."""
    if isinstance(err, MemoryError):
        return EnvironmentProblem("memory: not enough, expected more (or fewer --jobs)")
    place = err.filename if isinstance(err.filename, str | bytes) else "the system"
    place = place.decode(errors="replace") if isinstance(place, bytes) else place
    return EnvironmentProblem(f"{file_named(place)}: {err.strerror or err}, expected to use it")


class Incomplete(TensorreelError):
    """Some stages failed; the finished ones are kept."""

    exit_code = 5


class Busy(TensorreelError):
    """Another run holds the output."""

    exit_code = 6


class Differs(TensorreelError):
    """A file does not show what the model computes."""

    exit_code = 7


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled like Ctrl-C but for the exit code."""


class Interrupted(TensorreelError):
    """Stopped from outside; what was finished is kept."""

    exit_code = 130
