"""Locks that the kernel frees when their holder is gone, however it went: on a file of their own, by the
``filelock`` library (``flock``; ``LockFileEx`` on Windows)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from filelock import lock_descriptor

from tensorreel.core.errors import Busy
from tensorreel.film.job.atomic import no_device, said

_POLL = 0.1
_held: set[int] = set()


def let_go() -> None:
    """For a forked worker: close its copies of the locks, so that they are free once their holder is gone."""
    for handle in _held:
        with suppress(OSError):
            os.close(handle)
    _held.clear()


def lock_path(target: Path) -> Path:
    """The file whose lock stands for ``target``."""
    return target.with_name(f".{target.name}.lock")


def _try(path: Path) -> int | None:
    """A handle that holds the lock, or None while another process does.

    The file may have been removed by its last holder between opening and locking; then it is tried again.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        held = kept = False
        try:
            held = lock_descriptor(handle, blocking=False)
            with suppress(FileNotFoundError):
                kept = held and os.path.samestat(os.fstat(handle), os.stat(path))
        finally:
            if not kept:
                os.close(handle)
        if kept or not held:
            return handle if kept else None


def _release(handle: int, path: Path) -> None:
    """Remove the file while it is still held. Windows removes no file that is open, here or elsewhere: there it
    goes after, or stays for whoever has it open."""
    _held.discard(handle)
    steps = [partial(path.unlink, missing_ok=True), partial(os.close, handle)]
    for step in reversed(steps) if os.name == "nt" else steps:
        with suppress(OSError):
            step()


@contextmanager
def locked(path: Path, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock file at ``path``; yields False where it stayed taken for ``wait`` seconds.

    The file is removed at the end.
    """
    end = time.monotonic() + wait
    handle = _try(path)
    while handle is None and time.monotonic() < end:
        time.sleep(_POLL)
        handle = _try(path)
    try:
        if handle is not None:
            _held.add(handle)
        yield handle is not None
    finally:
        if handle is not None:
            _release(handle, path)


@contextmanager
def holding(targets: Iterable[Path], wait: float = 0.0) -> Iterator[None]:
    """Hold the locks of all targets, in one order for everybody. ``Busy`` when another run has one of them."""
    with ExitStack() as stack:
        for target in sorted(set(targets)):
            no_device(target)
            with said(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                mine = stack.enter_context(locked(lock_path(target), wait))
            if not mine:
                raise Busy(f"{target}: another run writes it, expected to be alone (wait for it with --wait)")
        yield
