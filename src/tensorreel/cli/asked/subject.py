"""What a command is asked to show: scenes, a model and a sentence, and the look. Shared by all that draw."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from tensorreel import scenes
from tensorreel.cli.asked.before import against_option
from tensorreel.cli.asked.options import (
    Command,
    StageParam,
    check_place,
    font_option,
    model_options,
    place_options,
    with_options,
)
from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.visuals.look.options import CLEAR_THEMES, CUTS, FULL, THEMES, SceneOptions
from tensorreel.words.languages import LANGUAGES

if TYPE_CHECKING:
    from tensorreel.film.job.job import Job
    from tensorreel.film.job.picture import Picture

OPAQUE = tuple(name for name in THEMES if name not in CLEAR_THEMES)


class SceneParam(StageParam):
    """A stage, or a scene around the stages, as it was typed."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Stages, and the scenes around them."""
        others = [CompletionItem(name) for name in scenes.around() if name.startswith(incomplete)]
        return others + super().shell_complete(ctx, param, incomplete)


def scenes_argument(*, required: bool = False) -> Callable[[Command], Command]:
    """STAGEs, ``opening`` and ``recap`` among them; the command receives ``stages: tuple[str, ...]``, as they were typed.

    Which scenes they are, ``scenes.named`` says; of a command that has ``subject_options`` it is asked already.
    """
    metavar = "STAGE..." if required else "[STAGE]..."
    return click.argument("stages", metavar=metavar, type=SceneParam(), nargs=-1, required=required)


def cut_option() -> Callable[[Command], Command]:
    """``--cut``."""
    told = "Every beat; the numbers without the whys; or the story, one beat for each stage."
    return click.option("--cut", type=click.Choice(CUTS), default=FULL, show_default=True, help=told)


def _look(themes: Sequence[str]) -> tuple[Callable[[Command], Command], ...]:
    """``--lang --theme --pace --cut --font``."""
    return (
        click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the texts."),
        click.option(
            "--theme",
            type=click.Choice(themes),
            default="dark",
            help="Background; transparent lies over light slides, transparent-dark over dark ones."
            if "transparent" in themes
            else "Background.",
        ),
        click.option(
            "--pace",
            type=click.FloatRange(0.1, 10),
            default=1.0,
            metavar="X",
            help="How fast: 2 is twice as fast.",
        ),
        cut_option(),
        font_option("A font file for all text. Without it: Noto Sans CJK JP or the like."),
    )


def scene_options(themes: Sequence[str] = THEMES) -> Callable[[Command], Command]:
    """Look and place, of which the place is not checked yet; the command receives ``options: SceneOptions``."""

    def decorated(fn: Command) -> Command:
        @functools.wraps(fn)
        def chosen(
            *args: Any,
            lang: str,
            theme: str,
            pace: float,
            cut: str,
            font: str | None,
            layer: int | None,
            head: int | None,
            token: int | None,
            **rest: Any,
        ) -> Any:
            options = SceneOptions(lang, theme, pace, layer or 0, head or 0, token, font, cut)
            return fn(*args, options=options, **rest)

        return with_options(place_options(chosen), _look(themes))  # type: ignore[return-value]

    return decorated


@dataclass(frozen=True)
class Subject:
    """A sentence in a model, checked, and how to show it. ``model_file`` is where the model was read from, ``before`` the
    model that a film of differences compares it with."""

    model: Model
    tokens: tuple[int, ...]
    options: SceneOptions
    model_file: Path | None = None
    before: Model | None = None

    def __post_init__(self) -> None:
        place = self.options
        check_place(self.model, self.tokens, place.layer, place.head, place.token)

    @property
    def trace(self) -> Trace:
        """The forward pass, computed now."""
        return forward(self.model, self.tokens)

    def jobs(
        self, names: Sequence[str], picture: Picture, form: str, *, beat: str | None = None
    ) -> list[Job]:
        """A job for each scene that is named, or for all of the film, in its order; the target is to be given."""
        from tensorreel.film.job.job import Job
        from tensorreel.film.run.contents import film_jobs

        old = None if self.before is None else forward(self.before, self.tokens)
        return film_jobs(Job("", self.trace, self.options, picture, form, Path(), beat, old=old), names)


def subject_options(themes: Sequence[str] = THEMES) -> Callable[[Command], Command]:
    """Which model and sentence, which one before, which look and place; the command receives ``subject: Subject``."""

    def decorated(fn: Command) -> Command:
        @against_option()
        @model_options
        @scene_options(themes)
        @functools.wraps(fn)
        def chosen(
            *args: Any,
            model: Model,
            tokens: tuple[int, ...],
            model_file: Path | None,
            before: Model | None,
            options: SceneOptions,
            **rest: Any,
        ) -> Any:
            if "stages" in rest:
                compares = before is not None
                rest["stages"] = scenes.named(rest["stages"], model.architecture, compares=compares)
            return fn(*args, subject=Subject(model, tokens, options, model_file, before), **rest)

        return chosen  # type: ignore[return-value]

    return decorated
