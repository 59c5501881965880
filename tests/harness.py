"""The command line in a process of its own, forked, so that it may be killed and costs no imports."""

from __future__ import annotations

import errno
import faulthandler
import gc
import io
import mmap
import os
import re
import select
import signal
import struct
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import tensorreel.cli.cache
import tensorreel.cli.render
import tensorreel.models.reading  # noqa: F401  (so that forked runs need not)
from tensorreel.cli import LazyGroup, main
from tensorreel.film.keep import fingerprint, source
from tensorreel.film.make import backend as backends
from tensorreel.film.make.backend import Backend
from tensorreel.film.run.delivery import Plain
from tensorreel.publish import labelling
from tests.stub import STUB


def no_font(path: str | None, lang: str, words: Sequence[str] = ()) -> str:
    """The same font for everybody."""
    return "no font"


fingerprint.libraries()  # asked of the disk once, for all runs that are forked from here
source.Sources().code("tensorreel.scenes.recap", "mp4")
REAL = backends.DEFAULT
_DONE = re.compile(r"tensorreel: [a-z-]+: \d+ (frame|picture|step|sentence)s?( \(\d+ of \d+\))?\n")
NOTHING: Callable[[], None] = lambda: None  # noqa: E731
HANGS = 120.0  # seconds; whatever takes longer hangs, however busy the machine is


def the_tests() -> int:
    """The number of pytest's own process, as ``conftest`` wrote it down for all that it starts."""
    return int(os.environ["TENSORREEL_TESTS"])


def send(pid: int, *signals: int, group: bool = False, pause: float = 0.0) -> None:
    """Signals to a process that a test has started, or to the group it leads; never to the tests themselves."""
    assert pid > 1
    assert pid not in (the_tests(), os.getpid(), os.getppid())
    for number in signals:
        if group:
            assert os.getpgid(pid) == pid != os.getpgrp(), "a group of its own"
        (os.killpg if group else os.kill)(pid, number)
        time.sleep(pause)


def struck(number: int) -> None:
    """For a worker: a signal to itself."""
    assert os.getpid() != the_tests(), "this is the process of the tests"
    os.kill(os.getpid(), number)


def until(true: Callable[[], Any], told: Callable[[], Any] = NOTHING, within: float = HANGS) -> None:
    """Wait for something to come true; ``told`` says how things stand where it does not."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, told()
        time.sleep(0.01)


def but_progress(err: str) -> str:
    """What stands on stderr beside the lines that say which stage is done."""
    return "".join(line for line in err.splitlines(keepends=True) if not _DONE.fullmatch(line))


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code (negative: the signal), what it printed; ``err`` without progress."""

    code: int
    out: str
    err: str


