"""How processes begin, what they hear and how they end, on every system.

POSIX forks, holds signals back and gives an orphan another parent; Windows does none of this. What a system has
is asked of Python, not concluded from its name.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

STOPS = (signal.SIGINT, signal.SIGTERM)
_PDEATHSIG = 1  # prctl(2)


def start_method() -> Any:
    """Processes are forked, where the system can; elsewhere each is a fresh interpreter."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else "spawn")


@contextmanager
def undisturbed(signals: Collection[signal.Signals] = STOPS) -> Iterator[None]:
    """Signals wait until the end. Where they can be held back, a process that is started meanwhile begins so."""
    before = _mask("SIG_BLOCK", signals)
    if before is not None:
        try:
            yield
        finally:
            _mask("SIG_SETMASK", before)
    elif threading.current_thread() is not threading.main_thread():
        yield  # it hears none
    else:
        with _noted(signals):
            yield


def _mask(how: str, signals: Collection[Any]) -> Collection[Any] | None:
    """Change which signals are held back; those that were so before, or None where there is no such thing."""
    if hasattr(signal, "pthread_sigmask"):
        return signal.pthread_sigmask(getattr(signal, how), signals)
    return None


@contextmanager
def _noted(signals: Collection[signal.Signals]) -> Iterator[None]:
    """The same by handlers: what comes is noted, and raised again at the end."""
    heard: list[int] = []
    before = {number: signal.signal(number, lambda n, frame: heard.append(n)) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for again in heard:
            signal.raise_signal(again)


def listen(signals: Collection[signal.Signals] = STOPS) -> None:
    """For a process that was started undisturbed: hear them from now on."""
    _mask("SIG_UNBLOCK", signals)


def orphaned(parent: int) -> bool:
    """Whether the process that started this one is gone. An orphan of POSIX gets another parent; on Windows it
    keeps the number, and the parent itself is asked."""
    if hasattr(os, "fork"):
        return os.getppid() != parent
    known = multiprocessing.parent_process()
    return known is not None and not known.is_alive()


def die_with_parent(parent: int) -> None:
    """Where the system can: end this process the moment its parent is gone, however that went."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    if orphaned(parent):
        raise SystemExit(1)


def leave_with_parent() -> None:
    """For a process that some thread has started: look every second whether its parent is still there.

    Windows does not tell; there the process ends with its work.
    """
    parent = os.getppid()

    def look() -> None:
        while not orphaned(parent):
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
