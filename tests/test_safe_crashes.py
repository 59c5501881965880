"""Crash points: a run stopped or refused at any file operation leaves whole files, and the next run goes on.

Of the lane of whole runs: ``make test-runs``, or ``make test-slow`` where it takes long.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tensorreel.film.draw import manim_setup
from tensorreel.film.make.backend import Backend
from tensorreel.models import builtin_text
from tests.harness import REAL, Ended, Saboteur, listed, run
from tests.stub import STUB

pytestmark = pytest.mark.runs
# What happens, at every how many operations of a clip.
KINDS = {"kill": 1, "ENOSPC": 1, "EIO": 1, "EACCES": 2}
TARGETS = {"clip": ("attn-scores",), "short": ("concat",), "clips": ("query", "attn-scores"), "film": ()}


class Place:
    """A folder with a model, a cache and clips of yesterday, and the files that a clean run of today makes."""

    def __init__(self, folder: Path, what: str, backend: Backend = STUB, more: tuple[str, ...] = ()) -> None:
        self.folder, self.backend = folder, backend
        self.args = [
            "render",
            *TARGETS[what],
            *more,
            "--model",
            "m.toml",
            "--cache-dir",
            "cache",
            "-q",
            "l",
            "-j",
            "1",
        ]
        self.model = folder / "m.toml"
        self.model.write_text(builtin_text())
        assert self.run().code == 0
        self.old = self.files()
        self.model.write_text(self._changed())
        self.saved = folder.with_name(folder.name + ".saved")
        shutil.copytree(folder, self.saved)
        assert self.run().code == 0
        self.new = self.files()
        assert len(self.old) == max(len(TARGETS[what]), 1)
        assert all(self.old[name] != self.new[name] for name in self.old)
        self.clean = listed(folder)

    @staticmethod
    def _changed() -> str:
        text = builtin_text()
        assert "[ 0.1,  0.3, -0.1,  0.2]" in text
        return text.replace("[ 0.1,  0.3, -0.1,  0.2]", "[ 0.1,  0.8, -0.1,  0.2]")

    def run(self, saboteur: Saboteur | None = None) -> Ended:
        return run(*self.args, cwd=self.folder, before=saboteur or (lambda: None), backend=self.backend)

    def files(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (self.folder / "renders").glob("[!.]*.mp4")}

    def reset(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.saved, self.folder)

    def points(self, kind: str) -> int:
        """How many operations a run has that ``kind`` can spoil."""
        self.reset()
        saboteur = Saboteur(self.folder, kind=kind)
        assert self.run(saboteur).code == 0
        return saboteur.count

    def spoil(self, kind: str, at: int) -> None:
        self.reset()
        ended = self.run(Saboteur(self.folder, at, kind, lasting=kind in ("ENOSPC", "EACCES")))
        where = f"{kind} at operation {at}: {ended}"
        assert ended.code in ((0, 5, -9) if kind == "kill" else (0, 3, 4, 5)), where
        assert "Traceback" not in ended.err, where
        assert all(line.startswith("tensorreel: ") for line in ended.err.splitlines()), where
        for name, data in self.files().items():
            assert data in (self.old[name], self.new[name]), where
        assert set(self.files()) == set(self.old), where
        again = self.run()
        assert (again.code, again.err) == (0, ""), (where, again)
        assert self.files() == self.new, where
        assert listed(self.folder) == self.clean, where


@pytest.fixture(scope="module", params=TARGETS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("base")
    folder = Path(tempfile.mkdtemp(dir=base, prefix="tensorreel-crash-"))
    made = Place(folder, request.param)
    yield made
    shutil.rmtree(folder)
    shutil.rmtree(made.saved)


def spoil_every(place: Place, kind: str, first: int, stride: int) -> int:
    points = range(first, place.points(kind), stride)
    assert points, "nothing to spoil"
    for at in points:
        place.spoil(kind, at)
    return len(points)


@pytest.mark.parametrize("place", ["clip"], indirect=True)
def test_there_are_enough_points(place: Place) -> None:
    runs = {kind: len(range(0, place.points(kind), stride)) for kind, stride in KINDS.items()}
    print(f"{sum(runs.values())} runs: {runs}")
    assert sum(runs.values()) >= 200


@pytest.mark.parametrize("place", ["clip"], indirect=True)
@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_spoiled_anywhere_leaves_whole_files(place: Place, kind: str, half: int) -> None:
    """At every operation of a clip's run, or every second one; the halves may run beside each other."""
    assert spoil_every(place, kind, half * KINDS[kind], 2 * KINDS[kind]) >= 18


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "stride"), [("clips", 1), ("film", 37)], indirect=["place"], ids=["clips", "film"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_spoiled_at_every_point(place: Place, stride: int, kind: str) -> None:
    assert spoil_every(place, kind, 0, stride) >= 15


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "stride"), [("kill", 1), ("ENOSPC", 4)])
def test_a_real_render_spoiled_at_every_point(quick: Path, kind: str, stride: int) -> None:
    """The real scene, encoder and finish, killed at every operation; few and small frames."""
    manim_setup.import_manim()
    folder = quick / "place"
    folder.mkdir()
    place = Place(folder, "short", REAL, ("--fps", "2", "--pace", "10"))
    assert spoil_every(place, kind, 0, stride) >= 10
