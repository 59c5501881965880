"""Whole runs from outside: exit codes, Ctrl-C, two runs at once, odd paths, a system that refuses."""

from __future__ import annotations

import os
import resource
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tensorreel.core.errors import Interrupted, Terminated
from tensorreel.core.model import Model
from tensorreel.film.job.job import Clip, Job
from tensorreel.film.keep import fingerprint
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.models import builtin_text, tiny_model
from tests.harness import HANGS, Ended, Started, assert_one_line, listed, no_font, run, send, start, until
from tests.model_files import to_toml, write_npz
from tests.stub import CLIPS, FAULTS, FRAMES, STUB, edited, expected, jobs_for
from tests.test_safe_workers import alive, children

pytestmark = pytest.mark.runs

COMMON = ("-q", "l", "--cache-dir", "cache")


@pytest.fixture(autouse=True)
def _no_faults() -> Iterator[None]:
    yield
    FAULTS.clear()


def slowly(seconds: float) -> Callable[[Job, int], None]:
    def wait(job: Job, frame: int) -> None:
        time.sleep(seconds)

    return wait


def right(folder: Path, model: Model, name: str, number: int) -> bool:
    """Whether a clip is what the model says; the command line has no stub picture, so only the tensors count."""
    (job,) = jobs_for(model, folder, (name,))
    said = (folder / f"{number:02}-{name.replace('_', '-')}.mp4").read_bytes()
    return _tensors(said) == _tensors(expected(job))


def _tensors(clip: bytes) -> list[bytes]:
    lines = clip.splitlines()
    assert len(lines) == FRAMES
    return [line.partition(b'"], [')[2] for line in lines]


# ---- exit codes ---------------------------------------------------------------------------------------------
def test_done_is_0_and_prints_the_paths(quick: Path) -> None:
    ended = run("render", "3", "query", *COMMON, cwd=quick)
    assert (ended.code, ended.out, ended.err) == (0, "renders/03-query.mp4\n", "")
    assert right(quick / "renders", tiny_model(), "query", 3)


def test_usage_is_2_and_writes_nothing(quick: Path) -> None:
    for args in (
        ["quer"],
        ["3", "--lang", "tlh"],
        ["3", "-o", "."],
        ["3", "--jobs", "0"],
        ["3", "-o", "a.xyz"],
        ["--no"],
    ):
        assert_one_line(run("render", *args, cwd=quick), 2)
    assert listed(quick) == []


def test_bad_input_is_3_and_names_the_place(quick: Path) -> None:
    for args, said in (
        (["--tokens", "9"], "id 9 at place 1, expected 0 to 7"),
        (["--tokens", "1 " * 9], "9, expected at most 5"),
        (["--text", "糖x"], "'x' at character 2"),
        (["--text", "a\0b"], "'a' at character 1"),
        (["--text", "糖\udcff"], r"'\udcff' at character 2"),
        (["--model", "nowhere"], "nowhere: No such file"),
    ):
        assert said in assert_one_line(run("render", "3", *args, *COMMON, cwd=quick), 3)
    assert listed(quick) == []


def test_a_place_that_cannot_be_written_is_4(quick: Path) -> None:
    line = assert_one_line(run("render", "3", *COMMON, "-o", "/proc/film.mp4", cwd=quick), 4)
    assert line.startswith("/proc/film.mp4: ")
    assert ", expected " in line
    assert_one_line(run("render", "3", *COMMON, "-o", "no/where.mp4", cwd=quick), 4)


def test_no_file_handles_are_4(quick: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))

    for _ in range(3):
        ended = run("render", "3", "4", "-j", "2", *COMMON, cwd=quick, before=few)
        assert ended.code in (0, 4, 5), ended
        assert "Traceback" not in ended.err
        if ended.code:
            assert_one_line(ended)
    assert run("render", "3", "4", *COMMON, cwd=quick).code == 0


def test_some_stages_failed_is_5_and_the_others_are_named(quick: Path) -> None:
    def wrong(job: Job, frame: int) -> None:
        if job.scene == "key":
            raise RuntimeError("no key")

    FAULTS[:] = [wrong]
    line = assert_one_line(run("render", "3", "4", "5", *COMMON, cwd=quick), 5)
    assert line == "1 of 3 not rendered (key): RuntimeError: no key; kept: query, value"
    line = assert_one_line(run("render", *COMMON, cwd=quick), 5)
    assert line.startswith(f"1 of {CLIPS} not rendered (key): RuntimeError: no key; ")
    FAULTS.clear()
    assert run("render", *COMMON, cwd=quick).code == 0


