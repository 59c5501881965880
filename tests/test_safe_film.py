"""The whole film with real renders: what a change of the model makes again, and that nothing else does.

Frames are few and small; what is kept, found and believed is as ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel import scenes
from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.film.job.digests import unsealed
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep.cache import opened
from tensorreel.film.keep.planner import Planner
from tensorreel.film.make.backend import dry_play
from tensorreel.film.make.clip import build_scene
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.models import tiny_model
from tensorreel.visuals.look.options import SceneOptions
from tests.model_files import to_toml
from tests.stub import edited
from tests.test_safe_real import render
from tests.test_safe_stale import changed, inputs_of

pytestmark = pytest.mark.slow
COMMON = ("-q", "l", "--fps", "5", "--pace", "8", "--cache-dir", "cache", "--model", "m.toml")
FILM = Path("renders", "transformer.mp4")


def film(folder: Path, model: Model, *args: str, **env: str) -> bytes:
    """The full film of a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "m.toml").write_text(to_toml(model))
    render(folder, *COMMON, *args, **env)
    return (folder / FILM).read_bytes()


def work_of(folder: Path, model: Model) -> list[str]:
    """What a run would render now: the lines of ``--dry-run``, without the last one."""
    (folder / "m.toml").write_text(to_toml(model))
    return render(folder, *COMMON, "--dry-run").splitlines()[:-1]


def clips(folder: Path) -> dict[str, str]:
    """Digest of the clip of each scene in the cache."""
    records = (json.loads(unsealed(p.read_bytes())) for p in (folder / "cache" / "clips").iterdir())
    return {facts["scene"]: facts["digest"] for facts in records}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the film of the tiny model."""
    folder = tmp_path_factory.mktemp("film")
    film(folder, tiny_model(), "-j", "2", PYTHONHASHSEED="1")
    assert work_of(folder, tiny_model()) == []
    return folder


def test_a_changed_output_projection_renders_all_from_stage_11_and_what_asks_about_the_answer(
    made: Path,
) -> None:
    """Before it, the two stages whose what-ifs end in p, and each clip that goes on from such a picture."""
    other = changed(tiny_model(), "layers.0.W_O")
    lines = work_of(made, other)
    names = [line.partition(":")[0].replace("-", "_") for line in lines]
    assert names == ["embedding", "query", "attn_scores", "attn_weights", *scenes.film()[11:]]
    assert all("W_O" in line for line in lines[4:6])


def test_a_change_below_the_printed_digits_renders_nothing(made: Path) -> None:
    """In every matrix at once: −0.6 becomes −0.60000018 where there is one decimal. But for γ, of which the film
    says that it is 1 and changes nothing."""
    other = tiny = tiny_model()
    for name, array in tiny.params.items():
        if "gamma" in name:
            continue
        index = tuple(int(i) for i in np.unravel_index(np.abs(array).argmax(), array.shape))
        other = edited(other, name, index, float(array[index]) * (1 + 3e-7))
    assert other.digest != tiny.digest
    before = clips(made)
    assert work_of(made, other) == []
    render(made, *COMMON)
    assert clips(made) == before


def test_a_film_with_nothing_changed_imports_nothing_that_draws(made: Path) -> None:
    film(made, tiny_model())
    before = (made / FILM).stat()
    code = (
        "import atexit, sys; from tensorreel.cli import main; "
        "atexit.register(lambda: print(sorted({'manim', 'av', 'typst', 'PIL', 'scipy'} & set(sys.modules)))); "
        f"main(['render', *{COMMON!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=made, capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [str(FILM), "[]"]
    after = (made / FILM).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_whole_film_is_the_same_bytes_on_one_worker_and_another_hash_seed(
    made: Path, tmp_path: Path
) -> None:
    env = {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path)}
    other = film(tmp_path / "elsewhere", tiny_model(), "-j", "1", **env)
    assert other == film(made, tiny_model())  # whose clips come from the cache
    assert clips(tmp_path / "elsewhere") == clips(made)
    assert set(clips(made)) == set(scenes.film())


# ---- every input against some stages, judged by their frames -------------------------------------------------
STAGES = ("query", "attn_weights", "attn_output", "ffn_hidden", "probs")
SMALL = Picture(426, 240, 2)
OPTIONS = SceneOptions(pace=10.0)


def frames_of(scene: str, trace: Trace) -> tuple[str, ...]:
    """Digests of the raw frames of a stage, drawn by nothing but the renderer."""
    import hashlib

    from tensorreel.film.draw.fast import FilmRenderer
    from tensorreel.film.make.clip import drawing

    found: list[str] = []

    class Sink:
        def show(self, pixels: Any, tiles: Any, repeat: int) -> None:
            found.extend([hashlib.sha256(pixels.tobytes()).hexdigest()] * repeat)

        def cut(self) -> None:
            pass

    with drawing(SMALL):
        build_scene(Job(scene, trace, OPTIONS, SMALL, "mp4", Path()), FilmRenderer(Sink())).render()
    return tuple(found)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache with the clips of some stages of the tiny model."""
    folder = tmp_path_factory.mktemp("kept")
    make_clips(jobs(tiny_model(), folder), orders=RunOptions(2, folder / "cache"))
    yield folder
    frames_of_tiny.cache_clear()


def jobs(model: Model, folder: Path) -> list[Job]:
    trace = forward(model)
    return [Job(name, trace, OPTIONS, SMALL, "mp4", folder / f"{name}.mp4") for name in STAGES]


@lru_cache(maxsize=len(STAGES))
def frames_of_tiny(scene: str) -> tuple[str, ...]:
    return frames_of(scene, forward(tiny_model()))


def rendered_again_where_frames_change(model: Model, kept: Path, what: str) -> None:
    """Beside the clips of the built-in model: a clip is to be made if and only if its frames are others."""
    with opened(kept / "cache", print) as cache:
        desk = Planner(cache)
        plans = [
            desk.seen(p, dry_play(p.job, lambda n: None)) if p.look else p
            for p in desk.plan(jobs(model, kept))
        ]
    for plan in plans:
        others = frames_of(plan.job.scene, plan.job.trace) != frames_of_tiny(plan.job.scene)
        assert (plan.entry is None) == others, (what, plan.job.scene, plan.why)


@pytest.mark.parametrize("name", inputs_of(tiny_model()))
def test_a_stage_is_rendered_again_if_and_only_if_its_frames_change(name: str, kept: Path) -> None:
    model = changed(tiny_model(), name)
    rendered_again_where_frames_change(model, kept, name)


def test_another_sentence_and_other_words_are_other_frames(kept: Path) -> None:
    """What is no tensor: the words alone, with the same numbers."""
    words = tuple(reversed(tiny_model().words))
    model = replace(tiny_model(), words=words)
    rendered_again_where_frames_change(model, kept, "words")
