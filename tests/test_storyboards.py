"""Storyboards read like storyboards: they light what the table says without naming it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tensorreel.core.stages import ARTICLE
from tensorreel.core.table import Stage

SCENES = sorted((Path(__file__).resolve().parents[1] / "scenes").glob("[!_]*.py"))


def classes() -> Iterator[ast.ClassDef]:
    for path in SCENES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (node for node in tree.body if isinstance(node, ast.ClassDef))


CLASSES = {node.name: node for node in classes()}


def stage_of(node: ast.ClassDef) -> Stage | None:
    """The stage that a storyboard draws: the only string of its class variables that names one."""
    found = [
        c.value
        for line in node.body
        if isinstance(line, ast.Assign)
        for c in ast.walk(line.value)
        if isinstance(c, ast.Constant)
    ]
    return next((stage for stage in ARTICLE.stages if stage.name in found), None)


def typed(node: ast.ClassDef) -> Iterator[tuple[str, ...]]:
    """What its beats light by hand."""
    for call in ast.walk(node):
        for word in call.keywords if isinstance(call, ast.Call) else []:
            if word.arg == "lit" and isinstance(word.value, ast.Tuple) and word.value.elts:
                names = [str(e.value) for e in word.value.elts if isinstance(e, ast.Constant)]
                if len(names) == len(word.value.elts):
                    yield tuple(names)


def test_all_storyboards_are_here() -> None:
    assert len([node for node in CLASSES.values() if stage_of(node)]) == len(ARTICLE.stages)


@pytest.mark.parametrize("name", CLASSES)
def test_a_beat_names_only_what_the_table_does_not_say(name: str) -> None:
    stage = stage_of(CLASSES[name])
    if stage is None:
        assert list(typed(CLASSES[name])) == []
        return
    learned = {n for n in stage.inputs if n in ARTICLE.parameters}
    given = set(stage.inputs) - learned
    said = [{stage.name}, given, learned, set(stage.factors), set(stage.inputs), learned | {stage.name}]
    assert [names for names in typed(CLASSES[name]) if set(names) in said] == []


def methods(node: ast.ClassDef) -> dict[str, int]:
    """The lines of each method."""
    return {
        m.name: (m.end_lineno or m.lineno) - m.lineno + 1 for m in node.body if isinstance(m, ast.FunctionDef)
    }


@pytest.mark.parametrize("name", CLASSES)
def test_a_storyboard_has_ten_to_forty_lines(name: str) -> None:
    lines = methods(CLASSES[name])
    assert 10 <= lines["storyboard"] <= 40
    assert {method: n for method, n in lines.items() if n > 40} == {}


TIMES = {"run_time", "slow", "each", "lag_ratio"}  # the arguments that say how long something takes


def measures(node: ast.AST) -> Iterator[float]:
    """Numbers with a point that are no times: places, sizes, gaps."""
    for child in ast.iter_child_nodes(node):
        timed = isinstance(child, ast.keyword) and child.arg in TIMES
        waits = (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Attribute)
            and child.func.attr in ("wait", "until_read")
        )
        budget = isinstance(child, ast.Assign) and ast.unparse(child.targets[0]) == "budget"
        if isinstance(child, ast.Constant) and isinstance(child.value, float):
            yield child.value
        if not (timed or waits or budget):
            yield from measures(child)


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_storyboard_says_when_and_never_where(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(measures(tree)) == []
    assert not {"SAFE_X", "SAFE_Y", "shift", "move_to", "get_left", "get_right"} & {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }
