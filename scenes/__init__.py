"""The film's scenes: a class for each line of the formula table, and those before and behind them.

A storyboard says ``stage = "…"``, or ``scene = "…"`` with the place it takes: ``"before"`` the stages or ``"after"``
them, those of one place in the order of their files. One that says ``cut = "…"`` is in that cut alone. It is found by
that, without being imported: only ``find`` imports a scene, and manim with it. The storyboards draw the stages of the
article, and those of other architectures that name one of them (``drawn_as``); a stage without one, and one that
computes something else under a name of the article's, is drawn by the default storyboard.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import EnvironmentProblem
from tensorreel.core.stages import ARTICLE
from tensorreel.visuals.look.options import FULL
from tensorreel.words.text import Text, message

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

PLACES = ("before", "after")  # the stages
AGAINST = "against"  # the end of a film of differences
FOLDER = Path(__file__).parent
_CLASS = re.compile(r"^class (\w+)\b", re.MULTILINE)
_SAYS = re.compile(r"^    (stage|scene|place|cut) = \"(\w+)\"$", re.MULTILINE)


@dataclass(frozen=True)
class Storyboard:
    """Where the class of a scene stands. ``place`` is empty for one that draws a stage, ``cut`` for one of every cut."""

    name: str
    file: Path
    cls: str
    place: str = ""
    cut: str = ""

    @property
    def module(self) -> str:
        """Its module in this folder."""
        return self.file.stem

    @property
    def described(self) -> str:
        """``module.Class``."""
        return f"{self.module}.{self.cls}"

    @cached_property
    def words(self) -> Mapping[str, Text]:
        """What a scene that draws no stage says of itself: its ``title``, what it ``shows``, its ``meaning``."""
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == self.cls).body
        return {
            node.targets[0].id: message(*map(ast.literal_eval, node.value.args))
            for node in body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
            and node.value.func.id == Text.__name__
        }


DEFAULT = Storyboard("", FOLDER / "default.py", "Default")


def discovered(folder: Path) -> Mapping[str, Storyboard]:
    """The storyboards in a folder by the name of their scene, read from the sources as they are, broken ones included.

    ``EnvironmentProblem`` where there are none, or two of one scene.
    """
    found: dict[str, Storyboard] = {}
    for file in sorted(folder.glob("*.py")):
        for board in _boards(file):
            if board.name in found:
                twice = f"{found[board.name].described} and {board.described}"
                raise EnvironmentProblem(f"{folder}: {twice} both draw {board.name}, expected one of them")
            found[board.name] = board
    if not found:
        raise EnvironmentProblem(f"{folder}: no storyboard, expected the film's (install again)")
    return found


def _boards(file: Path) -> Iterator[Storyboard]:
    _, *parts = _CLASS.split(file.read_text(encoding="utf-8", errors="replace"))
    for cls, body in zip(parts[::2], parts[1::2], strict=True):
        says = dict(_SAYS.findall(body.partition("\n    def ")[0]))
        if name := says.get("stage") or says.get("scene"):
            yield Storyboard(name, file, cls, says.get("place", ""), says.get("cut", ""))


@lru_cache(maxsize=1)
def storyboards() -> Mapping[str, Storyboard]:
    """The film's storyboards by the name of their scene."""
    return discovered(FOLDER)


def around(*places: str) -> list[str]:
    """Names of the scenes that stand ``"before"`` or ``"after"`` the stages; both if no place is named."""
    return [board.name for board in storyboards().values() if board.place in (places or PLACES)]


def film(architecture: Architecture = ARTICLE, cut: str = FULL, *, compares: bool = False) -> tuple[str, ...]:
    """Names of the scenes of an architecture's film in a cut, in order; of a film of differences with its end."""
    end = around(AGAINST) if compares else ()
    names = (*around("before"), *(s.name for s in architecture.stages), *around("after"), *end)
    return tuple(name for name in names if in_cut(name, cut))


def in_cut(name: str, cut: str) -> bool:
    """Whether a scene has beats in a cut."""
    board = storyboards().get(name)
    return board is None or board.cut in ("", cut)


def named(
    asked: Sequence[str], architecture: Architecture = ARTICLE, *, compares: bool = False
) -> tuple[str, ...]:
    """Names of the scenes of an architecture that were asked for, each once; ``UsageProblem`` for one it has not."""
    known = around(*PLACES, AGAINST) if compares else around()
    return tuple(dict.fromkeys(key if key in known else architecture.find(key).name for key in asked))


def board_of(name: str, architecture: Architecture = ARTICLE) -> Storyboard:
    """What draws a scene of an architecture; ``KeyError`` if it has no such scene."""
    board = storyboards().get(name)
    if board is not None and board.place:
        return board
    stage = architecture.get(name)
    if stage is None:
        raise KeyError(name)
    its_own = ARTICLE.get(name) is None or architecture.computes_alike(ARTICLE, name)
    return storyboards().get(stage.drawn_as or (name if its_own else ""), DEFAULT)


def find(name: str, architecture: Architecture = ARTICLE) -> type[StageScene]:
    """The class that draws a scene of an architecture; ``KeyError`` if it has no such scene."""
    board = board_of(name, architecture)
    kind: type[StageScene] = getattr(import_module(f"{__name__}.{board.module}"), board.cls)
    return (
        kind
        if board.name == name
        else type(board.cls, (kind,), {"stage": name, "told_as": kind.told_as or kind.stage})
    )


def number(name: str, architecture: Architecture = ARTICLE) -> int:
    """Its place in the film: 0 the opening, then the stages by their numbers, then what stands behind them."""
    return film(architecture, compares=True).index(name)


def title(name: str, architecture: Architecture = ARTICLE) -> Text:
    """What a scene is called, without its number; ``KeyError`` if there is no such scene."""
    stage = architecture.get(name)
    return stage.title if stage else storyboards()[name].words["title"]
