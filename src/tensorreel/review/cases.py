"""What is reviewed: which scenes, of which models, in which languages and themes; played dry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorreel.engine import Trace, forward
from tensorreel.film import renderers
from tensorreel.film.boot import import_manim
from tensorreel.film.picture import Picture
from tensorreel.model import Model
from tensorreel.scenes import SCENES
from tensorreel.visuals.options import LANGUAGES, THEMES, SceneOptions

if TYPE_CHECKING:
    from tensorreel.visuals.scene import StageScene

Observer = Callable[[Any, str, list[Any]], None]


@dataclass(frozen=True)
class Case:
    """One scene of one model in one language and theme."""

    scene: str
    model: str
    trace: Trace
    options: SceneOptions

    def __str__(self) -> str:
        return f"{self.scene} [{self.model}, {self.options.lang}, {self.options.theme}]"


def cases(
    models: dict[str, Model],
    scenes: Sequence[str] = (),
    langs: Sequence[str] = LANGUAGES,
    themes: Sequence[str] = THEMES,
) -> Iterator[Case]:
    """Every combination, model by model, so that a trace is computed once."""
    for name, model in models.items():
        trace = forward(model)
        for scene in scenes or SCENES:
            for lang in langs:
                for theme in themes:
                    yield Case(scene, name, trace, SceneOptions(lang=lang, theme=theme))


def play(case: Case, observer: Observer, kind: type[StageScene] | None = None) -> Any:
    """Play a case without drawing it; the observer sees every motion and every beat. Returns the scene.

    ``kind`` is played instead of the case's own scene, for trials.
    """
    import_manim()
    from tensorreel import scenes
    from tensorreel.film.job import drawing

    with drawing(Picture(1920, 1080, 60)):
        scene = (kind or scenes.find(case.scene))(renderers.plain()(), trace=case.trace, options=case.options)
        scene.observers.append(observer)
        scene.render()
    return scene
