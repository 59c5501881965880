"""``tensorreel watch``: the stages in their order, again at every save, and on through broken files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tensorreel.film.run.watching import changes
from tensorreel.models import builtin_text
from tests import badfiles
from tests.harness import send

pytestmark = pytest.mark.runs

ROW = "[ 0.1,  0.3, -0.1,  0.2]"


ROOT = Path(__file__).parents[1]
STUBBED = ("-m", "tests.stubbed")
HANGS = 300.0  # seconds; machines are busy with other things
REAL = ("-c", "from tensorreel.cli import main; main()")


class Watch:
    """A watch that is going on, with the stub for a renderer if not told otherwise, and what it has printed.

    ``code`` is a folder with another copy of the package.
    """

    def __init__(self, folder: Path, *args: str, program: Sequence[str] = STUBBED, code: Path = ROOT) -> None:
        self.folder = folder
        self.files = [(folder / name).open("w+b") for name in ("out", "err")]
        self.process = subprocess.Popen(
            [sys.executable, *program, "watch", *args, "--cache-dir", "cache"],
            cwd=folder,
            stdout=self.files[0],
            stderr=self.files[1],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(code), str(ROOT), *sys.path])},
            start_new_session=True,
            preexec_fn=lambda: signal.signal(
                signal.SIGINT, signal.SIG_DFL
            ),  # a test run in the background ignores it
        )

    def said(self, name: str) -> str:
        return (self.folder / name).read_text()

    def until(self, true: Callable[[], bool], within: float = HANGS) -> None:
        end = time.monotonic() + within
        while not true():
            assert time.monotonic() < end, (self.said("out"), self.said("err"))
            assert self.process.poll() is None, self.said("err")
            time.sleep(0.05)

    def stop(self, number: int) -> int:
        send(self.process.pid, number, group=True)
        return self.process.wait(HANGS)


@pytest.fixture
def watch(quick: Path) -> Iterator[Callable[..., Watch]]:
    going: list[Watch] = []

    def begin(*args: str, **how: Any) -> Watch:
        going.append(Watch(quick, *args, **how))
        return going[-1]

    yield begin
    for one in going:
        if one.process.poll() is None:
            send(one.process.pid, signal.SIGKILL, group=True)
            one.process.wait()
        for file in one.files:
            file.close()


def save(path: Path, text: str) -> None:
    """As editors do: a new file, renamed, so that nobody reads half of it."""
    other = path.with_name(f".{path.name}.swp")
    other.write_text(text)
    other.rename(path)


def test_stages_first_then_again_at_every_save_and_on_through_a_broken_file(
    watch: Callable[..., Watch], quick: Path
) -> None:
    model = quick / "m.toml"
    model.write_text(builtin_text())
    going = watch("probs", "query", "-j", "1", "--model", "m.toml")
    going.until(lambda: going.said("out").count("\n") == 2)
    assert going.said("out") == "renders/18-probs.mp4\nrenders/03-query.mp4\n"  # as they were named
    first = (quick / "renders" / "03-query.mp4").read_bytes()
    going.until(lambda: "watching" in going.said("err"))

    save(model, "hello")
    going.until(lambda: "error" in going.said("err"))
    (line,) = [x for x in going.said("err").splitlines() if "error" in x]
    assert line.startswith(f"tensorreel: error: {model}: no TOML, expected ")
    assert (quick / "renders" / "03-query.mp4").read_bytes() == first

    save(model, builtin_text().replace(ROW, "[ 0.1,  0.8, -0.1,  0.2]"))
    going.until(lambda: (quick / "renders" / "03-query.mp4").read_bytes() != first)

    model.write_text(builtin_text())  # in place: emptied, then written, which may be seen as two saves
    going.until(lambda: (quick / "renders" / "03-query.mp4").read_bytes() == first)
    assert "Traceback" not in going.said("err")
    assert going.stop(signal.SIGINT) == 130
    assert going.said("err").endswith("tensorreel: interrupted\n")
    assert "Traceback" not in going.said("err")


def test_what_stands_beside_the_model_is_watched_too(watch: Callable[..., Watch], quick: Path) -> None:
    save_at = quick / "m.safetensors.toml"
    (quick / "m.safetensors").write_bytes(badfiles.safetensors(badfiles.pytorch(), {}))
    going = watch("attn-scores", "-j", "1", "--model", "m.safetensors", "--n-heads", "2", "--norm", "post")
    going.until(lambda: "error" in going.said("err"))
    assert "expected --final-norm none|layer --activation relu|gelu" in going.said("err")
    going.until(lambda: "watching" in going.said("err"))
    save(save_at, 'final_norm = "none"\nactivation = "relu"\neps = 1e-5\ncausal = true')
    going.until(lambda: "attn-scores.mp4" in going.said("out"))
    assert going.stop(signal.SIGINT) == 130


def test_a_save_is_held_against_the_model_before(watch: Callable[..., Watch], quick: Path) -> None:
    for name in ("m.toml", "old.toml"):
        (quick / name).write_text(builtin_text())
    going = watch("difference", "-j", "1", "--model", "m.toml", "--against", "old.toml")
    going.until(lambda: "difference.mp4" in going.said("out"))
    (made,) = (quick / "renders").glob("*-difference.mp4")
    first = made.read_bytes()
    save(quick / "m.toml", builtin_text().replace(ROW, "[ 0.1,  0.8, -0.1,  0.2]"))
    going.until(lambda: made.read_bytes() != first)
    assert going.stop(signal.SIGINT) == 130


def test_sigterm_ends_it_too(watch: Callable[..., Watch], quick: Path) -> None:
    going = watch("query")
    going.until(lambda: "watching" in going.said("err"))
    assert going.stop(signal.SIGTERM) == 143
    assert "Traceback" not in going.said("err")


def test_a_model_that_is_not_there_is_said_at_once(watch: Callable[..., Watch]) -> None:
    going = watch("query", "--model", "nowhere.toml")
    assert going.process.wait(HANGS) == 3
    assert "nowhere.toml: no such file, expected a model to watch" in going.said("err")


def test_only_the_model_itself_and_code_are_watched(quick: Path) -> None:
    """Not its neighbours, nor what lies deeper: a model may lie in somebody's home."""
    model, code, deep = quick / "m.toml", quick / "code" / "inner", quick / "renders" / "deep"
    for folder in (code, deep):
        folder.mkdir(parents=True)
    model.touch()
    found = changes([quick / "code", model])
    assert next(found) == []
    for other in (quick / "n.toml", deep / "m.toml", deep / "x.py", code / "notes.txt"):
        other.write_text("x")
    save(model, "x")
    assert next(found) == [model]
    (code / "a.py").write_text("x")
    assert next(found) == [code / "a.py"]
    (code / "ja.po").write_text("x")
    assert next(found) == [code / "ja.po"]
    found.close()  # type: ignore[attr-defined]


