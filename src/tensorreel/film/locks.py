"""Locks that the kernel frees when their holder is gone, however it went: ``flock`` on a file of its own."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tensorreel.errors import Busy
from tensorreel.film.publishing import said

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
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)


@contextmanager
def locked(path: Path, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock file at ``path``; yields False where it stayed taken for ``wait`` seconds.

    The file is removed at the end, while it is still held.
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
            _held.discard(handle)
            with suppress(OSError):
                path.unlink(missing_ok=True)
            os.close(handle)


@contextmanager
def holding(targets: Iterable[Path], wait: float = 0.0) -> Iterator[None]:
    """Hold the locks of all targets, in one order for everybody. ``Busy`` when another run has one of them."""
    with ExitStack() as stack:
        for target in sorted(set(targets)):
            with said(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                mine = stack.enter_context(locked(lock_path(target), wait))
            if not mine:
                raise Busy(f"{target}: another run writes it, expected to be alone (wait for it with --wait)")
        yield
