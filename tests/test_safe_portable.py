"""Without what only POSIX has: the same commands, files and exit codes.

Windows is played by ``tests/windows``: in every process of such a run our own code finds no ``fcntl``, no
``os.fork``, no signal masks. It is not Windows itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tensorreel.film.job.locks import lock_path, locked
from tests.harness import but_progress, listed, send, until
from tests.test_safe_workers import alive

pytestmark = pytest.mark.runs
ROOT = Path(__file__).parents[1]
WINDOWS = str(ROOT / "tests" / "windows")
STUBBED, REAL = ("-m", "tests.stubbed"), ("-m", "tensorreel")
COMMON = ("-q", "l", "--cache-dir", "cache")
LONG = 300.0  # seconds; machines are busy with other things


def begin(*command: str, cwd: Path, windows: bool = True) -> subprocess.Popen[str]:
    """A Python process of its own, its output in files (a pipe would stay open in what it leaves behind)."""
    paths = [*([WINDOWS] if windows else []), str(ROOT), *filter(None, sys.path)]
    with (cwd / "out").open("w") as out, (cwd / "err").open("w") as err:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )


def said(cwd: Path) -> tuple[str, str]:
    return (cwd / "out").read_text(), (cwd / "err").read_text()


def run(*command: str, cwd: Path, windows: bool = True) -> tuple[int, str, str]:
    """Exit code and what was printed, but for lines of progress."""
    process = begin(*command, cwd=cwd, windows=windows)
    try:
        code = process.wait(LONG)
    finally:
        process.kill()
        process.wait()
    out, err = said(cwd)
    return code, out, but_progress(err)


PROBE = """
import os, signal, sys
scope = {"__name__": sys.argv[1]}
for line in ("import fcntl", "os.fork", "os.getuid", "os.O_NONBLOCK", "signal.pthread_sigmask", "signal.SIGKILL"):
    try:
        exec("import os, signal\\n" + line, scope)
    except (ImportError, AttributeError):
        print(line)
print(eval("os.name", scope))
"""


def test_the_stand_in_hides_from_us_what_windows_has_not(tmp_path: Path) -> None:
    code, ours, err = run("-c", PROBE, "tensorreel.somewhere", cwd=tmp_path)
    assert (code, err, ours.count("\n")) == (0, "", 7)
    assert ours.endswith("nt\n")
    assert run("-c", PROBE, "filelock", cwd=tmp_path) == (0, "posix\n", "")


@pytest.mark.parametrize("args", [("list",), ("show", "attn-weights"), ("render", "-n", "3", *COMMON)])
def test_commands_that_only_tell(args: tuple[str, ...], tmp_path: Path) -> None:
    here = run(*STUBBED, *args, cwd=tmp_path, windows=False)
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    assert run(*STUBBED, *args, cwd=tmp_path) == here
    assert here[0] == 0


def test_a_run_the_next_one_and_the_cache(quick: Path) -> None:
    wanted = (0, "renders/03-query.mp4\nrenders/04-key.mp4\n", "")
    assert run(*STUBBED, "render", "3", "4", "-j", "2", *COMMON, cwd=quick) == wanted
    first = {name: (quick / name).read_bytes() for name in wanted[1].split()}
    assert run(*STUBBED, "render", "3", "4", "-n", *COMMON, cwd=quick) == (
        0,
        "0 of 2 to render, 2 up to date\n",
        "",
    )
    assert listed(quick / "cache" / "work") == []
    assert listed(quick / "renders") == ["03-query.mp4", "04-key.mp4"]
    code, out, err = run(*STUBBED, "cache", "info", "--cache-dir", "cache", cwd=quick)
    assert (code, err) == (0, "")
    assert out.startswith("cache: 2 clips")
    assert run(*STUBBED, "render", "3", "4", "--force", *COMMON, cwd=quick, windows=False) == wanted
    assert {name: (quick / name).read_bytes() for name in first} == first


def test_without_a_cache_folder_it_renders_all_the_same(quick: Path) -> None:
    (quick / "file").touch()
    code, out, err = run(*STUBBED, "render", "3", "-q", "l", "--cache-dir", "file/cache", cwd=quick)
    assert (code, out) == (0, "renders/03-query.mp4\n")
    assert err.startswith("tensorreel: warning: ")
    assert err.endswith("rendering without\n")


def test_a_busy_output_is_6_or_waited_for(quick: Path) -> None:
    (quick / "renders").mkdir()
    with locked(lock_path(quick / "renders" / "03-query.mp4")) as mine:
        assert mine
        code, _, err = run(*STUBBED, "render", "3", *COMMON, cwd=quick)
        assert (code, err.count("\n")) == (6, 1)
        assert err.startswith("tensorreel: error: renders/03-query.mp4: another run writes it")
        going = begin(*STUBBED, "render", "3", "--wait", *COMMON, cwd=quick)
    assert going.wait(LONG) == 0
    assert run(*STUBBED, "render", "3", *COMMON, cwd=quick)[0] == 0


def test_the_lock_of_a_killed_run_is_free(quick: Path) -> None:
    holder = (
        "import pathlib, time; from tensorreel.film.job.locks import locked\n"
        "with locked(pathlib.Path('x.lock')) as held: print(held, flush=True); time.sleep(1000)"
    )
    going = begin("-c", holder, cwd=quick)
    until(lambda: said(quick)[0] == "True\n")
    with locked(quick / "x.lock") as mine:
        assert not mine
    going.kill()
    going.wait()
    with locked(quick / "x.lock") as mine:
        assert mine


def test_devices_are_no_files(quick: Path) -> None:
    for name in ("con.mp4", "Aux.mp4", "nul", "com1.tar.mp4", "LPT³.mp4", "prn .mp4", "aux/x.mp4"):
        (quick / "aux").mkdir(exist_ok=True)
        command = ("model", "init", name) if name == "nul" else ("render", "3", "-o", name, *COMMON)
        code, out, err = run(*STUBBED, *command, cwd=quick)
        assert (code, out) == (2, ""), (name, err)
        assert err == f"tensorreel: error: {name}: a device of Windows, expected another name\n"
    for name in ("console.mp4", "com.mp4", "nula.mp4", "x.con.mp4"):
        assert run(*STUBBED, "render", "3", "-o", name, *COMMON, cwd=quick)[0] == 0
    assert run(*STUBBED, "render", "3", "-o", "con.mp4", *COMMON, cwd=quick, windows=False)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_wait_where_no_mask_can_be_set(number: int, tmp_path: Path) -> None:
    program = (
        "import signal, sys; from tensorreel.film.job.processes import listen, undisturbed\n"
        "def hear(*_): raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGTERM, hear); signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n with undisturbed(): signal.raise_signal(int(sys.argv[1])); print('within')\n"
        "except KeyboardInterrupt: print('after')\n"
        "listen(); print(signal.getsignal(signal.SIGTERM) is hear)\n"
    )
    for windows in (True, False):
        ended = run("-c", program, str(int(number)), cwd=tmp_path, windows=windows)
        assert ended == (0, "within\nafter\nTrue\n", ""), windows


ORPHAN = """
import contextlib, os, pathlib, time
from tensorreel.film.run.workers import run_all

