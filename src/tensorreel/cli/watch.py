"""``tensorreel watch``: render again whenever something is saved."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tensorreel import scenes
from tensorreel.cli.asked.before import against_option
from tensorreel.cli.asked.formats import quality_option
from tensorreel.cli.asked.options import (
    MODEL_OPTIONS,
    asked_tokens,
    chosen_model,
    output_dir_option,
    with_options,
)
from tensorreel.cli.asked.subject import OPAQUE, Subject, scene_options, scenes_argument
from tensorreel.cli.render import clip_name
from tensorreel.cli.running import run_options, spare_others
from tensorreel.core.errors import InputError, TensorreelError, UsageProblem
from tensorreel.core.model import Model
from tensorreel.film.job.picture import QUALITIES
from tensorreel.film.run.production import RunOptions
from tensorreel.models.stated import beside

FAST = "m"


def _model_options(fn: Any) -> Any:
    """Which model and sentence, as they are: the model is read again at every save."""
    return with_options(fn, MODEL_OPTIONS)


@click.command()
@scenes_argument()
@against_option()
@_model_options
@scene_options(OPAQUE)
@quality_option("Size.", default=FAST, show_default=True)
@output_dir_option()
@run_options
def watch(stages: tuple[str, ...], orders: RunOptions, **given: Any) -> None:
    """Render each STAGE (all, if none is named), and again at every save of the model or a storyboard.

    They are made in the order in which they are named; the path of each is printed as soon as it is there. A broken
    file gives its one-line error and the watch goes on. Ctrl-C ends it.
    """
    from tensorreel.film.run.watching import changes, sources

    given["model_file"] = given["model_file"] and given["model_file"].absolute()
    if given["model_file"] is not None and not given["model_file"].exists():
        raise InputError(f"{given['model_file']}: no such file, expected a model to watch")
    _check(stages, given)
    for changed in changes([*sources(), *_files(given["model_file"])]):
        _round(stages, orders, given, changed)


def _check(stages: tuple[str, ...], given: dict[str, Any]) -> None:
    """``UsageProblem`` at once for a stage that the model does not have; of a broken model the first round speaks."""
    try:
        model, old = _models(given)
    except UsageProblem:
        raise
    except TensorreelError:
        return
    scenes.named(stages, model.architecture, compares=old is not None)


def _models(given: dict[str, Any]) -> tuple[Model, Model | None]:
    """The model as it is now, and the one before that a film of differences compares it with."""
    how = given["model_file"], given["max_bytes"], given["said"], given["sample"]
    model = chosen_model(*how, given["asked"])
    return model, given["before"](model, *how)


def _files(model_file: Path | None) -> list[Path]:
    """A model's file, and the one that may state the rest of it."""
    return [] if model_file is None else [model_file, beside(model_file)]


def _round(stages: tuple[str, ...], orders: RunOptions, given: dict[str, Any], changed: list[Path]) -> None:
    """One rendering; what goes wrong is said, and the watch goes on."""
    from tensorreel.film.run.watching import in_a_fresh_process

    if changed:
        click.echo(f"changed: {', '.join(sorted({p.name for p in changed}))}", err=True)
    try:
        in_a_fresh_process(_render, stages, orders, given)
    except TensorreelError as err:
        click.echo(f"tensorreel: error: {err}", err=True)
    if not changed:
        click.echo("watching for saves; Ctrl-C ends it", err=True)


def _say(clip: Any) -> None:
    click.echo(str(clip.path))
    sys.stdout.flush()


def _render(stages: tuple[str, ...], orders: RunOptions, given: dict[str, Any]) -> None:
    """Make the clips that changed; in a process of its own, which sees the storyboards as they are now."""
    from tensorreel.film.run.production import make_clips

    model, old = _models(given)
    tokens = asked_tokens(model, given["tokens"], given["text"])
    subject = Subject(model, tokens, given["options"], before=old)
    names = scenes.named(stages, model.architecture, compares=old is not None)
    jobs = subject.jobs(names, QUALITIES[given["quality"]], "mp4")
    todo = [replace(job, target=given["output_dir"] / clip_name(job)) for job in jobs]
    spare_others([job.target for job in todo], orders)
    make_clips(todo, orders=replace(orders, as_named=True, ready=_say))
