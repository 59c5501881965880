"""Workers that die, crash, hang or lie: one more chance, at most their own stage, and nobody left behind."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel.core.errors import Incomplete, InputError, TensorreelError
from tensorreel.film.job.job import Job
from tensorreel.film.keep import fingerprint
from tensorreel.film.make.backend import Noted
from tensorreel.film.run import workers
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.models import tiny_model
from tests.harness import HANGS, assert_one_line, listed, no_font, run, send, start, struck, until
from tests.stub import FAULTS, FRAMES, STUB, expected, jobs_for

NAMES = ("query", "key", "value")


@pytest.fixture(autouse=True)
def _stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No font, no fault left for the next test, and after each nobody is left behind."""
    monkeypatch.setattr(fingerprint, "font_digest", no_font)
    before = set(children(os.getpid()))
    yield
    FAULTS.clear()
    until(lambda: not any(map(alive, {*children(os.getpid())} - before)))


def segfault() -> None:
    faulthandler.disable()
    ctypes.string_at(0)


def killed() -> None:
    struck(signal.SIGKILL)


def hanging() -> None:
    time.sleep(60)


def stopped() -> None:
    struck(signal.SIGSTOP)


def leaving() -> None:
    os._exit(0)


def fault(what: Callable[[], None], frame: int, marker: Path, times: int) -> Callable[[Job, int], None]:
    """Spoils the stage ``key`` at a frame, the first ``times`` times."""

    def spoil(job: Job, at: int) -> None:
        if job.scene == "key" and at == frame and len(list(marker.parent.glob("mark-*"))) < times:
            (marker.parent / f"mark-{os.getpid()}").touch()
            what()

    return spoil


def make(folder: Path, silence: float = 60.0) -> list[Job]:
    jobs = jobs_for(tiny_model(), folder / "out", NAMES)
    make_clips(jobs, orders=RunOptions(2, folder / "cache", backend=STUB, silence=silence))
    return jobs


@pytest.mark.parametrize("frame", range(FRAMES))
def test_a_worker_killed_once_is_tried_again(frame: int, quick: Path) -> None:
    FAULTS[:] = [fault(killed, frame, quick / "mark", 1)]
    for job in make(quick):
        assert job.target.read_bytes() == expected(job)
    assert len(list(quick.glob("mark-*"))) == 1
    assert listed(quick / "out") == sorted(f"{name}.mp4" for name in NAMES)
    assert listed(quick / "cache" / "work") == []


@pytest.mark.parametrize("what", [killed, segfault, hanging, stopped, leaving])
def test_a_worker_that_fails_twice_costs_its_own_stage_only(what: Callable[[], None], quick: Path) -> None:
    FAULTS[:] = [fault(what, 4, quick / "mark", 99)]
    with pytest.raises(Incomplete) as caught:
        make(quick, silence=0.5)
    assert caught.value.exit_code == 5
    assert str(caught.value).startswith("1 of 3 not rendered (key): its process died twice")
    assert str(caught.value).endswith("kept: query, value")
    assert len(list(quick.glob("mark-*"))) == workers.ATTEMPTS
    assert listed(quick / "out") == ["query.mp4", "value.mp4"]
    FAULTS.clear()
    for job in make(quick):
        assert job.target.read_bytes() == expected(job)


def test_ctrl_c_is_for_the_parent_and_workers_go_on(quick: Path) -> None:
    """The terminal sends it to all of them; it is the parent who ends its workers."""
    FAULTS[:] = [fault(partial(struck, signal.SIGINT), 4, quick / "mark", 99)]
    for job in make(quick):
        assert job.target.read_bytes() == expected(job)
    assert len(list(quick.glob("mark-*"))) == 1


def test_a_clip_that_fails_leaves_yesterdays(quick: Path) -> None:
    (quick / "out").mkdir()
    (quick / "out" / "key.mp4").write_bytes(b"yesterday")
    FAULTS[:] = [fault(killed, 4, quick / "mark", 99)]
    with pytest.raises(Incomplete):
        make(quick)
    assert (quick / "out" / "key.mp4").read_bytes() == b"yesterday"


def test_where_all_fail_for_one_reason_that_reason_is_the_error(quick: Path) -> None:
    def refuse(job: Job, frame: int) -> None:
        raise InputError("nothing to show, expected something")

    FAULTS[:] = [refuse]
    with pytest.raises(TensorreelError, match="query, key, value: nothing to show") as caught:
        make(quick)
    assert caught.value.exit_code == 3


def test_a_full_disk_in_a_worker_is_the_environments_fault(quick: Path) -> None:
    def full(job: Job, frame: int) -> None:
        raise OSError(28, os.strerror(28), "/somewhere")

    FAULTS[:] = [full]
    ended = run("render", "3", "-q", "l", "--cache-dir", "cache", cwd=quick)
    assert "No space left" in assert_one_line(ended, 4) or "disk full" in ended.err


