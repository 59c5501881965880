"""Another Manim, or one that has changed where our renderer reaches in: a warning, and Manim's own play."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tensorreel.core.engine import forward
from tensorreel.film.draw import choose, manim_setup
from tensorreel.film.encode.probe import count_frames
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.backend import dry_play
from tensorreel.film.make.clip import build_scene, make
from tensorreel.models import tiny_model
from tensorreel.visuals.look.options import SceneOptions

manim = manim_setup.import_manim()

from manim.mobject.mobject import Mobject  # noqa: E402

from tensorreel.film.draw import patches  # noqa: E402
from tests.frames import SEEN, Keeper, compared  # noqa: E402
from tests.harness import but_progress  # noqa: E402

PICTURE = Picture(320, 180, 5)
JOB = Job("concat", forward(tiny_model()), SceneOptions(pace=6.0), PICTURE, "mp4", Path("clip.mp4"))


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing has been said yet, and Manim is put right afterwards."""
    monkeypatch.setattr(patches, "_said", set())
    yield
    monkeypatch.undo()
    assert patches.apply()


def played(folder: Path) -> Keeper:
    """The job's raw frames, by the renderer that is chosen."""
    keeper = Keeper(PICTURE)
    with manim_setup.manim_settings(PICTURE, folder, JOB.ground or ""):
        build_scene(JOB, choose.film_renderer()(keeper)).render()
    return keeper


def another_version(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(manim, "__version__", "0.23.1")
    return r"manim 0\.23\.1, expected 0\.22\.\*; frames are drawn Manim's own way"


def another_play(monkeypatch: pytest.MonkeyPatch) -> str:
    """A seam with other parameters, as after a change of Manim's; it does what it did."""
    from manim.renderer.cairo_renderer import CairoRenderer

    before = CairoRenderer.play

    def play(self: Any, scene: Any, *animations: Any, section: str = "", **kwargs: Any) -> None:
        before(self, scene, *animations, **kwargs)

    monkeypatch.setattr(CairoRenderer, "play", play)
    return r"CairoRenderer\.play is another one"


def a_function_is_gone(monkeypatch: pytest.MonkeyPatch) -> str:
    """A function that only our renderer's modules import."""
    import manim.utils.iterables as place

    monkeypatch.delattr(place, "remove_list_redundancies")
    return r"remove_list_redundancies is gone"


def another_copying(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(patches, "_stock", lambda self, memo: patches.quick_deepcopy(self, memo))
    return r"Mobject\.__deepcopy__ is another one"


def another_family(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(patches, "_stock_family", lambda self, recurse=True: [self])
    return r"Mobject\.get_family is another one"


def test_this_manim_fits() -> None:
    assert patches.unfit() is None
    assert patches.apply()
    assert Mobject.__deepcopy__ is patches.quick_deepcopy
    assert Mobject.get_family is patches.quick_family
    assert choose.film_renderer().__name__ == "FilmRenderer"


@pytest.mark.parametrize("met", ["each once", "twice", "in a circle"])
def test_a_family_is_manims_own(met: str) -> None:
    """The same parts in the same order, also of things that Manim itself would not make."""
    parts = [Mobject() for _ in range(4)]
    top = Mobject().add(Mobject().add(*parts[:2]), Mobject().add(*parts[2:]), Mobject())
    if met != "each once":
        top.submobjects[1].submobjects.append(parts[0] if met == "twice" else top)
    assert patches.quick_family(top) == patches._stock_family(top)
    assert patches.quick_family(parts[3]) == [parts[3]]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return played(tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("change", [another_version, another_play, a_function_is_gone, another_copying])
@pytest.mark.runs
def test_the_fallback_says_so_once_and_draws_the_same_frames(
    change: Any, ours: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = change(monkeypatch)
    with pytest.warns(patches.OtherManim, match=message):
        assert choose.film_renderer().__name__ == "StockRenderer"
    assert Mobject.__deepcopy__ is not patches.quick_deepcopy
    theirs = played(tmp_path)  # and says nothing a second time: warnings are errors here
    likeness = compared(ours.reel, theirs.reel)
    assert likeness.same, likeness
    for a, b in zip(ours.yuv.planes, theirs.yuv.planes, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.runs
def test_clips_pictures_and_dry_plays_of_the_fallback(
    ours: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = make(replace(JOB, format="png", target=tmp_path / "ours.png"))
    noted = dry_play(JOB, lambda frames: None)
    with pytest.warns(patches.OtherManim, match=another_version(monkeypatch)):
        clip = make(replace(JOB, target=tmp_path / "theirs.mp4"))
    assert clip.frames == count_frames(clip.path) == len(ours.reel)
    again = make(replace(JOB, format="png", target=tmp_path / "theirs.png"))
    a, b = (np.asarray(Image.open(picture.path).convert("RGB")).astype(int) for picture in (still, again))
    assert np.abs(a - b).max() <= SEEN
    assert again.beats == still.beats == clip.beats[-1:]
    assert dry_play(JOB, lambda frames: None) == noted


def test_every_seam_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in turn another one."""
    for seam, parameters in patches.SEAMS.items():
        with monkeypatch.context() as other:
            other.setitem(patches.SEAMS, seam, f"{parameters} more")
            assert (patches.unfit() or "").endswith(f"{seam.rpartition(':')[2]} is another one")


@pytest.mark.runs
def test_the_command_line_says_it_in_one_line(tmp_path: Path) -> None:
    """In a fresh process, where our modules that import the function that is gone cannot even be imported."""
    program = (
        "from tensorreel.film.draw import manim_setup; manim_setup.import_manim()\n"
        "import manim.utils.iterables as place; del place.remove_list_redundancies\n"
        "from tensorreel.cli import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "render", "concat", "--format", "png", "-q", "l", "-o", "a.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (0, "a.png\n"), ended.stderr
    lines = but_progress(ended.stderr).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("tensorreel: warning: manim 0.22.")
    assert "remove_list_redundancies is gone; frames are drawn Manim's own way" in lines[0]
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (854, 480)