LATER = """
before = Concat.storyboard


def later(self):
    self.wait(2.0)
    before(self)


Concat.storyboard = later
"""


@pytest.mark.slow
def test_a_saved_storyboard_is_rendered_and_a_broken_one_is_said(
    watch: Callable[..., Watch], quick: Path
) -> None:
    """With real pictures, in a copy of the package: changed, broken, and put back as it was."""
    code = quick / "code"
    shutil.copytree(ROOT / "src" / "tensorreel", code / "tensorreel")
    shutil.copytree(ROOT / "scenes", code / "tensorreel" / "scenes")
    board, clip = code / "tensorreel" / "scenes" / "multi_head.py", quick / "renders" / "10-concat.mp4"
    text = board.read_text(encoding="utf-8")
    going = watch("concat", "-q", "l", "--pace", "10", program=REAL, code=code)
    going.until(lambda: "watching" in going.said("err"))
    first = clip.read_bytes()

    board.write_text(text + LATER, encoding="utf-8")
    going.until(lambda: clip.read_bytes() != first)
    assert "changed: multi_head.py\n" in going.said("err")
    second = clip.read_bytes()

    board.write_text(text + "def (\n", encoding="utf-8")
    line = f"multi_head.py: line {text.count(chr(10)) + 1}: "
    going.until(lambda: line in going.said("err"))
    (said,) = [x for x in going.said("err").splitlines() if line in x]
    assert said.startswith("tensorreel: error: ")
    assert clip.read_bytes() == second

    board.write_text(text, encoding="utf-8")
    going.until(lambda: clip.read_bytes() == first)
    assert going.process.poll() is None
    assert "Traceback" not in going.said("err")
