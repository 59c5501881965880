"""The floors: imports point downwards only, and manim begins at the visuals."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {p: p.relative_to(ROOT / "src").with_suffix("").parts for p in (ROOT / "src").rglob("*.py")}
SOURCES |= {p: ("tensorreel", "scenes", p.stem) for p in (ROOT / "scenes").glob("*.py")}
assert {parts[1] for parts in SOURCES.values()} >= {"engine", "visuals", "scenes", "film", "cli"}

# From the ground up; a module may import its own floor and those below it.
FLOORS = (
    {"", "text", "errors", "formatting", "functional", "printed", "spelling", "words"},
    {"table"},
    {"parameters"},
    {"architecture"},
    {"intermediates", "stages"},
    {"model"},
    {"engine"},
    {"models", "quantity"},
    {"visuals"},
    {"scenes"},
    {"film"},
    {"publish", "review"},
    {"cli", "__main__"},
)
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}
DRAWING = LEVEL["visuals"]
UPWARDS = {("model", "models")}  # Model.read and Model.tiny fetch the readers when they are called


def floor_of(parts: tuple[str, ...]) -> str:
    return "" if parts in (("tensorreel",), ("tensorreel", "__init__")) else parts[1]


def imports(tree: ast.AST, top_only: bool = False) -> Iterator[str]:
    """Imported module names; blocks for type checkers do not count, nor functions if ``top_only``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            if node.module == "tensorreel":
                yield from (f"tensorreel.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif not (top_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            yield from imports(node, top_only)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downwards(path: Path) -> None:
    floor = floor_of(SOURCES[path])
    assert floor in LEVEL, f"{floor} has no floor yet"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in imports(tree):
        parts = tuple(name.split("."))
        if parts[0] == "tensorreel":
            below = floor_of(parts)
            allowed = LEVEL[below] <= LEVEL[floor] or (floor, below) in UPWARDS
            assert allowed, f"{floor} imports {name}, which is above it"
        if parts[0] == "manim":
            assert LEVEL[floor] >= DRAWING, f"{floor} imports manim"
        assert parts[0] != "scenes", "scenes are imported as tensorreel.scenes"
    if floor == "cli":
        top = {name.split(".")[0] for name in imports(tree, top_only=True)}
        assert "manim" not in top, "the command line imports manim only inside functions"


def test_the_light_floors_do_not_bring_manim_in() -> None:
    light = [".".join(p) for p in SOURCES.values() if LEVEL.get(floor_of(p), 99) < DRAWING or "cli" in p]
    names = sorted({n.removesuffix(".__init__") for n in light})
    code = "import importlib, sys\nfor n in sys.argv[1:]:\n importlib.import_module(n)\n assert 'manim' not in sys.modules, n"
    subprocess.run([sys.executable, "-c", code, *names], check=True)
