"""The tests of signals themselves: none can reach pytest's own process, and a run that hangs leaves nothing open."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import tensorreel.cli.tables
from tests.harness import HANGS, run, send, start, struck, until
from tests.test_safe_workers import alive

SENDING = {"kill", "killpg", "raise_signal", "pthread_kill", "interrupt_main"}


def sent(tree: ast.AST) -> set[str]:
    """Calls of os and signal that send a signal."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [f for f in called if isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name)]
    return {
        f"{ast.unparse(f)}" for f in names if f.attr in SENDING and ast.unparse(f.value) in ("os", "signal")
    }


def test_signals_go_out_by_the_harness_alone() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        found = sent(ast.parse(path.read_text(encoding="utf-8")))
        assert not found or path.name == "harness.py", (path.name, found)


def test_the_harness_sends_none_to_the_tests() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as mine:
        for pid, group in ((os.getpid(), False), (os.getppid(), False), (1, False), (mine.pid, True)):
            with pytest.raises(AssertionError):
                send(pid, 0, group=group)
        send(mine.pid, signal.SIGKILL)
    with pytest.raises(AssertionError, match="process of the tests"):
        struck(0)


def test_a_run_that_hangs_is_ended_and_leaves_nothing_open(quick: Path) -> None:
    def hang() -> None:
        print("so far", flush=True)
        time.sleep(5 * HANGS)

    going = start("list", cwd=quick, before=hang)
    until(lambda: "so far" in going._said()[0])
    with pytest.raises(AssertionError, match=r"still running after 0 s.*so far"):
        going.ended(within=0)
    assert all(file.closed for file in going._files)
    assert not alive(going.pid)


def test_a_run_has_no_hook_of_pytest(quick: Path) -> None:
    def tell() -> None:
        print(sys.unraisablehook is sys.__unraisablehook__, sys.excepthook is sys.__excepthook__)
        print(threading.excepthook is threading.__excepthook__)

    ended = run("list", cwd=quick, before=tell)
    assert ended.out.startswith("True True\nTrue\n")


class Deaf:
    """Gets a stop where nothing can be raised."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        struck(self.number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_in_a_destructor_is_not_lost(number: int, code: int, quick: Path) -> None:
    """Python prints a traceback and goes on; the program stops, and says one line."""

    def busy(**given: object) -> None:
        from tensorreel.cli.running import ending_on_sigterm

        with ending_on_sigterm():
            Deaf(number)
            time.sleep(HANGS)
        print("lost")

    def begin() -> None:
        tensorreel.cli.tables.list_.callback = busy

    ended = run("list", cwd=quick, before=begin)
    assert (ended.code, ended.out, ended.err.lstrip()) == (code, "", "tensorreel: interrupted\n")
