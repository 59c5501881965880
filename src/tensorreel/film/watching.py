"""Waiting for saves, and rendering in processes that see the code as it is now."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tensorreel.errors import EnvironmentProblem, TensorreelError
from tensorreel.film.source import PACKAGE, folders


def sources() -> list[Path]:
    """The folders of storyboards and of what they are made of."""
    base = folders()
    return [base[f"{PACKAGE}.scenes"], base[PACKAGE]]


def changes(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """At every save: the files that changed. Editors that write a new file and rename it are noticed too."""
    try:
        import watchfiles
    except ImportError as err:
        raise EnvironmentProblem("watchfiles is not installed, expected tensorreel[watch]") from err

    asked = [path.absolute() for path in paths]
    watched = {path if path.is_dir() else path.parent for path in asked}

    def wanted(change: Any, name: str) -> bool:
        path = Path(name)
        inside = any(folder in path.parents for folder in asked if folder.is_dir())
        return path in asked or (inside and path.suffix == ".py")

    for found in watchfiles.watch(*watched, watch_filter=wanted, raise_interrupt=True):
        yield [Path(name) for _, name in found]


def in_a_fresh_process(fn: Callable[..., Any], *args: Any) -> Any:
    """The result of ``fn`` from a new interpreter, in which every module is read again."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, fn, args))
    process.start()
    theirs.close()
    try:
        kind, value = ours.recv()
    except EOFError:
        process.join()
        raise TensorreelError(f"the rendering process ended with exit code {process.exitcode}") from None
    finally:
        process.join()
    if kind == "done":
        return value
    error = TensorreelError(value[0])
    error.exit_code = value[1]
    raise error


def _child(pipe: Any, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        pipe.send(("done", fn(*args)))
    except TensorreelError as err:
        pipe.send(("failed", (str(err), err.exit_code)))
    except Exception as err:
        pipe.send(("failed", (f"{type(err).__name__}: {err}", 1)))