class Started:
    """A run that is going on."""

    def __init__(self, args: list[str], cwd: Path, before: Callable[[], None], backend: Backend) -> None:
        self._files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115  (closed by ended)
        self._status: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(args, cwd, before, backend)
        with suppress(OSError):
            os.setpgid(self.pid, self.pid)  # whichever of the two comes first

    def _run(self, args: list[str], cwd: Path, before: Callable[[], None], backend: Backend) -> None:
        code = 99
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the program itself begins
        try:
            os.setpgid(0, 0)
            _forget_the_tests()
            for target, file in zip((1, 2), self._files, strict=True):
                os.dup2(file.fileno(), target)
            sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), write_through=True)  # noqa: SIM115
            sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), write_through=True)  # noqa: SIM115
            os.chdir(cwd)
            backends.DEFAULT = backend
            if backend is STUB:
                fingerprint.font_digest = no_font  # it reads 40 MB, and the stub draws no letter
                labelling.Labeller = Plain  # type: ignore[misc,assignment]  # text has no tracks
            before()
            signal.signal(signal.SIGINT, _ctrl_c)
            main(args)
        except SystemExit as err:
            code = err.code if isinstance(err.code, int) else 98
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def gone(self) -> bool:
        """Whether it has ended by itself."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is not None

    def _sleep(self, most: float) -> None:
        """Until it ends, where the system can wake us up, or for a while."""
        try:
            handle = os.pidfd_open(self.pid)
        except (OSError, AttributeError):
            time.sleep(min(most, 0.01))
            return
        try:
            select.select([handle], [], [], most)
        finally:
            os.close(handle)

    def ended(self, within: float = HANGS) -> Ended:
        """Wait for the end; a run that takes longer is killed, with all that it started, and fails the test."""
        end = time.monotonic() + within
        try:
            while not self.gone():
                if time.monotonic() > end:
                    send(self.pid, signal.SIGKILL, group=True)
                    os.waitpid(self.pid, 0)
                    raise AssertionError(f"still running after {within} s: {self._said()}")
                self._sleep(0.1)
            assert self._status is not None
            out, err = self._said()
            return Ended(os.waitstatus_to_exitcode(self._status), out, but_progress(err))
        finally:
            for file in self._files:
                file.close()

    def _said(self) -> list[str]:
        """What it has printed so far, on stdout and stderr."""
        texts = []
        for file in self._files:
            file.seek(0)
            texts.append(file.read().decode())
        return texts


def _forget_the_tests() -> None:
    """In a forked run: what pytest put in Python's place is Python's own again, and its objects stay where they
    are, so that neither its hooks nor its destructors run here. A file that Ctrl-C caught between being opened and
    being held is closed without a word, as in any Python."""
    sys.excepthook, sys.unraisablehook = sys.__excepthook__, sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    warnings.simplefilter("ignore", ResourceWarning)
    faulthandler.disable()
    gc.freeze()


def _ctrl_c(number: int, frame: FrameType | None) -> None:
    """Ctrl-C within the program is an exception, as always; before it begins and after its end it ends a run."""
    while frame is not None:
        if frame.f_code is LazyGroup.main.__code__:
            raise KeyboardInterrupt
        frame = frame.f_back
    os._exit(130)


def start(*args: Any, cwd: Path, before: Callable[[], None] = NOTHING, backend: Backend = STUB) -> Started:
    """Begin ``tensorreel ARGS`` in ``cwd``; ``before`` is called in its process first."""
    return Started([str(a) for a in args], cwd, before, backend)


def run(*args: Any, cwd: Path, before: Callable[[], None] = NOTHING, backend: Backend = STUB) -> Ended:
    """``tensorreel ARGS`` from beginning to end."""
    return start(*args, cwd=cwd, before=before, backend=backend).ended()


def assert_one_line(ended: Ended, code: int | None = None) -> str:
    """One line of the documented form and nothing else on stderr; returns what stands behind the prefix."""
    assert ended.err.startswith("tensorreel: error: "), ended
    assert ended.err.count("\n") == 1, ended
    line = ended.err.removeprefix("tensorreel: error: ").rstrip("\n")
    assert len(line) <= 300
    assert line.isprintable()
    if code is not None:
        assert ended.code == code, ended
    return line


def listed(folder: Path) -> list[str]:
    """Every file in a folder, hidden ones too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


# ---- faults at file operations ----------------------------------------------------------------------------
_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "os.scandir", "os.listdir"}
_WRITES = {"os.rename", "os.mkdir", "write", "sync", "copy"}


class Saboteur:
    """Counts the file operations below a folder, in a process and its children, and spoils one.

    ``kind`` is ``kill`` (the process that does the operation dies), or an errno that the operation raises;
    ``lasting`` errors are raised by every later operation too.
    """

    def __init__(self, folder: Path, at: int = -1, kind: str = "kill", lasting: bool = False) -> None:
        self.folder, self.at, self.kind, self.lasting = str(folder), at, kind, lasting
        self._count = mmap.mmap(-1, 8)

    @property
    def count(self) -> int:
        """Operations so far."""
        found: int = struct.unpack("q", self._count[:8])[0]
        return found

    def __call__(self) -> None:
        """Begin, in the process that is to be spoiled."""
        from tensorreel.film.job.atomic import OPERATIONS

        sys.addaudithook(self._audited)
        for name in ("write", "sync", "copy"):
            OPERATIONS[name] = self._wrapped(name, OPERATIONS[name])

    def _wrapped(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def spoiled(*args: Any) -> Any:
            self._pass(name)
            return operation(*args)

        return spoiled

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in _EVENTS or not isinstance(args[0], str | bytes | os.PathLike):
            return
        if os.fsdecode(args[0]).startswith(self.folder):
            writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
            self._pass("write" if writes else event)

    def _pass(self, name: str) -> None:
        number = self.count
        if self.kind == "ENOSPC" and name not in _WRITES:
            return
        self._count[:8] = struct.pack("q", number + 1)
        if number == self.at or (self.lasting and number > self.at >= 0):
            if self.kind == "kill":
                struck(signal.SIGKILL)
            code = getattr(errno, self.kind)
            raise OSError(code, os.strerror(code))
