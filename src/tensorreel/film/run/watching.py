"""Waiting for saves, and rendering in processes that see the code as it is now."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tensorreel.core.errors import EnvironmentProblem, TensorreelError, Terminated
from tensorreel.film.job.processes import die_with_parent, undisturbed
from tensorreel.film.job.stopping import lose_none
from tensorreel.film.keep.source import PACKAGE, folders
from tensorreel.film.run.workers import outcome_of

_LOOK = 200  # milliseconds between looks at the clock
_QUIET = 100  # milliseconds without a change that end a save: a file is emptied first, then written
_PATIENCE = 1.5  # seconds for a rendering to end its workers and leave


def sources() -> list[Path]:
    """The folders of storyboards, of what they are made of, and of catalogues."""
    base = folders()
    return [base[f"{PACKAGE}.scenes"], base[PACKAGE]]


def changes(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """At every save: the files that changed. Editors that write a new file and rename it are noticed too.

    The first list is empty and comes at once: from then on no save is missed.
    """
    try:
        import watchfiles
    except ImportError as err:
        raise EnvironmentProblem("watchfiles is not installed, expected tensorreel[watch]") from err

    asked = {path.absolute() for path in paths}
    code = {inner for path in asked if path.is_dir() for inner in _with_folders_in(path)}

    def wanted(change: Any, name: str) -> bool:
        path = Path(name)
        return path in asked or (path.suffix in (".py", ".po") and path.parent in code)

    ready = False
    for found in watchfiles.watch(
        *code,
        *{path.parent for path in asked - code},
        recursive=False,  # beside a model there may be a whole home, and there are our own clips
        watch_filter=wanted,
        step=_QUIET,
        rust_timeout=_LOOK,
        yield_on_timeout=True,
    ):
        if found or not ready:
            ready = True
            yield [Path(name) for _, name in found]


def _with_folders_in(folder: Path) -> Iterator[Path]:
    yield folder
    for inner in folder.rglob("*"):
        if inner.is_dir() and inner.name != "__pycache__":
            yield inner


def in_a_fresh_process(fn: Callable[..., Any], *args: Any) -> Any:
    """The result of ``fn`` from a new interpreter, in which every module is read again.

    Ctrl-C reaches only this process, which asks the other one to leave and waits for it.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, os.getpid(), fn, args))
    with undisturbed((signal.SIGINT,)):  # where the new process inherits this, it never hears of it
        process.start()
    theirs.close()
    try:
        kind, value = ours.recv()
    except EOFError:
        process.join()
        raise TensorreelError(f"the rendering process ended with exit code {process.exitcode}") from None
    except BaseException:
        process.terminate()
        raise
    finally:
        process.join(_PATIENCE)
        process.kill()
        process.join()
        ours.close()
    if kind == "done":
        return value
    error = TensorreelError(value[0])
    error.exit_code = value[1]
    raise error


def _child(pipe: Any, parent: int, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    def stop(number: int, frame: Any) -> None:
        raise Terminated

    with suppress(KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop)
        lose_none()
        die_with_parent(parent)
        pipe.send(outcome_of(lambda: fn(*args)))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # all is said; it leaves by itself
    pipe.close()
