"""Jobs in several processes: one job each, longest first; one that dies costs its own job and no other.

Processes are forked, where the system can, from one that has imported Manim already. Never threads: Manim's
configuration belongs to the whole process.
"""

from __future__ import annotations

import gc
import multiprocessing.connection
import os
import pickle
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tensorreel.core.errors import EnvironmentProblem, TensorreelError, outside
from tensorreel.film.job.locks import let_go
from tensorreel.film.job.processes import die_with_parent, listen, orphaned, start_method, undisturbed
from tensorreel.film.job.stopping import heed, lose_none

Work = TypeVar("Work")
Result = TypeVar("Result")
ATTEMPTS = 2  # a process that dies without a word gets one more chance
TIMEOUT = 600.0  # seconds without a frame before a process is taken to hang
_PATIENCE = 1.0  # seconds between asking a process to leave and ending it


@dataclass(frozen=True)
class Outcome(Generic[Work, Result]):
    """What became of one job: its result, or why there is none (one line, and a traceback if there is one)."""

    work: Work
    result: Result | None = None
    error: str = ""
    exit_code: int = 1
    trace: str = ""


@dataclass
class _Running(Generic[Work]):
    work: Work
    process: Any
    pipe: multiprocessing.connection.Connection
    attempt: int
    last: tuple[str, Any] | None = None
    heard: float = field(default_factory=time.monotonic)


def run_all(
    jobs: Sequence[Work],
    make: Callable[[Work, Callable[[int], None]], Result],
    processes: int,
    on_progress: Callable[[Work, int], None] = lambda work, frames: None,
    on_death: Callable[[Work, int], None] = lambda work, pid: None,
    limit: float = TIMEOUT,
) -> Iterator[Outcome[Work, Result]]:
    """Yield an outcome for every job, in the order in which they end; ``jobs`` come longest first.

    ``on_progress`` is told of frames done, ``on_death`` the process id of a worker that left without a word. One that
    says nothing for ``limit`` seconds hangs, and is ended as if it had died. When the caller stops early (an
    exception, Ctrl-C, ``close``, ``cancelled_by``), the running processes are ended and waited for.
    """
    waiting: list[tuple[Work, int]] = [(job, 1) for job in jobs]
    running: list[_Running[Work]] = []
    try:
        while waiting or running:
            heed()
            while waiting and len(running) < max(processes, 1):
                with undisturbed():  # until a worker has its own ways, and is known to whoever ends it
                    running.append(_start(*waiting.pop(0), make))
            for worker in _poll(running, on_progress, limit):
                running.remove(worker)
                if worker.last is None:
                    on_death(worker.work, worker.process.pid or 0)
                if worker.last is None and worker.attempt < ATTEMPTS:
                    waiting.insert(0, (worker.work, worker.attempt + 1))
                else:
                    yield _outcome(worker)
    finally:
        _end(running)


def _end(running: Sequence[_Running[Any]]) -> None:
    """Ask all to leave, give them a moment together, end the rest, and leave none unwaited for.

    A second Ctrl-C cuts the moment short.
    """
    try:
        for worker in running:
            worker.process.terminate()
        end = time.monotonic() + _PATIENCE
        for worker in running:
            worker.process.join(max(end - time.monotonic(), 0))
    except KeyboardInterrupt:
        pass
    finally:
        for worker in running:
            worker.process.kill()
        for worker in running:
            worker.process.join()
            worker.pipe.close()


def _start(job: Work, attempt: int, make: Callable[..., Result]) -> _Running[Work]:
    how = start_method()
    ours, theirs = how.Pipe(duplex=False)
    process = how.Process(target=_child, args=(job, make, theirs, os.getpid(), tempfile.tempdir), daemon=True)
    sys.stdout.flush()
    sys.stderr.flush()
    process.start()
    theirs.close()
    return _Running(job, process, ours, attempt)


def _poll(
    running: Sequence[_Running[Work]], on_progress: Callable[[Work, int], None], limit: float
) -> list[_Running[Work]]:
    """Wait for messages, pass progress on, and return the workers whose pipe has closed."""
    ended = []
    ready = multiprocessing.connection.wait([w.pipe for w in running], timeout=min(1.0, limit))
    now = time.monotonic()
    for worker in running:
        if worker.pipe not in ready:
            if now - worker.heard > limit:
                worker.process.kill()  # its pipe closes, and it counts as dead
            continue
        worker.heard = now
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            worker.pipe.close()
            ended.append(worker)
            continue
        if kind == "frames":
            on_progress(worker.work, value)
        else:
            worker.last = kind, value
    return ended


def _outcome(worker: _Running[Work]) -> Outcome[Work, Any]:
    if worker.last is None:
        code = worker.process.exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return Outcome(worker.work, error=f"its process died twice ({how})")
    kind, value = worker.last
    if kind == "done":
        return Outcome(worker.work, result=pickle.loads(value))  # noqa: S301  (our own worker wrote it)
    message, exit_code, trace = value
    return Outcome(worker.work, error=message, exit_code=exit_code, trace=trace)


def _child(job: Any, make: Callable[..., Any], pipe: Any, parent: int, place: str | None) -> None:
    """In the worker: make one job and say what came of it, temporary files in ``place``. Ctrl-C is the parent's
    business.

    What the parent left to the garbage collector stays where it is: a decoder whose threads live only there
    would be waited for without end.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)  # a scene's objects live to its end: looking through them frees little
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    lose_none()
    listen()
    die_with_parent(parent)
    let_go()
    tempfile.tempdir = place

    def progress(frames: int) -> None:
        if orphaned(parent):
            raise SystemExit(1)  # nobody waits for this any more
        pipe.send(("frames", frames))

    kind, value = outcome_of(lambda: _sendable(make(job, progress)))
    with suppress(OSError):
        pipe.send((kind, value))
    pipe.close()


def _sendable(result: object) -> bytes:
    """A result as bytes for the parent. ``TensorreelError`` where it holds what only this process has."""
    try:
        return pickle.dumps(result)
    except Exception as err:
        raise TensorreelError(
            f"{type(result).__name__}: cannot be sent to another process, expected plain data ({err})"
        ) from err


def outcome_of(make: Callable[[], Any]) -> tuple[str, Any]:
    """``done`` and a result, or ``failed`` and one line, its exit code and the traceback."""
    try:
        return "done", make()
    except TensorreelError as err:
        return "failed", (str(err), err.exit_code, traceback.format_exc())
    except (OSError, MemoryError) as err:
        return "failed", (str(outside(err)), EnvironmentProblem.exit_code, traceback.format_exc())
    except Exception as err:
        return "failed", (f"{type(err).__name__}: {err}", 1, traceback.format_exc())


def _leave(number: int, frame: Any) -> None:
    """End on SIGTERM by an exception, so that temporary files are removed."""
    raise SystemExit(128 + number)
