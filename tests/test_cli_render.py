"""``tensorreel render``, ``sheet`` and ``doctor`` from outside; of the lane of whole runs, ``make test-runs``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tests.harness import but_progress

pytestmark = pytest.mark.runs
STAGE = "query"


def tensorreel(*args: Any, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("tensorreel")), *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["quer"], "did you mean query"),
        (["--format", "gif"], "the whole film as gif"),
        (["3", "-o", "x.gif", "--format", "png"], "expected the same format"),
        (["3", "-o", "x.avi"], "expected .mp4, .gif, .webp, .webm, .mov, .png or .svg"),
        (["3", "--theme", "transparent"], "--theme transparent as mp4"),
        (["3", "--beat", "cell"], "--beat with mp4, expected png or svg"),
        (["3", "--max-size", "4MB"], "--max-size with mp4, expected gif or webp"),
        (["3", "--format", "svg", "--subtitles"], "--subtitles with svg"),
        (["3", "4", "-o", "x.mp4"], "expected one"),
        (["3", "--layer", "9"], "--layer 9"),
        (["3", "--head", "0"], "--head"),
        (["3", "--pace", "0"], "--pace"),
        (["3", "--fps", "0"], "--fps"),
        (["3", "--quality", "z"], "--quality"),
        (["3", "--lang", "xx"], "--lang"),
        (["3", "--subtitle-langs", "en,xx"], "--subtitle-langs xx, expected some of en, "),
        (["3", "--subtitle-langs", "en,"], "--subtitle-langs (empty), expected some of en, "),
        (["3", "--font", "nowhere.ttf"], "--font"),
        (["3", "-o", "."], "-o"),
        (["3", "--tokens", "99"], "99"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(args: list[str], message: str, tmp_path: Path) -> None:
    run = tensorreel("render", *args, cwd=tmp_path)
    assert run.returncode in (2, 3)
    assert run.stderr.startswith("tensorreel: error: ")
    assert message in run.stderr
    assert run.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_usage_errors_do_not_import_manim(tmp_path: Path) -> None:
    code = "import sys, tensorreel.cli.render; assert 'manim' not in sys.modules and 'av' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path).returncode == 0


def test_an_output_that_is_the_model_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "model.mp4"
    tensorreel("model", "init", model)
    before = model.read_bytes()
    run = tensorreel("render", STAGE, "--model", model, "-o", model)
    assert run.returncode == 2
    assert model.read_bytes() == before


def test_a_clip(tmp_path: Path) -> None:
    run = tensorreel("render", STAGE, "-q", "l", "--pace", "4", "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(r"tensorreel: query: \d+ frames\n", run.stderr)  # no terminal: a line for each stage
    (written,) = json.loads(run.stdout)
    assert written["path"] == os.path.join("renders", "03-query.mp4")
    with av.open(str(tmp_path / written["path"])) as container:
        frames = sum(1 for _ in container.decode(video=0))
        assert container.streams.video[0].codec_context.width == 854
    assert frames == written["frames"]
    assert [p.name for p in (tmp_path / "renders").iterdir()] == ["03-query.mp4"]


def test_a_hostile_configuration_changes_nothing(tmp_path: Path) -> None:
    clean, home = tmp_path / "clean", tmp_path / "home"
    for folder in (clean, home / ".config" / "manim"):
        folder.mkdir(parents=True)
    hostile = "[CLI]\npixel_width = 99\nframe_rate = 7\nbackground_color = RED\nframe_height = 3\nwrite_all = nonsense\n"
    (home / "manim.cfg").write_text(hostile)
    (home / ".config" / "manim" / "manim.cfg").write_text(hostile)
    for cwd, env in ((clean, {}), (home, {"HOME": str(home)})):
        run = tensorreel("render", STAGE, "--format", "png", "-q", "l", "-o", "a.png", cwd=cwd, **env)
        assert run.returncode == 0, run.stderr
    assert (clean / "a.png").read_bytes() == (home / "a.png").read_bytes()


@pytest.mark.slow
def test_a_gif_loops_for_ever_and_is_small(tmp_path: Path) -> None:
    run = tensorreel("render", STAGE, "--format", "gif", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    file = tmp_path / "renders" / "03-query.gif"
    assert file.stat().st_size < 4_000_000
    with Image.open(file) as image:
        assert image.size == (960, 540)
        assert image.info["loop"] == 0


@pytest.mark.slow
def test_a_sheet_has_a_picture_for_each_beat(tmp_path: Path) -> None:
    run = tensorreel("sheet", STAGE, "--lang", "ja", "--theme", "light", "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    (written,) = json.loads(run.stdout)
    assert written["pictures"] >= 2
    with Image.open(tmp_path / "renders" / "sheets" / "03-query-ja-light.png") as image:
        assert image.width > 3 * 640


def test_doctor_says_what_is_there() -> None:
    run = tensorreel("doctor", "--json")
    found = {f["name"]: f["found"] for f in json.loads(run.stdout)}
    assert run.returncode == 0
    assert found["manim"] == "0.22.0"
    assert found["font"]


def test_doctor_misses_a_font_that_is_none() -> None:
    run = tensorreel("doctor", "--font", __file__)
    assert run.returncode == 4
    assert "missing: " in run.stdout


@pytest.mark.slow
def test_a_gif_that_has_to_fit_fits_and_says_how(tmp_path: Path) -> None:
    run = tensorreel("render", STAGE, "--format", "gif", "--pace", "3", "--max-size", "500KB", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    file = tmp_path / "renders" / "03-query.gif"
    assert file.stat().st_size <= 500_000
    with Image.open(file) as image:
        assert f"{image.width}×{image.height}, " in run.stderr
    assert "colours" in run.stderr
    again = tensorreel("render", STAGE, "--format", "gif", "--pace", "3", "--max-size", "500KB", cwd=tmp_path)
    assert (again.stdout, again.stderr) == (run.stdout, but_progress(run.stderr))


def test_what_to_paste_and_the_files_that_it_needs(tmp_path: Path) -> None:
    run = tensorreel("embed", STAGE, "--for", "html", "-q", "l", "--pace", "4", "--lang", "ja", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    files = {"03-query.mp4", "03-query.png", "03-query.en.vtt", "03-query.ja.vtt"}
    assert {p.name for p in (tmp_path / "renders").iterdir()} == files
    for name in files:
        assert f'"renders/{name}"' in run.stdout


def test_subtitles_beside_a_clip(tmp_path: Path) -> None:
    run = tensorreel(
        "render", STAGE, "-q", "l", "--pace", "4", "--subtitles", "-o", "q.mp4", "--json", cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    (written,) = json.loads(run.stdout)
    assert written["subtitles"] == ["q.en.vtt", "q.en.srt"]
    for name in written["subtitles"]:
        with av.open(str(tmp_path / name)) as container:
            assert sum(1 for packet in container.demux(subtitles=0) if packet.size) >= 2
