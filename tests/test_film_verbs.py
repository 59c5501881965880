"""Each verb of the visual vocabulary, drawn by our renderer and by stock Manim: the frames are the same.

A verb is played where a storyboard plays it; all else in the scene goes by undrawn. What a verb is comes from
the code of ``visuals``: each place that calls ``play`` or ``wait``, each class that has one, each kind of
animation. One that no storyboard plays has not been compared, and is named.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel.film.draw import manim_setup
from tensorreel.film.job.picture import Picture
from tensorreel.models import tiny_model

manim_setup.import_manim()

from manim import Animation, Scene  # noqa: E402
from tensorreel.scenes import film, find  # noqa: E402

from tensorreel import visuals  # noqa: E402
from tensorreel.core.engine import Trace, forward  # noqa: E402
from tensorreel.families.choices import Choices, architecture_of  # noqa: E402
from tensorreel.film.draw import native  # noqa: E402
from tensorreel.film.draw.fast import FilmRenderer, PlainRenderer  # noqa: E402
from tensorreel.film.draw.motion import leaves  # noqa: E402
from tensorreel.models.samples import large_model, sample_models  # noqa: E402
from tensorreel.variations.change import varied  # noqa: E402
from tensorreel.visuals.against.compared import set_against  # noqa: E402
from tensorreel.visuals.look.options import STORY, SceneOptions  # noqa: E402
from tensorreel.visuals.stage.scene import StageScene  # noqa: E402
from tests.architectures import ONE_NORM, small_model  # noqa: E402
from tests.frames import StockRenderer, compared, played_by_stock, played_by_us  # noqa: E402
from tests.trainings import loss, training_of  # noqa: E402

pytestmark = pytest.mark.slow
PICTURE = Picture(640, 360, 10)
TIMES = 2  # that a verb is drawn in each scene
FOLDER = Path(visuals.__file__ or "").parent
FILES = sorted(p for p in FOLDER.rglob("*.py") if p.stem != "__init__")
assert FILES


# ---- what verbs there are -----------------------------------------------------------------------------
def modules() -> list[Any]:
    names = (".".join(p.relative_to(FOLDER).with_suffix("").parts) for p in FILES)
    return [import_module(f"tensorreel.visuals.{name}") for name in names]


def sites() -> dict[str, dict[int, str]]:
    """File -> each line of a call of ``play`` or ``wait`` -> the verb, as module.Class.method:line."""
    found: dict[str, dict[int, str]] = {}
    for path in FILES:
        lines = found[str(path)] = {}
        for name, call in _calls(ast.parse(path.read_text(encoding="utf-8")), path.stem):
            for line in range(call.lineno, (call.end_lineno or call.lineno) + 1):
                lines[line] = f"{name}:{call.lineno}"
    return found


def _calls(node: ast.AST, name: str) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        inner = f"{name}.{child.name}" if isinstance(child, ast.ClassDef | ast.FunctionDef) else name
        if isinstance(child, ast.Call) and getattr(child.func, "attr", "") in ("play", "wait"):
            yield inner, child
        yield from _calls(child, inner)


def _name(cls: type) -> str:
    return f"{cls.__module__.rpartition('.')[2]}.{cls.__qualname__}"


def classes(kind: Callable[[type], bool]) -> set[str]:
    """The classes of ``visuals`` that are of a kind."""
    return {
        f"{m.__name__.rpartition('.')[2]}.{name}"
        for m in modules()
        for name, cls in vars(m).items()
        if inspect.isclass(cls) and cls.__module__ == m.__name__ and kind(cls)
    }


SITES = sites()
PLAYING = {name.rpartition(":")[0].rpartition(".")[0] for lines in SITES.values() for name in lines.values()}
ANIMATIONS = classes(lambda cls: issubclass(cls, Animation))
ACTORS = classes(
    lambda cls: not issubclass(cls, Scene) and any(_name(base) in PLAYING for base in cls.__mro__)
)


def verbs() -> set[str]:
    return ANIMATIONS | ACTORS | {name for lines in SITES.values() for name in lines.values()}


# ---- which of them is playing ---------------------------------------------------------------------------
def playing(animations: Any) -> set[str]:
    """The verbs on the stack and in the animations that are about to be played."""
    now = {_name(type(a)) for a in leaves(animations)}
    frame: Any = sys._getframe(1)
    while frame is not None:
        site = SITES.get(frame.f_code.co_filename, {}).get(frame.f_lineno)
        if site:
            now |= {site, _name(type(frame.f_locals.get("self")))}
        frame = frame.f_back
    return now & VERBS


class _Choosing:
    """A renderer that draws a play only while a verb in it has been drawn less than ``TIMES``."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.drawn: Counter[str] = Counter()
        self.chosen = False

    def play(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        now = playing(args)
        self.chosen = any(self.drawn[verb] < TIMES for verb in now)
        if self.chosen:
            self.drawn.update(now)
        self.play_chosen(scene, *args, **kwargs)

    def play_chosen(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        super().play(scene, *args, **kwargs)  # type: ignore[misc]


class OurSome(_Choosing, FilmRenderer):
    """Ours, of which only the chosen plays are drawn."""

    def hold(self, scene: Any, count: int) -> None:
        (FilmRenderer if self.chosen else PlainRenderer).hold(self, scene, count)

    def move(self, scene: Any, times: Any) -> None:
        (FilmRenderer if self.chosen else PlainRenderer).move(self, scene, times)


class StockSome(_Choosing, StockRenderer):
    """Stock Manim, likewise; what is not drawn goes by as in ours, so that time is counted alike."""

    hold, move = PlainRenderer.hold, PlainRenderer.move

    def play_chosen(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        (StockRenderer if self.chosen else PlainRenderer).play(self, scene, *args, **kwargs)


class Undrawn(_Choosing, PlainRenderer):
    """Draws nothing and notes what would have been drawn."""


# ---- the tests ------------------------------------------------------------------------------------------
VERBS = verbs()
assert min(map(len, (ANIMATIONS, ACTORS, PLAYING))) > 5, "what plays is no longer found"
ELSEWHERE = {  # what the tiny model gives no reason to do
    "large": (
        "token_embedding",
        "embedding",
        "query",
        "context",
        "last_hidden_state",
    ),  # windows, pages, L > 2
    "largest": ("attn_output", "probs"),  # windows first shown in full; shares without bars
    "causal": ("attn_scores",),  # the mask
    "short": ("recap",),  # a place is left for the word that comes next
}
TAKEN = {"token_embedding": "opening", "key": "query"}  # scenes that take over the picture of another one
CASES = [
    *(("tiny", name) for name in film()),
    *(("taken", name) for name in TAKEN),
    *((model, name) for model, names in ELSEWHERE.items() for name in names),
    ("tiny", "evolve"),
    *(("against", name) for name in ("query", "value", "difference")),
    ("tiny", "saying"),
    ("one-norm", "ffn_sum"),  # drawn by the plain storyboard
    *(("gelu", name) for name in ("ffn_hidden", "ffn_output")),
    *(("story", name) for name in ("embedding", "attn_scores")),  # what was passed over is caught up with
]


class Saying(StageScene):
    """A caption on an empty stage where nothing moves: no storyboard of the film begins like that, one's own may."""

    def storyboard(self) -> None:
        with self.beat("only said", "Nothing moves here"):
            pass


@cache
def trace(model: str) -> Trace:
    return forward(
        {
            "tiny": tiny_model(),
            "taken": tiny_model(),
            "story": tiny_model(),
            "against": varied(tiny_model(), ["set layers.0.W_V[0,1,0]=0.9"]),
            "short": replace(tiny_model(), tokens=tiny_model().tokens[:3]),
            "large": large_model(),
            "one-norm": small_model(ONE_NORM),
            "gelu": small_model(architecture_of(Choices(activation="gelu"))),
            **sample_models(),
        }[model]
    )


def build(model: str, name: str, renderer: Any) -> Any:
    """The scene of a case; with the one before it where it takes over its picture, with its moments if it is a
    training's.
    """
    seen = trace(model)
    if name == "evolve":
        return find(name)(renderer, trace=seen, moments=training_of(2, "probs", scalars=loss(2)).moments)
    if model == "against":
        return set_against(find(name), trace("tiny"))(renderer, trace=seen)
    if name == "saying":
        return Saying(renderer, trace=seen)
    before = None
    if model == "taken":
        before = find(TAKEN[name])(PlainRenderer(), trace=seen, onward=True)
        before.render()
    options = SceneOptions(cut=STORY) if model == "story" else None
    return find(name, seen.model.architecture)(renderer, trace=seen, options=options, before=before)


@pytest.mark.parametrize(("model", "name"), CASES)
def test_verbs_equal_stock(model: str, name: str, tmp_path: Path) -> None:
    """By the compiled kernel, where it was built, and by Python alone: the same bytes, and stock's picture."""
    case = partial(build, model, name)
    ours = played_by_us(case, PICTURE, tmp_path, OurSome)
    likeness = compared(played_by_stock(case, PICTURE, tmp_path, StockSome), ours.reel)
    print(f"{name} [{model}], {likeness}")
    assert likeness.same, likeness
    if native.kernel is not None:
        with native.without():
            plain = played_by_us(case, PICTURE, tmp_path, OurSome)
        assert compared(ours.reel, plain.reel).greatest == 0
        for a, b in zip(ours.yuv.planes, plain.yuv.planes, strict=True):
            assert np.array_equal(a, b)


def test_every_verb_is_compared(tmp_path: Path) -> None:
    """The plays that the other test draws, undrawn: no verb is missing."""
    drawn: set[str] = set()
    with manim_setup.manim_settings(PICTURE, tmp_path):
        for model, name in CASES:
            renderer = Undrawn()
            build(model, name, renderer).render()
            drawn |= set(renderer.drawn)
    assert sorted(VERBS - drawn) == []
