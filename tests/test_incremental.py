"""Only what changed, by the command line: nothing is imported for nothing, ``--force``, ``--dry-run``, ``cache``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tensorreel.film.job.job import Job
from tests.harness import Ended, listed, run
from tests.stub import CLIPS, FAULTS

pytestmark = pytest.mark.runs

ROOT = Path(__file__).parents[1]
COMMON = ("-q", "l", "--cache-dir", "cache")
# Text stands for pictures while the cache is filled; after that the real program finds all in place.
FILL = "from tensorreel.film.make import backend; from tests.stub import STUB; backend.DEFAULT = STUB\n"
HEAVY = (
    "import sys; sys.modules.update(dict.fromkeys(('manim', 'av', 'typst', 'PIL.Image', 'distributed')))\n"
)
PROGRAM = """
from tensorreel.film.run.delivery import Plain
from tensorreel.publish import labelling
labelling.Labeller = Plain
from tensorreel.cli import main
main()
"""


@pytest.fixture(autouse=True)
def drawn(quick: Path) -> Iterator[list[str]]:
    """The names of the stages that workers have drawn, in order; empty it to begin again."""
    log = quick / "drawn"

    def note(job: Job, frame: int) -> None:
        if frame == 0:
            with log.open("a") as file:
                file.write(f"{job.scene}\n")

    class Names(list[str]):
        def __iter__(self) -> Iterator[str]:
            names = log.read_text().split() if log.exists() else []
            log.unlink(missing_ok=True)
            return iter(names)

    FAULTS.append(note)
    yield Names()
    FAULTS.clear()


def program(folder: Path, first: str, *args: str) -> Ended:
    """``tensorreel ARGS`` in an interpreter of its own, which runs ``first`` first."""
    ended = subprocess.run(
        [sys.executable, "-c", first + PROGRAM, *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_with_nothing_changed_neither_manim_nor_the_encoder_is_imported(quick: Path) -> None:
    """The whole film and clips of it; where something has changed, that import is missed."""
    assert program(quick, FILL, "render", *COMMON).code == 0
    assert program(quick, FILL, "render", "7", "18", *COMMON).code == 0
    film = (quick / "renders" / "transformer.mp4").stat()
    again = program(quick, HEAVY, "render", *COMMON)
    assert (again.code, again.out, again.err) == (0, "renders/transformer.mp4\n", "")
    after = (quick / "renders" / "transformer.mp4").stat()
    assert (after.st_ino, after.st_mtime_ns) == (film.st_ino, film.st_mtime_ns)
    again = program(quick, HEAVY, "render", "7", "18", *COMMON)
    assert again.out == "renders/07-attn-weights.mp4\nrenders/18-probs.mp4\n"
    again = program(quick, HEAVY, "render", "--dry-run", *COMMON)
    assert (again.code, again.out) == (0, f"0 of {CLIPS} to render, {CLIPS} up to date\n")
    missed = program(quick, HEAVY, "render", "7", "--theme", "light", *COMMON)
    assert missed.code != 0
    assert "manim" in missed.err


def test_force_draws_again_what_is_up_to_date(quick: Path, drawn: list[str]) -> None:
    args = ("render", "3", "18", *COMMON)
    assert run(*args, cwd=quick).code == 0
    assert sorted(drawn) == ["probs", "query"]
    assert run(*args, cwd=quick).code == 0
    assert list(drawn) == []
    ended = run(*args, "--force", "--dry-run", cwd=quick)
    assert ended.out == "query: forced\nprobs: forced\n2 of 2 to render, 0 up to date\n"
    assert list(drawn) == []
    assert run(*args, "--force", cwd=quick).code == 0
    assert sorted(drawn) == ["probs", "query"]


def test_a_dry_run_says_what_a_run_then_does(quick: Path, drawn: list[str]) -> None:
    from tensorreel.models import builtin_text

    row = "[ 0.1, -2.0]"  # of the first W_Q
    (quick / "m.toml").write_text(builtin_text())
    assert row in builtin_text()
    args = ("render", "2", "3", "5", "18", *COMMON, "--model", "m.toml")
    assert run(*args, cwd=quick).code == 0
    assert len(list(drawn)) == 4
    (quick / "m.toml").write_text(builtin_text().replace(row, "[ 0.1, -1.0]", 1))
    before = {
        name: (quick / name).read_bytes() for name in listed(quick) if not name.startswith("cache/views")
    }
    ended = run(*args, "-n", cwd=quick)
    assert (ended.code, ended.err) == (0, "")
    *lines, total = ended.out.splitlines()
    said = [line.partition(": ")[0] for line in lines]
    assert all(re.fullmatch(r"[a-z-]+: changed: .+", line) for line in lines)
    assert total == f"{len(said)} of 4 to render, {4 - len(said)} up to date"
    assert said == ["query", "probs"]
    after = {
        name: (quick / name).read_bytes() for name in listed(quick) if not name.startswith("cache/views")
    }
    assert after == before
    assert run(*args, cwd=quick).code == 0
    assert sorted(drawn) == sorted(said)


def test_cache_info_and_prune_say_what_is_there_and_what_went(quick: Path) -> None:
    assert run("render", "3", "18", *COMMON, cwd=quick).code == 0
    media = [p.stat().st_size for p in (quick / "cache" / "media").iterdir() if not p.name.startswith(".")]
    ended = run("cache", "info", "--cache-dir", "cache", cwd=quick)
    assert (ended.code, ended.out) == (0, f"cache: 2 clips, {sum(media) / 1e6:.1f} MB\n")
    ended = run("cache", "prune", "--max-size", "1G", "--cache-dir", "cache", cwd=quick)
    assert ended.out == "0 clips removed, 0.0 MB freed\n"
    ended = run("cache", "prune", "--max-size", "0", "--cache-dir", "cache", cwd=quick)
    assert ended.out == f"2 clips removed, {sum(media) / 1e6:.1f} MB freed\n"
    assert run("cache", "info", "--cache-dir", "cache", cwd=quick).out == "cache: 0 clips, 0.0 MB\n"
    assert run("cache", "info", "--cache-dir", "never", cwd=quick).out == "never: 0 clips, 0.0 MB\n"
    assert not (quick / "never").exists()


def test_what_a_change_does_not_reach_is_taken_from_the_cache(quick: Path, drawn: list[str]) -> None:
    """Clips of an unchanged model serve the changed one's film, up to the stage from which the change can be felt."""
    assert run("render", *COMMON, cwd=quick).code == 0
    assert list(drawn)
    for change, todo in (
        ("relu", 10),
        ("scale", 17),
    ):  # from F₁ and S on, with the opening, what it goes over into, the way back and the recap
        said = run("render", "--without", change, "--dry-run", *COMMON, cwd=quick).out
        assert f"{todo} of {CLIPS} to render, {CLIPS - todo} up to date" in said
    assert run("render", "--without", "relu", *COMMON, cwd=quick).code == 0
    again = sorted(drawn)
    assert len(again) == 10
    assert not {"attn_norm", "embedding"} & set(again)
    assert {"ffn_hidden", "probs", "why", "opening", "recap"} <= set(again)
    said = run("render", "--dry-run", *COMMON, cwd=quick).out
    assert f"0 of {CLIPS} to render" in said
