"""How files come to stand under their names, step by step; and a last word that is said whatever happens."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import tensorreel.cli
from tensorreel.cli import main
from tensorreel.core.errors import EnvironmentProblem
from tensorreel.film.job import atomic
from tensorreel.film.job.atomic import (
    OPERATIONS,
    move,
    publish_bytes,
    publish_text,
    replacing,
    sweep,
)
from tests.harness import listed

NEW = "new" * 99


def moved(source: Path, target: Path) -> None:
    move(source, target)


def copied(source: Path, target: Path, check: Callable[[Path], None] = lambda path: None) -> None:
    with replacing(target) as part:
        atomic.copy(source, part)
        check(part)


def written(source: Path, target: Path) -> None:
    publish_bytes(source.read_bytes(), target)


def text(source: Path, target: Path) -> None:
    publish_text(source.read_text(), target)


WAYS: tuple[Callable[[Path, Path], None], ...] = (moved, copied, written, text)
ways = pytest.mark.parametrize("publish", WAYS, ids=lambda way: way.__name__)


@pytest.fixture
def target(quick: Path) -> Path:
    """A file of yesterday, and beside it ``source``, which shall take its place."""
    (quick / "source").write_text(NEW)
    (quick / "out").mkdir()
    (quick / "out" / "clip.mp4").write_text("old")
    return quick / "out" / "clip.mp4"


@ways
def test_a_file_is_on_the_disk_before_it_has_its_name(
    publish: Callable[[Path, Path], None], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Synced, renamed, and the folder synced: a power cut leaves the old file or the new one."""
    steps: list[tuple[str, str, int]] = []

    def sync(handle: int) -> None:
        place = Path(os.readlink(f"/proc/self/fd/{handle}"))
        steps.append(("sync", "folder" if place == target.parent else "new", place.stat().st_ino))

    def replace(made: Path, place: Path) -> None:
        assert place == target
        steps.append(("replace", "new", made.stat().st_ino))
        os.replace(made, place)

    monkeypatch.setitem(OPERATIONS, "sync", sync)
    monkeypatch.setitem(OPERATIONS, "replace", replace)
    publish(target.parents[1] / "source", target)
    assert [step[:2] for step in steps] == [("sync", "new"), ("replace", "new"), ("sync", "folder")]
    assert steps[0][2] == steps[1][2] == target.stat().st_ino
    assert target.read_text() == NEW


@ways
def test_who_reads_the_old_file_reads_it_to_its_end(
    publish: Callable[[Path, Path], None], target: Path
) -> None:
    """It is another file that takes the name: an open one, or one that is linked elsewhere, stays as it is."""
    os.link(target, target.with_name("linked"))
    with target.open() as reader:
        publish(target.parents[1] / "source", target)
        assert reader.read() == "old"
    assert target.with_name("linked").read_text() == "old"
    assert target.read_text() == NEW
    assert listed(target.parent) == ["clip.mp4", "linked"]


@ways
def test_an_equal_file_is_left_alone(publish: Callable[[Path, Path], None], target: Path) -> None:
    """The file is the same one and no younger: Make, DVC and rsync see no change."""
    target.write_text(NEW)
    os.utime(target, (1, 1))
    before = target.stat()
    publish(target.parents[1] / "source", target)
    after = target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert listed(target.parent) == ["clip.mp4"]
    assert target.read_text() == NEW


BLOCK = 1 << 20  # bytes that are compared at a time


@pytest.mark.parametrize(
    ("size", "at"), [(1, 0), (99, 98), (BLOCK, BLOCK - 1), (BLOCK + 1, BLOCK), (3 * BLOCK, BLOCK), (99, None)]
)
def test_a_file_that_differs_anywhere_is_replaced(size: int, at: int | None, target: Path) -> None:
    """By one byte, or by its length."""
    old = bytearray(size)
    if at is None:
        old += b"1"
    else:
        old[at] = 1
    target.write_bytes(old)
    publish_bytes(bytes(size), target)
    assert target.read_bytes() == bytes(size)


@pytest.mark.parametrize("operation", ["sync", "replace"])
@ways
def test_what_fails_leaves_the_old_file_and_nothing_beside_it(
    publish: Callable[[Path, Path], None], operation: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setitem(OPERATIONS, operation, refuse)
    with pytest.raises(EnvironmentProblem, match=r"clip\.mp4: .*, expected to write it \(the old file is as"):
        publish(target.parents[1] / "source", target)
    assert target.read_text() == "old"
    assert listed(target.parent) == ["clip.mp4"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "disk full"),
        (errno.EDQUOT, "quota reached"),
        (errno.EROFS, "read-only file system"),
        (errno.EACCES, "Permission denied"),
        (errno.EIO, "Input/output error"),
        (errno.EMFILE, "Too many open files"),
    ],
)
@pytest.mark.parametrize("operation", ["write", "sync", "replace", "mkdir"])
def test_what_the_system_refuses_is_said(
    operation: str, number: int, said: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setitem(OPERATIONS, operation, refuse)
    with pytest.raises(EnvironmentProblem, match=rf"clip\.mp4: {said}, expected to write it") as caught:
        publish_text(NEW, target)
    assert caught.value.exit_code == 4
    assert target.read_text() == "old"
    assert listed(target.parent) == ["clip.mp4"]


def test_a_copy_that_is_not_whole_does_not_get_the_name(target: Path) -> None:
    def check(path: Path) -> None:
        assert path.read_text() == NEW
        raise EnvironmentProblem("not whole, expected all of it")

    with pytest.raises(EnvironmentProblem, match="not whole"):
        copied(target.parents[1] / "source", target, check)
    assert target.read_text() == "old"
    assert listed(target.parent) == ["clip.mp4"]


@pytest.mark.parametrize("name", ["*.mp4", "?.mp4", "[a-z].mp4", "a.b.mp4", "a.mp4"])
def test_sweeping_takes_what_is_of_the_target_alone(name: str, quick: Path) -> None:
    """Also where its name means more than itself: the others may be of runs that are going on."""
    target = quick / name
    mine = atomic.part_path(target, 4711)
    others = [atomic.part_path(quick / other, 4711) for other in ("b.mp4", "x.mp4", "a.b.c.mp4", "a.gif")]
    others += [quick / f".{target.stem}.notes.part.mp4", target]
    for path in (mine, *others):
        path.touch()
    sweep(target)
    assert listed(quick) == sorted(path.name for path in others)


def test_a_path_in_the_making_is_absolute(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``a:b.mp4`` would be a protocol to those who write films."""
    monkeypatch.chdir(quick)
    with replacing(Path("a:b.mp4")) as part:
        assert part.is_absolute()
        part.touch()
    assert listed(quick) == ["a:b.mp4"]


# ---- the last word ------------------------------------------------------------------------------------------
def test_ctrl_c_while_the_first_is_answered_is_130_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*args: object) -> int:
        raise KeyboardInterrupt

    def interrupted(**given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tensorreel.cli, "_stopped", again)
    monkeypatch.setattr("tensorreel.cli.tables.list_.callback", interrupted)
    with pytest.raises(BaseException) as caught:  # one that escapes would end these tests
        main(["list"])
    assert isinstance(caught.value, SystemExit)
    assert caught.value.code == 130


def test_what_is_printed_last_cannot_be_cut_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once all is done but saying so, Ctrl-C is not heard any more."""

    def interrupted(**given: object) -> None:
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("tensorreel.cli.tables.list_.callback", interrupted)
    try:
        with pytest.raises(SystemExit) as caught:
            main(["list"])
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1] == "tensorreel: interrupted"