# ---- two runs -----------------------------------------------------------------------------------------------
def begun(folder: Path, *args: str, drawing: int = 1) -> Started:
    """A run that is drawing now."""
    going = start("render", *args, *COMMON, cwd=folder)
    until(lambda: len(children(going.pid)) >= drawing or going.gone())
    return going


def test_a_busy_output_is_6_or_waited_for(quick: Path) -> None:
    FAULTS[:] = [slowly(0.05)]
    first = begun(quick, "3")
    line = assert_one_line(run("render", "3", *COMMON, cwd=quick), 6)
    assert line.startswith("renders/03-query.mp4: another run writes it")
    waiting = run("render", "3", "--wait", *COMMON, cwd=quick)
    assert (first.ended().code, waiting.code) == (0, 0)
    assert listed(quick / "renders") == ["03-query.mp4"]


def test_forty_pairs_of_runs_on_one_cache(quick: Path) -> None:
    """Two models, two folders, one cache, at the same time: no failure, and nobody gets the other's frames."""
    models = {"a": tiny_model(), "b": edited(tiny_model(), "layers.0.W_Q", (0, 0, 0), 0.0)}
    names = (("query", 3), ("key", 4), ("attn_scores", 6))
    for number in range(40):
        for name in models:
            models[name] = edited(models[name], "layers.0.W_K", (0, 0, 1), number / 8)
            (quick / f"{name}.toml").write_text(to_toml(models[name]))
        going = [
            start(
                "render", "3", "4", "6", *COMMON, "--model", f"{name}.toml", "--output-dir", name, cwd=quick
            )
            for name in models
        ]
        for name, one in zip(models, going, strict=True):
            ended = one.ended()
            assert (ended.code, ended.err) == (0, ""), (number, name, ended)
            for stage, place in names:
                assert right(quick / name, models[name], stage, place), (number, name, stage)


def test_pairs_of_runs_into_one_output(quick: Path) -> None:
    """Whoever is second is told so, or waits; the clip is always one of the two, whole."""
    (quick / "b.toml").write_text(to_toml(edited(tiny_model(), "layers.0.W_Q", (0, 0, 0), 0.0)))
    for number in range(10):
        wait = ["--wait"] if number % 2 else []
        going = [
            start("render", "3", *COMMON, *more, *wait, cwd=quick) for more in ([], ["--model", "b.toml"])
        ]
        codes = sorted(one.ended().code for one in going)
        assert codes in ([0, 0], [0, 6]) if not wait else codes == [0, 0]
        assert listed(quick / "renders") == ["03-query.mp4"]
        clip = (quick / "renders" / "03-query.mp4").read_bytes()
        assert len(set(_tensors(clip))) == 1


# ---- stopping -----------------------------------------------------------------------------------------------
def stop(going: Started, *signals: int, pause: float = 0.2) -> Ended:
    """Signals to the whole group, as a terminal sends them; the run must end, and all that it started."""
    mine = children(going.pid)
    send(going.pid, *signals, group=True, pause=pause if len(signals) > 1 else 0)
    ended = going.ended()
    until(lambda: not any(map(alive, mine)))
    return ended


def test_ctrl_c_says_how_far_it_came_and_the_next_run_goes_on(quick: Path) -> None:
    drawn = quick / "drawn"

    def note(job: Job, frame: int) -> None:
        if frame == 0:
            with drawn.open("a") as file:
                file.write(f"{job.scene}\n")
        if job.scene == "value":
            until((quick / "go on").exists)

    FAULTS[:] = [note]
    going = begun(quick, "3", "4", "5", "-j", "1", "--wait")
    until(lambda: drawn.exists() and "value" in drawn.read_text())
    ended = stop(going, signal.SIGINT)
    assert ended.code == 130
    assert ended.err == "tensorreel: interrupted: 2 of 3 stages done; run again to go on\n"
    assert listed(quick / "renders") == ["03-query.mp4", "04-key.mp4"]
    assert listed(quick / "cache" / "work") == []
    FAULTS[:] = [note]
    (quick / "go on").touch()
    drawn.write_text("")
    assert run("render", "3", "4", "5", *COMMON, cwd=quick).code == 0
    assert drawn.read_text() == "value\n"


