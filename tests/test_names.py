"""One name, one thing: no function and no class of the program has the name of another one elsewhere."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECOND = ROOT / "src/tensorreel/review/references"  # named as what they compute a second time
FAMILIES = ROOT / "src/tensorreel/families"  # stages that are named as those whose place they take
INSTEAD = "left_out"  # the decorator of functions that are named as the stages whose place they take
SOURCES = [
    p
    for p in (*(ROOT / "src").rglob("*.py"), *(ROOT / "scenes").glob("*.py"))
    if p.parent not in (SECOND, FAMILIES)
]
# Names that may stand twice, and why.
_CALLED = "the command, and the same called from Python"
TWICE: dict[str, str] = {
    **dict.fromkeys(("deck", "diff", "export", "render", "verify"), _CALLED),
    "Recorder": "what draws a scene's frames in the place of Manim's renderer, and what keeps a training's checkpoints",
    "Clip": "what the film knows of a finished file, and what Python's users hold in their hands",
}


def defined() -> dict[str, list[str]]:
    """Where each public function or class stands that is not part of another; methods belong to their class."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not any(ast.unparse(d).startswith(f"{INSTEAD}(") for d in node.decorator_list):
                found[node.name].append(path.relative_to(ROOT).as_posix())
    return found


def test_no_name_stands_in_two_modules() -> None:
    names = defined()
    assert len(names) > 500
    assert {n: files for n, files in names.items() if len(files) > 1 and n not in TWICE} == {}
    assert [n for n in TWICE if len(names.get(n, [])) < 2] == []
