"""No list of stages or of formats, no stage's number and no slice of the table but where they are declared."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorreel.scenes import around, film

from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.formats import FORMATS
from tensorreel.publish.questions import QUESTIONS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scenes").glob("*.py")]
STAGES = {stage.name for stage in ARTICLE.stages}
RUNS = {"stages", "prologue", "layer", "epilogue"}  # of an architecture

# Where stages or formats may be listed, and why.
DECLARED = {
    "src/tensorreel/core": "the table itself",
    "src/tensorreel/publish/questions.py": "one question a stage, each written by hand",
    "src/tensorreel/visuals/look/theme.py": "roles of colour, some named as stages, and which tensor wears which",
    "src/tensorreel/visuals/chapters/heads/lanes.py": "the few that a lane has room for",
    "src/tensorreel/publish/deck/pictures.py": "pictures inside a deck, which are no clips",
    "src/tensorreel/publish/mux.py": "FFmpeg's names of containers",
}
STORYBOARDS = "scenes/"  # may name the few tensors that they show


def place(path: Path) -> str:
    """A source file as a path below the root."""
    return path.relative_to(ROOT).as_posix()


def allowed(path: Path) -> bool:
    """Whether a file is one that declares."""
    return any(place(path) == known or place(path).startswith(f"{known}/") for known in DECLARED)


def texts(node: ast.AST) -> list[str]:
    """The strings of a tuple, list or set, or the keys of a dict, that stand there as they are."""
    if isinstance(node, ast.Dict):
        inside: list[ast.expr] = [key for key in node.keys if key is not None]
    else:
        inside = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else []
    return [e.value for e in inside if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def whole(node: ast.AST | None) -> int | None:
    """A typed whole number."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return None if (found := whole(node.operand)) is None else -found
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def last(node: ast.AST) -> str:
    """``stages`` of ``self.architecture.stages``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def listed(node: ast.AST, most: int) -> str:
    """What a display or a comparison repeats; up to ``most`` stages may be named together."""
    found = set(texts(node))
    if len(found & STAGES) > most or found >= set(around()):
        return "a list of stages"
    if len({text.lstrip(".") for text in found} & set(FORMATS)) > 1:
        return "a list of formats"
    parts = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
    compared = {str(part.value).lstrip(".") for part in parts if isinstance(part, ast.Constant)}
    return "a question for one format" if compared & set(FORMATS) else ""


def placed(node: ast.AST) -> str:
    """What a subscript or a call knows of a stage's place."""
    if isinstance(node, ast.Subscript) and last(node.value) in RUNS:
        cut = isinstance(node.slice, ast.Slice) or whole(node.slice) not in (None, 0, -1)
        return "a slice of the table" if cut else ""
    if isinstance(node, ast.Call) and node.args and whole(node.args[0]) is not None:
        counted = [last(arg) for arg in node.args[1:2]] == ["STAGE"]
        return "a stage's number" if counted or last(node.func) in {"station", "find"} else ""
    return ""


def wrong(tree: ast.AST, most: int = 2) -> Iterator[str]:
    """What stands in a source that only the declarations may hold."""
    for node in ast.walk(tree):
        if what := listed(node, most) or placed(node):
            yield f"{what} in line {getattr(node, 'lineno', 0)}"


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_nothing_is_listed_twice(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    most = 3 if place(path).startswith(STORYBOARDS) else 2
    assert allowed(path) or list(wrong(tree, most)) == []


@pytest.mark.parametrize("known", DECLARED)
def test_whoever_may_declare_does(known: str) -> None:
    files = [path for path in SOURCES if place(path) == known or place(path).startswith(f"{known}/")]
    assert any(list(wrong(ast.parse(path.read_text(encoding="utf-8")))) for path in files)


@pytest.mark.parametrize(
    "code",
    [
        'X = {"query": 1, "key": 2, "value": 3}',
        'X = ("opening", "why", "recap", "probs")',
        'X = [".gif", ".webp"]',
        'X = job.format == "gif"',
        "X = self.architecture.stages[2:-3]",
        "X = table.stages[14]",
        "X = table.epilogue[-2]",
        'X = count(17, Count.STAGE, "logits")',
        "X = self.map.station(3)",
    ],
)
def test_each_of_these_is_found(code: str) -> None:
    assert len(list(wrong(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code", ["X = table.stages[0]", 'X = ("query", "key")', "X = layer[k]", "X = station(n)"]
)
def test_none_of_these_is_found(code: str) -> None:
    assert list(wrong(ast.parse(code))) == []


def test_what_is_written_for_each_scene_is_there_for_each() -> None:
    assert set(film()) == STAGES | set(around()) == set(QUESTIONS)
    assert not STAGES & set(around())
