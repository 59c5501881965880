"""The promises with real renders: random kills, Ctrl-C, damaged clips, determinism, pairs of runs."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tensorreel.film.draw import manim_setup
from tensorreel.models import tiny_model
from tests.harness import HANGS, REAL, Started, but_progress, listed, send, start
from tests.model_files import to_toml
from tests.stub import edited

pytestmark = pytest.mark.slow
STAGES = ("query", "probs")
COMMON = ("-q", "l", "--pace", "6", "--cache-dir", "cache")


def begin(folder: Path, *args: Any, **env: str) -> subprocess.Popen[str]:
    """``tensorreel render`` in a group of its own."""
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("tensorreel")), "render", *map(str, args)],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def render(folder: Path, *args: Any, **env: str) -> str:
    """The same from beginning to end; it must go well."""
    folder.mkdir(parents=True, exist_ok=True)
    going = begin(folder, *args, **env)
    out, err = going.communicate(timeout=600)
    assert going.returncode == 0, err
    assert but_progress(err) == ""
    return out


def clips(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((folder / "renders").glob("[!.]*.mp4"))}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("clean")
    render(folder, *STAGES, *COMMON)
    return clips(folder)


def test_random_kills_in_the_middle_of_plays(tmp_path: Path, clean: dict[str, bytes]) -> None:
    """The whole group or one of its processes, ten times."""
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}")
    for number in range(10):
        going = begin(tmp_path, *STAGES, *COMMON, "--force")
        time.sleep(0.5 + ((seed >> number) % 16) / 5)
        send(going.pid, signal.SIGKILL, group=True)
        going.communicate()
        for name, data in clips(tmp_path).items():
            assert data == clean[name]
    render(tmp_path, *STAGES, *COMMON)
    assert clips(tmp_path) == clean
    assert listed(tmp_path / "renders") == sorted(clean)
    assert listed(tmp_path / "cache" / "work") == []


def test_ctrl_c_in_the_middle_of_a_play(tmp_path: Path, clean: dict[str, bytes]) -> None:
    for signals, code in (
        ((signal.SIGINT,), 130),
        ((signal.SIGTERM,), 143),
        ((signal.SIGINT, signal.SIGINT), 130),
    ):
        going = begin(tmp_path, *STAGES, *COMMON, "--force")
        time.sleep(2.5)
        send(going.pid, *signals, group=True, pause=0.1)
        _, err = going.communicate(timeout=HANGS)
        assert going.returncode == code, err
        assert "Traceback" not in err
        assert "tensorreel: interrupted" in err
    render(tmp_path, *STAGES, *COMMON)
    assert clips(tmp_path) == clean


def test_damaged_real_clips_are_made_again(tmp_path: Path, clean: dict[str, bytes]) -> None:
    render(tmp_path, *STAGES, *COMMON)
    for media in sorted((tmp_path / "cache" / "media").iterdir()):
        data = bytearray(media.read_bytes())
        data[len(data) // 2] ^= 1
        media.write_bytes(data)
        for clip in (tmp_path / "renders").iterdir():
            clip.unlink()
        going = begin(tmp_path, *STAGES, *COMMON)
        _, err = going.communicate(timeout=600)
        assert going.returncode == 0
        assert but_progress(err).count("\n") == 1
        assert "is not the one that was kept; the clip is made again" in err
        assert clips(tmp_path) == clean


@pytest.mark.parametrize(
    ("args", "env"),
    [
        (["-j", "1"], {"PYTHONHASHSEED": "1"}),
        (["-j", "2"], {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}),
        (["-j", "4"], {"LC_ALL": "C", "LANG": "C", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
        ([], {"HOME": "hostile", "XDG_CONFIG_HOME": "hostile/.config"}),
    ],
    ids=["one worker", "two workers", "four workers, C locale", "hostile configuration"],
)
def test_the_same_frames_everywhere(
    args: list[str], env: dict[str, str], tmp_path: Path, clean: dict[str, bytes]
) -> None:
    """The clips are equal byte by byte, so their frames are."""
    hostile = "[CLI]\npixel_width = 99\nframe_rate = 7\nbackground_color = RED\nframe_height = 3\nseed = 5\n"
    for place in (tmp_path, tmp_path / "hostile" / ".config" / "manim"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "manim.cfg").write_text(hostile)
    env = {key: str(tmp_path / value) if "hostile" in value else value for key, value in env.items()}
    render(tmp_path, *STAGES, *COMMON, *args, **env)
    assert clips(tmp_path) == clean
    for clip in (tmp_path / "renders").iterdir():
        clip.unlink()
    render(tmp_path, *STAGES, *COMMON, *args, **env)  # from the warm cache
    assert clips(tmp_path) == clean


def test_one_core_gives_the_same_frames(tmp_path: Path, clean: dict[str, bytes]) -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        render(tmp_path, *STAGES, *COMMON)
    finally:
        os.sched_setaffinity(0, before)
    assert clips(tmp_path) == clean


def test_forty_pairs_of_real_runs_on_one_cache(tmp_path: Path) -> None:
    """Two models, two folders, one cache: no failure, and each gets the frames that it gets alone."""
    manim_setup.import_manim()
    models = {"a": tiny_model(), "b": edited(tiny_model(), "layers.0.W_Q", (0, 0, 0), 0.0)}
    few = ("-q", "l", "--fps", "2", "--pace", "10", "--force", "--cache-dir")
    for name, model in models.items():
        (tmp_path / f"{name}.toml").write_text(to_toml(model))

    def started(name: str, folder: str, cache: str) -> Started:
        args = ("render", "query", *few, cache, "--model", f"{name}.toml", "--output-dir", folder)
        return start(*args, cwd=tmp_path, backend=REAL)

    alone = {}
    for name in models:
        assert started(name, f"alone-{name}", f"cache-{name}").ended(300).code == 0
        alone[name] = (tmp_path / f"alone-{name}" / "03-query.mp4").read_bytes()
    assert alone["a"] != alone["b"]
    for number in range(40):
        going = {name: started(name, name, "cache") for name in models}
        for name, one in going.items():
            ended = one.ended(300)
            assert (ended.code, ended.err) == (0, ""), (number, name, ended)
            assert (tmp_path / name / "03-query.mp4").read_bytes() == alone[name], (number, name)
