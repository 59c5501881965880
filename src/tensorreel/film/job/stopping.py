"""No stop is lost: Ctrl-C or SIGTERM where nothing can be raised, in a destructor or a callback of the collector.

An event of the caller's stops a run like them (``cancelled_by``).
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

_SOON = 0.01  # seconds


class Event(Protocol):
    """What may be set by another thread, as ``threading.Event`` is."""

    def is_set(self) -> bool:
        """Whether it is."""


class Cancelled(KeyboardInterrupt):
    """Stopped by an event; goes the way of Ctrl-C, so that nothing half stays."""


_CANCEL: ContextVar[Event | None] = ContextVar("cancel", default=None)


@contextmanager
def cancelled_by(event: Event | None) -> Iterator[None]:
    """Inside, whoever waits for workers stops within a second after ``event`` is set."""
    token = _CANCEL.set(event)
    try:
        yield
    finally:
        _CANCEL.reset(token)


def heed() -> None:
    """``Cancelled`` if it is."""
    event = _CANCEL.get()
    if event is not None and event.is_set():
        raise Cancelled


def _stop(number: signal.Signals) -> None:
    """A signal to the main thread; where the system has none, Python makes as if."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(number)


def lose_none() -> None:
    """From now on in this process, a stop that could not be raised comes again a moment later.

    Python would print its traceback and go on. Other exceptions of that kind are told as before.
    """
    before = sys.unraisablehook
    if hasattr(before, "loses_none"):
        return

    def told(lost: Any) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt | SystemExit):
            before(lost)
            return
        number = signal.SIGINT if lost.exc_type is KeyboardInterrupt else signal.SIGTERM
        again = threading.Timer(_SOON, _stop, (number,))
        again.daemon = True
        again.start()

    told.loses_none = True  # type: ignore[attr-defined]
    sys.unraisablehook = told