def test_a_mistake_in_the_code_is_one_line_and_asks_for_debug(quick: Path) -> None:
    def wrong(job: Job, frame: int) -> None:
        raise ZeroDivisionError("x")

    FAULTS[:] = [wrong]
    ended = run("render", "3", "-q", "l", "--cache-dir", "cache", cwd=quick)
    assert "ZeroDivisionError" in assert_one_line(ended, 1)
    ended = run("--debug", "render", "3", "-q", "l", "--cache-dir", "cache", cwd=quick)
    assert "Traceback" in ended.err
    assert ended.code == 1


def children(pid: int) -> list[int]:
    """Process ids of all descendants."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(x) for x in task.read_text().split()]
        except OSError:
            continue
        found += direct
        for child in direct:
            found += children(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_run_leaves_no_orphan(quick: Path) -> None:
    def slow(job: Job, frame: int) -> None:
        time.sleep(5 * HANGS)

    FAULTS[:] = [slow]
    going = start("render", "3", "4", "5", "-q", "l", "-j", "2", "--cache-dir", "cache", cwd=quick)
    until(lambda: len(children(going.pid)) == 2)
    mine = children(going.pid)
    try:
        send(going.pid, signal.SIGKILL)
        assert going.ended().code == -signal.SIGKILL
        until(lambda: not any(map(alive, mine)))
    finally:
        for pid in filter(alive, mine):
            send(pid, signal.SIGKILL)


def test_a_worker_holds_no_lock_of_its_parent(quick: Path) -> None:
    """Otherwise a killed run would be busy for as long as its last worker lives."""

    def holds(job: Job, frame: int) -> None:
        folder = Path("/proc/self/fd")
        open_files = [str(p.readlink()) for p in folder.iterdir() if p.is_symlink()]
        if any(name.endswith(".lock") for name in open_files):
            raise InputError(f"{open_files}, expected no lock")

    FAULTS[:] = [lambda job, frame: holds(job, frame) if frame == 0 else None]
    make(quick)


# ---- run_all itself -----------------------------------------------------------------------------------------
def double(work: int, progress: Callable[[int], None]) -> int:
    progress(work)
    return 2 * work


def test_outcomes_of_plain_jobs() -> None:
    seen: list[tuple[int, int]] = []
    done = {o.work: o.result for o in workers.run_all([3, 2, 1], double, 2, lambda w, n: seen.append((w, n)))}
    assert done == {1: 2, 2: 4, 3: 6}
    assert sorted(seen) == [(1, 1), (2, 2), (3, 3)]


def test_an_impatient_caller_leaves_nobody_behind() -> None:
    def slow(work: int, progress: Callable[[int], None]) -> int:
        time.sleep(work)
        return work

    outcomes = workers.run_all([0, 30, 30], slow, 3)
    assert next(outcomes).work == 0
    mine = children(os.getpid())
    assert len(mine) >= 2
    outcomes.close()  # type: ignore[attr-defined]
    assert not any(map(alive, mine))


def stubborn(mark: Path, work: int, progress: Callable[[int], None]) -> int:
    """Does not leave when asked; leaves a mark when it was let to its end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress(1)
    time.sleep(HANGS)  # whoever waits for it fails
    mark.touch()
    return work


def test_a_worker_that_will_not_leave_is_ended(quick: Path) -> None:
    heard: list[int] = []

    def stop(work: int, frames: int) -> None:
        heard.append(work)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(workers.run_all([1, 2], partial(stubborn, quick / "mark"), 2, stop))
    assert heard
    assert listed(quick) == []
    assert not any(map(alive, children(os.getpid())))


def test_a_clip_with_fewer_frames_is_not_taken(tmp_path: Path) -> None:
    """Frames are counted in the file, not believed."""
    from tensorreel.film.draw.tiles import Tiles
    from tensorreel.film.encode.encoder import ClipEncoder
    from tensorreel.film.encode.probe import check_mp4
    from tensorreel.film.job.job import ClipError
    from tensorreel.film.job.picture import Picture

    picture = Picture(320, 180, 10)
    path = tmp_path / "clip.mp4"
    pixels, tiles = np.full((180, 320, 4), 128, np.uint8), Tiles(320, 180, picture.tile)
    tiles.fill()
    with ClipEncoder(path, picture) as encoder:
        encoder.show(pixels, tiles, 7)
    check_mp4(path, picture, 7)
    for frames, other in ((8, picture), (6, picture), (7, Picture(640, 360, 10))):
        with pytest.raises(ClipError, match="expected"):
            check_mp4(path, other, frames)


def test_results_that_cannot_be_sent_are_an_error_of_that_job(quick: Path) -> None:
    def strange(job: Job, progress: Any) -> Noted:
        return replace(STUB.look(job, progress), view=lambda: 0)  # type: ignore[arg-type]

    jobs = jobs_for(tiny_model(), quick / "out", NAMES[:1])
    with pytest.raises(TensorreelError, match="Noted: cannot be sent to another process, expected plain"):
        make_clips(jobs, orders=RunOptions(1, quick / "cache", backend=replace(STUB, draw=partial(strange))))