def test_sigterm_is_143(quick: Path) -> None:
    FAULTS[:] = [slowly(0.3)]
    ended = stop(begun(quick, "3", "4"), signal.SIGTERM)
    assert ended.code == 143
    assert ended.err == "tensorreel: interrupted: 0 of 2 stages done; run again to go on\n"


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_who_calls_is_told_what_stopped_it(
    stop: type[BaseException], code: int, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopping(clip: Clip) -> None:
        raise stop

    monkeypatch.setattr(fingerprint, "font_digest", no_font)
    orders = RunOptions(1, quick / "cache", backend=STUB, ready=stopping)
    with pytest.raises(Interrupted, match="interrupted: 1 of 1 stages done") as caught:
        make_clips(jobs_for(tiny_model(), quick, ("query",)), orders=orders)
    assert caught.value.exit_code == code


def test_ctrl_c_twice_does_not_wait_for_workers_that_will_not_leave(quick: Path) -> None:
    def stubborn(job: Job, frame: int) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (quick / f"ready-{os.getpid()}").touch()
        time.sleep(HANGS)  # whoever waits for it fails

    def all_ready(going: Started) -> bool:
        return all((quick / f"ready-{pid}").exists() for pid in children(going.pid))

    FAULTS[:] = [stubborn]
    for signals in ((signal.SIGINT,), (signal.SIGINT, signal.SIGINT)):
        going = begun(quick, "3", "4", "-j", "2", drawing=2)
        until(partial(all_ready, going))
        ended = stop(going, *signals)
        assert ended.code == 130
        assert "interrupted" in ended.err
        assert "Traceback" not in ended.err
    FAULTS.clear()
    assert run("render", "3", "4", *COMMON, cwd=quick).code == 0
    assert listed(quick / "renders") == ["03-query.mp4", "04-key.mp4"]


@pytest.mark.parametrize("signals", [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)])
def test_stopped_at_any_moment_it_is_one_line(quick: Path, signals: tuple[int, ...]) -> None:
    FAULTS[:] = [slowly(0.004)]
    for number in range(12):
        going = start("render", "3", "4", "5", "-j", "2", "--force", *COMMON, cwd=quick)
        time.sleep(0.02 + 0.015 * number)
        if going.gone():
            assert going.ended().code == 0
            continue
        ended = stop(going, *signals, pause=0.01)
        assert ended.code in (0, 130, 143, -signals[0]), ended
        assert "Traceback" not in ended.err
        assert all(line.startswith("tensorreel: ") for line in ended.err.split("\n") if line), ended
    FAULTS.clear()
    again = run("render", "3", "4", "5", *COMMON, cwd=quick)
    assert (again.code, again.err) == (0, "")
    assert listed(quick / "renders") == ["03-query.mp4", "04-key.mp4", "05-value.mp4"]
    assert listed(quick / "cache" / "work") == []


# ---- inputs and outputs -------------------------------------------------------------------------------------
def test_an_output_that_is_an_input_is_refused(quick: Path) -> None:
    (quick / "renders").mkdir()
    for model, output in (
        ("m.mp4", ["-o", "m.mp4"]),
        ("renders/03-query.mp4", []),
        ("link.mp4", ["-o", "m.mp4"]),
    ):
        (quick / "m.mp4").write_text(builtin_text())
        if model.startswith("link"):
            (quick / model).symlink_to("m.mp4")
        elif model.startswith("renders"):
            (quick / model).write_text(builtin_text())
        line = assert_one_line(run("render", "3", "--model", model, *output, *COMMON, cwd=quick), 2)
        assert "expected another file" in line
        assert (quick / model).read_text() == builtin_text()
    said = quick / "m.npz.toml"
    said.write_text("causal = true")
    write_npz(tiny_model(), quick / "m.npz")
    (quick / "other.mp4").symlink_to(said)
    line = assert_one_line(run("render", "3", "--model", "m.npz", "-o", "other.mp4", *COMMON, cwd=quick), 3)
    assert "causal: True in m.npz.toml, expected False (so it is in the file)" in line
    said.write_text("causal = false")
    line = assert_one_line(run("render", "3", "--model", "m.npz", "-o", "other.mp4", *COMMON, cwd=quick), 2)
    assert "expected another file" in line
    assert said.read_text() == "causal = false"


def test_an_input_replaced_during_the_render_changes_nothing(quick: Path) -> None:
    """The model is read once."""
    (quick / "m.toml").write_text(builtin_text())
    FAULTS[:] = [slowly(0.02)]
    going = begun(quick, "3", "--model", "m.toml")
    (quick / "m.toml").write_text("hello")
    assert going.ended().code == 0
    assert right(quick / "renders", tiny_model(), "query", 3)


