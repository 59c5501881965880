"""What all tests share: a cache of their own, so that none of them finds what another one made."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["TENSORREEL_TESTS"] = str(os.getpid())  # this process, which no signal of a test must reach


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--accept-pictures``: what is drawn now is what ``tests/golden`` shall hold."""
    parser.addoption("--accept-pictures", action="store_true", help="keep what is drawn now in tests/golden")


def pytest_configure() -> None:
    """Programs that a test starts hear Ctrl-C, also where a shell began the tests in the background, deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty cache folder, also for the processes that a test starts."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TENSORREEL_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """An empty folder in memory where there is one, since the tests of faults write and sync a lot."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="tensorreel-test-") as folder:
        yield Path(folder)
