"""Storyboards are ordinary Manim scenes: what is tried with plain ``manim`` works, or says in one line why not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image
from tensorreel.scenes import storyboards

from tensorreel.core.stages import ARTICLE
from tensorreel.film.draw import manim_setup

manim_setup.import_manim()

from manim.constants import RendererType  # noqa: E402
from manim.utils.module_ops import get_scene_classes_from_module  # noqa: E402

from tensorreel.review.cases import Case, play  # noqa: E402
from tensorreel.visuals.look.options import SceneOptions  # noqa: E402
from tensorreel.visuals.stage import scene as staging  # noqa: E402
from tests.test_audit import TINY  # noqa: E402

FOLDER = Path(__file__).parents[1] / "scenes"
SMALL = ("-r", "160,90", "--fps", "4", "--progress_bar", "none")


def manim(folder: Path, *args: str, scene: tuple[str, ...] = ("multi_head", "Concat")) -> list[Path]:
    """Run plain Manim in an empty folder on a small scene; whatever it wrote, but for the parts of films."""
    ended = asked(folder, *args, scene=scene)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return sorted(p for p in folder.rglob("*") if p.is_file() and "partial_movie_files" not in p.parts)


def asked(folder: Path, *args: str, scene: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    file, *names = scene
    command = [sys.executable, "-m", "manim", *SMALL, *args, "--media_dir", str(folder)]
    command += [str(FOLDER / f"{file}.py"), *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def beats(name: str) -> list[str]:
    return [beat.name for beat in play(Case(name, "tiny", TINY, SceneOptions()), lambda *_: None).beats]


def frames(file: Path) -> int:
    with av.open(str(file)) as opened:
        return sum(1 for _ in opened.decode(video=0))


# ---- without drawing ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("module", sorted({board.module for board in storyboards().values()}))
def test_manim_finds_the_scenes_of_the_film_and_no_other(module: str) -> None:
    found = {
        kind.__name__ for kind in get_scene_classes_from_module(import_module(f"tensorreel.scenes.{module}"))
    }
    assert found == {board.cls for board in storyboards().values() if board.module == module}


def test_another_renderer_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "config", SimpleNamespace(renderer=RendererType.OPENGL))
    with pytest.raises(SystemExit, match=r"^tensorreel: error: --renderer opengl, expected cairo \(.*\)$"):
        staging.StageScene()


def test_a_storyboard_of_other_models_is_refused_in_one_line() -> None:
    for board in storyboards().values():
        if not board.place and ARTICLE.get(board.name) is None:
            kind = getattr(import_module(f"tensorreel.scenes.{board.module}"), board.cls)
            with pytest.raises(
                SystemExit, match=rf"^tensorreel: error: {board.cls}: no stage of the built-in"
            ):
                kind()


@pytest.mark.parametrize("name", ["opening", "concat", "recap"])
def test_beats_are_sections(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sections: list[str] = []
    monkeypatch.setattr(staging.StageScene, "next_section", lambda self, beat: sections.append(beat))
    assert beats(name) == sections


# ---- drawn by plain Manim -----------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "kind", "name"), [("multi_head", "Concat", "concat"), ("opening", "Opening", "opening")]
)
def test_save_sections_gives_a_file_for_each_beat(module: str, kind: str, name: str, quick: Path) -> None:
    files = manim(quick, "--save_sections", scene=(module, kind))
    (index,) = (p for p in files if p.suffix == ".json")
    sections = json.loads(index.read_text(encoding="utf-8"))
    assert [section["name"] for section in sections] == beats(name)
    film = next(p for p in files if p.name == f"{kind}.mp4")
    assert sum(frames(index.parent / section["video"]) for section in sections) == frames(film)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "ending", "shown"),
    [
        (("--format", "mp4", "--disable_caching"), ".mp4", range(40, 80)),
        (("--format", "gif", "-n", "2,4"), ".gif", range(2, 30)),
        (("--format", "webm", "-n", "2,4"), ".webm", range(2, 30)),
        (("-n", "2,4"), ".mp4", range(2, 30)),
        (("-n", "2,4", "--save_sections"), ".mp4", range(2, 30)),
        (("-s",), ".png", range(1, 2)),
    ],
    ids=str,
)
def test_what_is_tried_with_manim_works(
    args: tuple[str, ...], ending: str, shown: range, quick: Path
) -> None:
    files = [p for p in manim(quick, *args) if p.suffix == ending and "sections" not in p.parts]
    assert len(files) == 1
    if ending == ".png":
        assert np.asarray(Image.open(files[0]).convert("L")).max() > 100
    else:
        assert frames(files[0]) in shown


@pytest.mark.slow
def test_pictures_one_by_one(quick: Path) -> None:
    assert len([p for p in manim(quick, "--format", "png-sequence", "-n", "2,4") if p.suffix == ".png"]) > 2


@pytest.mark.slow
@pytest.mark.parametrize("args", [("-t", "-s"), ("-s",)], ids=str)
def test_transparent_is_transparent(args: tuple[str, ...], quick: Path) -> None:
    (file,) = (p for p in manim(quick, *args) if p.suffix == ".png")
    assert np.asarray(Image.open(file).convert("RGBA"))[-1, 0, 3] == (0 if "-t" in args else 255)


@pytest.mark.slow
def test_all_scenes_of_a_file(quick: Path) -> None:
    files = manim(quick, "-a", "-s", scene=("add_norm",))
    assert {p.name.partition("_")[0] for p in files if p.suffix == ".png"} == {"AttnNorm", "FfnNorm"}


@pytest.mark.slow
def test_opengl_is_one_line(quick: Path) -> None:
    ended = asked(quick, "--renderer", "opengl", scene=("multi_head", "Concat"))
    assert ended.returncode == 1
    said = [line for line in ended.stderr.splitlines() if not re.search("INFO|manim.community", line)]
    assert [line for line in said if line.strip()] == [staging.CAIRO_ALONE]
    assert "Traceback" not in ended.stdout + ended.stderr
