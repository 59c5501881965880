"""A storyboard played without its pictures, as fast as its sentences can be chosen: nouns and verbs are stand-ins.

What a storyboard asks of a number still comes from the trace, and its beats are the scene's own. What draws is replaced
by something that answers everything; the few nouns whose numbers decide a sentence keep these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

from tensorreel import scenes
from tensorreel.core.engine import Trace
from tensorreel.visuals.chapters.attention.spreadline import size_of
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.text import Aside

DRAWN = (
    "manim.",
    *(f"tensorreel.visuals.{room}" for room in ("chapters.", "product.", "shares.", "space.")),
    *(
        f"tensorreel.visuals.{module}"
        for module in ("matrix.alone", "matrix.shading", "stage.guess", "stage.sentence")
    ),
)
KEPT = {
    *("Difference", "NormRow", "SpherePaths", "is_exact", "most_telling", "strongest_look", "swappable"),
    *("Trail", "added_by", "asked", "decided", "going_on", "looked_by_head", "shared_out"),
}


def rehearsed(name: str, trace: Trace, options: SceneOptions) -> list[Any]:
    """The captions of a scene, in order: ``english``, ``text``, ``claims`` and ``facts`` of each."""
    kind, said = scenes.find(name, trace.model.architecture), list[Any]()

    def caption(text: str, pen: Any, claims: Any, facts: Any, english: str) -> Any:
        said.append(SimpleNamespace(text=text, claims=claims, facts=facts, english=english))
        return said[-1]

    still = {
        name: lambda *_, **__: None
        for name in ("play", "wait", "enter", "leave", "_turn_caption", "next_section")
    }
    scene = type(kind.__name__, (kind,), still)(trace=trace, options=options)
    scene.map = scene.header = scene.tag = MagicMock()
    with ExitStack() as stack:
        stack.enter_context(patch("tensorreel.visuals.stage.scene.Caption", caption))
        for module in {sys.modules[cls.__module__] for cls in kind.__mro__}:
            if module.__name__.startswith(("tensorreel.scenes.", *DRAWN)) and "manim" not in module.__name__:
                stack.enter_context(patch.multiple(module, **dict(_stand_ins(scene, module))))
        scene.storyboard()
    return said


def _stand_ins(scene: StageScene, module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Something in the place of everything that a storyboard's file takes from the rooms that draw."""
    for name, thing in vars(module).items():
        room = str(getattr(thing, "__module__", ""))
        plays = isinstance(thing, type) and issubclass(thing, StageScene)
        if room.startswith(DRAWN) and room != module.__name__ and name not in KEPT and not plays:
            yield name, _NUMBERED[name] if name in _NUMBERED else MagicMock()


def _grids(a: DisplayTensor, b: DisplayTensor, c: DisplayTensor, *_: Any, **__: Any) -> Any:
    """Three matrices of which every cell is shown."""
    return MagicMock(**{letter: _grid(t) for letter, t in zip("abc", (a, b, c), strict=True)})


def _grid(tensor: DisplayTensor) -> Any:
    n, m = tensor.values.shape
    return MagicMock(tensor=tensor, rows=range(n), cols=range(m))


def _scaling(scene: StageScene, falk: Any, scores: DisplayTensor) -> Any:
    """The sizes of a matrix before and after its division."""
    dots, root = falk.c.tensor, scene.count("k").sqrt()
    scaled = dots.reworked(dots.values / root.value, lambda i, j: dots[i, j] / root)
    return MagicMock(
        size_before=(size_of(dots), dots.decimals), size_after=(size_of(scaled), scores.decimals)
    )


def _scores(scene: StageScene, falk: Any) -> Any:
    """The row of the scores that is read, and its highest word."""
    return MagicMock(falk=falk, row=falk.focus, best_word=int(falk.c.tensor.values[falk.focus].argmax()))


_NUMBERED: dict[str, Callable[..., Any]] = {
    "AddGrids": _grids,
    "AnswerBars": lambda *_, **__: MagicMock(meaning=Aside("en", "")),
    "CornerFalk": lambda a, b, c, *_, focus, **__: MagicMock(c=_grid(c), focus=focus),
    "Mixture": lambda a, v, z, i: MagicMock(i=i),
    "ReadScores": _scores,
    "Scaling": _scaling,
    "ScorePlane": MagicMock(exists=lambda *_: False),
    "Softmax": lambda scene, bench, i, *_: MagicMock(i=i),
    "change_view": lambda *_: (MagicMock(), [MagicMock()]),
    "score_layout": lambda scene, q, k, dots, scores: MagicMock(c=_grid(dots)),
}
