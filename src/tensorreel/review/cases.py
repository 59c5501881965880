"""What is reviewed: which scenes, of which models, in which languages and themes; played dry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.film.draw import choose
from tensorreel.film.draw.manim_setup import import_manim
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.scenes import film
from tensorreel.visuals.look.options import FULL, THEMES, SceneOptions
from tensorreel.words.languages import LANGUAGES

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Observer = Callable[[Any, str, list[Any]], None]


@dataclass(frozen=True)
class Case:
    """One scene of one model in one language and theme; ``after`` a scene whose closing picture goes over into it, only
    its first beat. ``old`` is the trace of the model before, in a film of differences."""

    scene: str
    model: str
    trace: Trace
    options: SceneOptions
    after: str = ""
    old: Trace | None = None

    def __str__(self) -> str:
        taken = f"{self.after} → " if self.after else ""
        cut = [] if self.options.cut == FULL else [self.options.cut]
        return f"{taken}{self.scene} [{', '.join((self.model, self.options.lang, self.options.theme, *cut))}]"


def cases(
    models: dict[str, Model],
    scenes: Sequence[str] = (),
    langs: Sequence[str] = LANGUAGES,
    themes: Sequence[str] = THEMES,
    cut: str = FULL,
    old: Model | None = None,
) -> Iterator[Case]:
    """Every combination, model by model, so that a trace is computed once; each scene alone, and after the one before it
    in the film."""
    for name, model in models.items():
        trace = forward(model)
        before_it = forward(old, trace.tokens) if old is not None else None
        order = film(model.architecture, cut, compares=old is not None)
        before = dict(zip(order[1:], order, strict=False)) if cut == FULL else {}
        for scene in (name for name in order if name in (scenes or order)):
            for after in dict.fromkeys(("", before.get(scene, ""))):
                for lang in langs:
                    for theme in themes:
                        yield Case(
                            scene,
                            name,
                            trace,
                            SceneOptions(lang=lang, theme=theme, cut=cut),
                            after,
                            before_it,
                        )


def play(case: Case, observer: Observer, kind: type[StageScene] | None = None, *, moments: int = 0) -> Any:
    """Play a case without drawing it; the observer sees every motion and every beat. Returns the scene.

    ``kind`` is played instead of the case's own scene, for trials. With ``moments`` the observer also sees that
    many instants within each motion (as ``"during"``); ``scene.time`` is then the instant's.
    """
    import_manim()
    from tensorreel.film.make.clip import build_scene, drawing

    job = Job(
        case.scene,
        case.trace,
        case.options,
        Picture(1920, 1080, 60),
        "mp4",
        Path(),
        after=case.after,
        old=case.old,
    )
    with drawing(job.picture):
        renderer = _halting(moments) if moments else choose.dry_renderer()()
        scene = kind(renderer, trace=case.trace, options=case.options) if kind else build_scene(job, renderer)
        scene.observers.append(observer)
        if case.after:
            scene.on_beat.append(_stop)
        with suppress(FirstBeat):
            scene.render()
    return scene


class FirstBeat(Exception):  # noqa: N818  (the name says what happened)
    """The first beat is over, and nobody looks further."""


def _stop(beat: Any) -> None:
    raise FirstBeat


def _halting(moments: int) -> Any:
    """A renderer that stops within every motion, evenly, and lets the scene's observers look.

    With a Manim whose inside is not known to us nothing stops: its renderer has no ``move``.
    """
    renderer = choose.dry_renderer()()
    if not (to_the_end := getattr(renderer, "move", None)):
        return renderer

    def move(scene: Any, times: Sequence[float]) -> None:
        start = renderer.time
        for k in range(moments):
            moment = scene.duration * (k + 0.5) / moments
            scene.update_to_time(moment)
            renderer.time = start + moment
            for observer in scene.observers:
                observer(scene, "during", [])
        renderer.time = start
        to_the_end(scene, times)

    renderer.move = move
    return renderer