ODD = ("a b", "it's", 'say "x"', "100%", "%d", "tab\there", "line\nbreak", "糖尿病", "a:b", "http:", "#1", "-dash", "*?[x]",
       "\udcff\udcfe", "e\u0301", "\u202eevil", "x" * 200)  # fmt: skip


@pytest.mark.parametrize("name", ODD, ids=lambda n: ascii(n)[1:20])
def test_odd_names_are_names(name: str, quick: Path) -> None:
    folder = quick / name
    folder.mkdir()
    (folder / f"{name}.toml").write_text(builtin_text())
    args = [
        "--model",
        f"./{name}/{name}.toml",
        "-o",
        f"./{name}/{name}.mp4",
        "--cache-dir",
        f"./{name}/cache",
        "-q",
        "l",
    ]
    ended = run("render", "3", *args, cwd=quick)
    assert (ended.code, ended.err) == (0, ""), ended
    assert set(os.listdir(folder)) == {f"{name}.toml", f"{name}.mp4", "cache"}
    ended = run("render", *args, cwd=quick)
    assert (ended.code, ended.err) == (0, ""), ended


def test_a_name_that_is_too_long_is_said(quick: Path) -> None:
    assert "too long" in assert_one_line(run("render", "3", "-o", "x" * 300 + ".mp4", *COMMON, cwd=quick), 4)


def test_folders_and_files_in_each_others_place(quick: Path) -> None:
    (quick / "file").touch()
    (quick / "folder.mp4").mkdir()
    assert_one_line(run("render", "3", "-o", "folder.mp4", *COMMON, cwd=quick), 2)
    assert_one_line(run("render", "3", "--output-dir", "file", *COMMON, cwd=quick), 2)
    assert_one_line(run("render", "3", "-o", "file/x.mp4", *COMMON, cwd=quick), 4)
    (quick / "renders" / "03-query.mp4").mkdir(parents=True)
    line = assert_one_line(run("render", "3", *COMMON, cwd=quick))
    assert line.startswith("renders/03-query.mp4: ")


def test_a_link_is_written_through_or_replaced_but_never_half(quick: Path) -> None:
    (quick / "renders").mkdir()
    (quick / "elsewhere").write_text("other")
    (quick / "renders" / "03-query.mp4").symlink_to("../elsewhere")
    assert run("render", "3", *COMMON, cwd=quick).code == 0
    assert right(quick / "renders", tiny_model(), "query", 3)
    assert (quick / "elsewhere").read_text() == "other"


# ---- the full film ------------------------------------------------------------------------------------------
def test_a_film_with_nothing_changed_is_not_made_again_and_imports_nothing(quick: Path) -> None:
    assert run("render", *COMMON, cwd=quick).code == 0
    film = quick / "renders" / "transformer.mp4"
    before = film.stat()
    ended = run("render", *COMMON, cwd=quick)
    assert (ended.code, ended.out) == (0, "renders/transformer.mp4\n")
    assert (film.stat().st_ino, film.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    ended = run("render", "-n", *COMMON, cwd=quick)
    assert ended.out == f"0 of {CLIPS} to render, {CLIPS} up to date\n"


def test_dry_run_writes_no_clip_and_says_why(quick: Path) -> None:
    ended = run("render", "-n", *COMMON, cwd=quick)
    assert ended.out.endswith(f"{CLIPS} of {CLIPS} to render, 0 up to date\n")
    assert "attn-norm: never rendered\n" in ended.out
    assert not (quick / "renders").exists()


def test_a_random_kill_never_costs_a_finished_clip(quick: Path) -> None:
    """Killed twenty times at random moments; every run keeps what the one before had finished."""
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}")
    kept = 0
    FAULTS[:] = [slowly(0.003)]
    for number in range(20):
        going = start("render", *COMMON, "-j", "2", cwd=quick)
        time.sleep(0.05 + 0.01 * ((seed >> number) % 16))
        if going.gone():
            assert going.ended().code == 0
            break
        send(going.pid, signal.SIGKILL)
        going.ended()
        clips = len(list((quick / "cache" / "clips").glob("[!.]*.json")))
        assert clips >= kept
        kept = clips
    FAULTS.clear()
    again = run("render", *COMMON, cwd=quick)
    assert (again.code, again.err) == (0, "")
    assert listed(quick / "renders") == ["transformer.mp4"]
    assert listed(quick / "cache" / "work") == []
