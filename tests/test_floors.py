"""The rooms: what each may import, that manim begins at the visuals, and that no room is crowded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {p: p.relative_to(ROOT / "src").with_suffix("").parts for p in (ROOT / "src").rglob("*.py")}
SOURCES |= {p: ("tensorreel", "scenes", p.stem) for p in (ROOT / "scenes").glob("*.py")}

# From the ground up: a room may import itself and those on floors below it, in any way, also inside functions and
# for type checkers only. Rooms that stand on one floor do not know each other.
FLOORS = (
    {"words", "visuals.look"},
    {"core", "visuals.motion", "visuals.layout"},
    {"families"},
    {"models", "variations", "visuals.lettering", "film.job"},
    {"visuals.matrix", "film.draw", "voice"},
    {"visuals.stage", "film.encode"},
    {"visuals.product", "visuals.shares", "visuals.space"},
    {"visuals.whatif"},
    {"visuals.against"},
    {
        f"visuals.chapters.{part}"
        for part in (
            "embedding",
            "attention",
            "heads",
            "norm",
            "ffn",
            "output",
            "journey",
            "plain",
            "training",
        )
    },
    {"scenes"},
    {"film.make"},
    {"film.keep", "review.references"},
    {"review"},
    {"film.run", "review.training"},
    {"publish"},
    {"publish.deck", "publish.export", "publish.speech"},
    {"cli.asked"},
    {"api", "cli"},
    {""},
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
CORRIDORS = {"visuals", "visuals.chapters", "film"}  # folders that hold rooms and no module
CHAPTERS = {room for room in LEVEL if room.startswith("visuals.chapters.")}
LIGHT = {
    "words",
    "core",
    "families",
    "models",
    "variations",
    "api",
    "cli",
    "cli.asked",
    "",
}  # what starts without manim
MOST = 18  # modules to a room
PACKAGES = {".".join(parts[:-1]) for parts in SOURCES.values() if parts[-1] == "__init__"}


def room_of(name: str) -> str:
    """The room of a module or package: ``core`` for ``tensorreel.core.engine``."""
    package = name if name in PACKAGES else name.rpartition(".")[0]
    return package.removeprefix("tensorreel").removeprefix(".")


ROOMS = {
    path: room_of(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    for path, parts in SOURCES.items()
}
NAMES = {".".join(parts).removesuffix(".__init__") for parts in SOURCES.values()}


def imports(tree: ast.AST, top_only: bool = False) -> Iterator[str]:
    """Imported module names; nothing inside functions if ``top_only``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in NAMES else node.module or "" for name in whole)
        elif not (top_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            yield from imports(node, top_only)


def test_every_module_has_a_room_and_no_room_is_crowded() -> None:
    assert set(ROOMS.values()) == set(LEVEL) | CORRIDORS
    crowd = Counter(ROOMS[path] for path in SOURCES if path.name != "__init__.py")
    assert not set(crowd) & CORRIDORS
    assert {room: n for room, n in crowd.items() if n > MOST} == {}


def test_every_room_says_what_it_is_for() -> None:
    rooms = [p for p in SOURCES if p.name == "__init__.py"]
    assert [p for p in rooms if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downwards(path: Path) -> None:
    room, tree = ROOMS[path], ast.parse(path.read_text(encoding="utf-8"))
    if room in CORRIDORS:
        return
    for name in imports(tree):
        parts = name.split(".")
        assert parts[0] != "scenes", "scenes are imported as tensorreel.scenes"
        if parts[0] == "manim":
            assert room not in LIGHT - {"cli"}, f"{room} imports manim"
        if parts[0] != "tensorreel" or room_of(name) in {room, ""}:
            continue
        below = room_of(name)
        assert LEVEL[below] < LEVEL[room], f"{room} imports {name}, which is not below it"
        assert below not in CHAPTERS or room == "scenes", f"{room} imports a chapter: {name}"
    if room == "cli":
        top = {name.split(".")[0] for name in imports(tree, top_only=True)}
        assert "manim" not in top, "the command line imports manim only inside functions"


def test_the_light_rooms_do_not_bring_manim_in() -> None:
    light = [".".join(SOURCES[path]) for path, room in ROOMS.items() if room in LIGHT]
    names = sorted({n.removesuffix(".__init__") for n in light} - {"tensorreel.__main__"})
    code = "import importlib, sys\nfor n in sys.argv[1:]:\n importlib.import_module(n)\n assert 'manim' not in sys.modules, n"
    subprocess.run([sys.executable, "-c", code, *names], check=True)