def endless(work, progress):
    pathlib.Path("worker.new").write_text(str(os.getpid()))
    os.replace("worker.new", "worker")
    while True:
        with contextlib.suppress(OSError):  # it is to be told by the parent's end, not by a pipe's
            progress(1)
        time.sleep(0.02)

if __name__ == "__main__":
    list(run_all([0], endless, 1))
"""


def test_workers_of_a_killed_run_leave(quick: Path) -> None:
    (quick / "orphan.py").write_text(ORPHAN)
    going = begin("orphan.py", cwd=quick)
    until(lambda: (quick / "worker").exists())
    worker = int((quick / "worker").read_text())
    assert alive(worker)
    going.kill()
    going.wait()
    until(lambda: not alive(worker))


def test_watch_and_ctrl_c(quick: Path) -> None:
    from tensorreel.models import builtin_text

    (quick / "m.toml").write_text(builtin_text())
    going = begin(*STUBBED, "watch", "query", "--model", "m.toml", *COMMON, cwd=quick)
    until(lambda: "watching" in said(quick)[1] or going.poll() is not None)
    clip = quick / "renders" / "03-query.mp4"
    first = clip.read_bytes()
    (quick / "m.new").write_text(
        builtin_text().replace("[ 0.1,  0.3, -0.1,  0.2]", "[ 0.1,  0.8, -0.1,  0.2]")
    )
    (quick / "m.new").rename(quick / "m.toml")
    until(lambda: clip.read_bytes() != first or going.poll() is not None)
    send(going.pid, signal.SIGINT, group=True)
    assert going.wait(LONG) == 130
    assert said(quick)[1].endswith("tensorreel: interrupted\n")
    assert "Traceback" not in said(quick)[1]


@pytest.mark.slow
def test_pictures_and_decks_are_the_same_bytes(tmp_path: Path) -> None:
    """Drawn by fresh interpreters, not by forked ones; the second clip shows that temporary files have a place."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    for args in (
        ("render", "query", "concat", "--format", "png", "-q", "l"),
        ("render", "concat", "-q", "l", "--pace", "8"),
        ("deck", "concat", "--to", "pdf"),
    ):
        for place, windows in (("here", False), ("there", True)):
            code, out, err = run(*REAL, *args, cwd=tmp_path / place, windows=windows)
            assert code == 0, (out, err)
    made = {p.name: p.read_bytes() for p in (tmp_path / "there" / "renders").iterdir()}
    assert len(made) >= 4
    for name, data in made.items():
        if not name.endswith(".pdf"):
            assert data == (tmp_path / "here" / "renders" / name).read_bytes(), name


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lint", "audit"])
def test_reviews_say_the_same(command: str, tmp_path: Path) -> None:
    args = (command, "concat", "--tiny", "--lang", "en", "--theme", "dark")
    here, there = (run(*REAL, *args, cwd=tmp_path, windows=windows) for windows in (False, True))
    assert there == here
    assert here[0] == 0


def test_doctor_says_the_same_but_for_what_installs_a_voice(tmp_path: Path) -> None:
    here, there = (run(*REAL, "doctor", cwd=tmp_path, windows=windows) for windows in (False, True))
    assert (there[0], there[2]) == (here[0], here[2]) == (0, "")
    lines = zip(here[1].splitlines(), there[1].splitlines(), strict=True)
    assert {a.split()[0] for a, b in lines if a != b} <= {"voice"}
