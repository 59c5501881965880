"""Verbs of several steps: their order is part of their class, and no order is left to what a docstring says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tensorreel.visuals.motion.order import OutOfOrder, Verb, VerbStep

FOLDER = Path(__file__).resolve().parents[1] / "src/tensorreel/visuals"
FILES = sorted(p for p in FOLDER.rglob("*.py") if p.stem != "__init__")
ORDER_IN_PROSE = re.compile(r"in this order|\b[Cc]all(ed)? ``|``\w+``, then ``|first call|before calling")


class Toy(Verb, steps="open turn* left|right shut?"):
    """Does nothing, in order."""

    def open(self) -> str:
        return "open"

    def turn(self) -> None: ...

    def left(self) -> None: ...

    def right(self) -> None:
        self.left()

    def shut(self) -> None: ...


class Brief(Toy, steps="right shut"):
    """Some steps of its base, one of them its own."""

    def shut(self) -> None:
        super().shut()


def played(verb: Verb, steps: str) -> None:
    for name in steps.split():
        getattr(verb, name)()


# ---- the steps of one verb ------------------------------------------------------------------------------
@pytest.mark.parametrize("steps", ["open left", "open turn turn right", "open right shut", "open turn"])
def test_steps_in_order_are_played(steps: str) -> None:
    played(Toy(), steps)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("turn", "Toy.turn: expected open"),
        ("open open", "Toy.open: expected turn or left or right"),
        ("open shut", "Toy.shut: expected turn or left or right"),
        ("open left right", "Toy.right: expected shut"),
        ("open left turn", "Toy.turn: expected shut"),
        ("open left shut shut", "Toy.shut: expected no step"),
    ],
)
def test_a_step_out_of_order_is_an_error_that_says_what_may_come(steps: str, said: str) -> None:
    with pytest.raises(OutOfOrder, match=f"^{said}$"):
        played(Toy(), steps)


def test_each_verb_counts_its_own_steps_and_gives_what_they_give() -> None:
    assert [Toy().open(), Toy().open()] == ["open", "open"]


def test_steps_of_a_subclass_are_its_own() -> None:
    played(Brief(), "right shut")
    with pytest.raises(OutOfOrder, match=r"^Brief.open: expected right$"):
        Brief().open()


def test_a_step_that_no_method_plays_is_noticed_when_the_class_is_made() -> None:
    with pytest.raises(AttributeError):
        type("Broken", (Verb,), {}, steps="open")


# ---- all verbs of the film ------------------------------------------------------------------------------
def parsed() -> dict[str, ast.ClassDef]:
    """The classes of ``visuals`` by name; no name stands twice (``test_names.py``)."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in FILES)
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


CLASSES = parsed()


def line_of(name: str) -> list[ast.ClassDef]:
    """A class and its bases, as far as they stand in ``visuals``."""
    bases = [b.id for b in CLASSES[name].bases if isinstance(b, ast.Name) and b.id in CLASSES]
    return [CLASSES[name], *(node for base in bases for node in line_of(base))]


def steps_of(name: str) -> set[str]:
    """The steps that a class or the nearest of its bases declares."""
    said = [
        k.value.value for node in line_of(name) for k in node.keywords if isinstance(k.value, ast.Constant)
    ]
    return {n for text in said[:1] for step in str(text).split() for n in VerbStep.read(step).names}


def moves(method: ast.FunctionDef) -> bool:
    """Whether a method plays something, or gives what is to be played."""
    called = {
        c.func.attr for c in ast.walk(method) if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)
    }
    returned = ast.unparse(method.returns) if method.returns else ""
    return bool(called & {"play", "_play", "enter", "wait"}) or returned == "None" or "Animation" in returned


ACTORS = sorted(
    name
    for name in CLASSES
    if name != "StageScene" and any("self.scene" in ast.unparse(node) for node in line_of(name))
)


def test_there_are_verbs() -> None:
    assert len(ACTORS) > 20
    assert {"MatMul", "HeadMix", "Softmax"} < set(ACTORS)


@pytest.mark.parametrize("name", ACTORS)
def test_what_keeps_a_scene_declares_the_steps_that_it_plays(name: str) -> None:
    assert "Verb" in {node.name for node in line_of(name)}
    methods = [m for m in CLASSES[name].body if isinstance(m, ast.FunctionDef) and not m.decorator_list]
    public = {m.name for m in methods if m.name[0] != "_" and moves(m)}
    assert steps_of(name)
    assert public - steps_of(name) == set()


def test_no_docstring_of_the_visuals_states_an_order() -> None:
    said = {
        f"{path.stem}:{getattr(node, 'name', '')}": ast.get_docstring(node) or ""
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    }
    assert len(said) > 500
    assert {name: text for name, text in said.items() if ORDER_IN_PROSE.search(text)} == {}
