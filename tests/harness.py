"""The command line in a process of its own, forked, so that it may be killed and costs no imports."""

from __future__ import annotations

import errno
import io
import mmap
import os
import re
import select
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorreel.cli.cache
import tensorreel.cli.render
import tensorreel.models.reading  # noqa: F401  (so that forked runs need not)
from tensorreel.cli import main
from tensorreel.film import craft as hands
from tensorreel.film import ground, source
from tensorreel.film.craft import Craft
from tensorreel.film.finishing import Plain
from tensorreel.publish import finisher
from tests.stub import STUB


def no_font(path: str | None, words: Sequence[str] = ()) -> str:
    """The same font for everybody."""
    return "no font"


ground.libraries()  # asked of the disk once, for all runs that are forked from here
source.Sources().code("tensorreel.scenes.recap", "mp4")
REAL = hands.REAL
_DONE = re.compile(r"tensorreel: [a-z-]+: \d+ (frame|picture|step)s?( \(\d+ of \d+\))?\n")
NOTHING: Callable[[], None] = lambda: None  # noqa: E731


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

    def __init__(self, args: list[str], cwd: Path, before: Callable[[], None], craft: Craft) -> None:
        self._files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115  (closed by ended)
        self._status: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(args, cwd, before, craft)
        with suppress(OSError):
            os.setpgid(self.pid, self.pid)  # whichever of the two comes first

    def _run(self, args: list[str], cwd: Path, before: Callable[[], None], craft: Craft) -> None:
        code = 99
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the program itself begins
        try:
            os.setpgid(0, 0)
            for target, file in zip((1, 2), self._files, strict=True):
                os.dup2(file.fileno(), target)
            sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), write_through=True)  # noqa: SIM115
            sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), write_through=True)  # noqa: SIM115
            os.chdir(cwd)
            hands.REAL = craft
            if craft is STUB:
                ground.font_digest = no_font  # it reads 40 MB, and the stub draws no letter
                finisher.Finisher = Plain  # type: ignore[misc,assignment]  # text has no tracks
            before()
            signal.signal(signal.SIGINT, signal.default_int_handler)
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

    def ended(self, within: float = 60.0) -> Ended:
        """Wait for the end; a run that takes longer is killed and fails the test."""
        end = time.monotonic() + within
        while not self.gone():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"still running after {within} s")
            self._sleep(0.1)
        texts = []
        for file in self._files:
            file.seek(0)
            texts.append(file.read().decode())
            file.close()
        assert self._status is not None
        return Ended(os.waitstatus_to_exitcode(self._status), texts[0], but_progress(texts[1]))


def start(*args: Any, cwd: Path, before: Callable[[], None] = NOTHING, craft: Craft = STUB) -> Started:
    """Begin ``tensorreel ARGS`` in ``cwd``; ``before`` is called in its process first."""
    return Started([str(a) for a in args], cwd, before, craft)


def run(*args: Any, cwd: Path, before: Callable[[], None] = NOTHING, craft: Craft = STUB) -> Ended:
    """``tensorreel ARGS`` from beginning to end."""
    return start(*args, cwd=cwd, before=before, craft=craft).ended()


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
        from tensorreel.film.publishing import OPERATIONS

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
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)
            code = getattr(errno, self.kind)
            raise OSError(code, os.strerror(code))
