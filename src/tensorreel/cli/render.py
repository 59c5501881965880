"""``tensorreel render``: the film, or some of its stages as clips, GIFs or pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from tensorreel.cli.options import StageParam, check_place, model_options, place_options
from tensorreel.cli.running import run_options, spread, work_lines
from tensorreel.engine import forward
from tensorreel.errors import EnvironmentProblem, UsageProblem
from tensorreel.film.job import FORMATS, Format, Job
from tensorreel.film.picture import DEFAULT_QUALITY, GIF_PICTURE, QUALITIES, Picture
from tensorreel.film.production import Orders, film_jobs, list_work, make_clips, make_film
from tensorreel.model import Model
from tensorreel.visuals.options import LANGUAGES, THEMES, SceneOptions

FILM = "transformer.mp4"
OTHER_SCENES = ("opening", "recap")


class SceneParam(StageParam):
    """A stage, or the opening or the recap, as the name of its scene."""

    name = "stage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The scene's name."""
        return value if value in OTHER_SCENES else super().convert(value, param, ctx).name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Stages, and the two scenes around them."""
        others = [CompletionItem(name) for name in OTHER_SCENES if name.startswith(incomplete)]
        return others + super().shell_complete(ctx, param, incomplete)


def scenes_argument(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Any number of STAGEs, ``opening`` and ``recap`` among them; the command receives their scenes' names."""
    return click.argument("stages", metavar="[STAGE]...", type=SceneParam(), nargs=-1)(fn)


def look_options(fn: Callable[..., Any]) -> Callable[..., Any]:
    """``--lang --theme --pace --font``."""
    options = (
        click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the texts."),
        click.option("--theme", type=click.Choice(THEMES), default="dark", help="Dark or light background."),
        click.option(
            "--pace",
            type=click.FloatRange(0.1, 10),
            default=1.0,
            metavar="X",
            help="How fast: 2 is twice as fast.",
        ),
        click.option(
            "--font",
            type=click.Path(exists=True, dir_okay=False, readable=True),
            metavar="FILE",
            help="A font file for all text. Without it: Noto Sans CJK JP or the like.",
        ),
    )
    for option in reversed(options):
        fn = option(fn)
    return fn


@click.command()
@scenes_argument
@model_options
@look_options
@place_options
@click.option(
    "--quality", "-q", type=click.Choice(list(QUALITIES)), help="480p15, 720p30, 1080p60 (h), 1440p60, 4K60."
)
@click.option("--fps", type=click.IntRange(1, 120), metavar="N", help="Frames per second.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Film clip, animated GIF, or one picture.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("renders"),
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)
@click.option("--all-layers", is_flag=True, help="A clip for every layer of the model.")
@click.option("--all-heads", is_flag=True, help="A clip for every head of the model.")
@click.option("--all-languages", is_flag=True, help="A clip in every language.")
@click.option("--dry-run", "-n", is_flag=True, help="Say what would be rendered and why, and write nothing.")
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def render(
    stages: tuple[str, ...],
    model: Model,
    tokens: tuple[int, ...],
    model_file: Path | None,
    lang: str,
    theme: str,
    pace: float,
    font: str | None,
    layer: int | None,
    head: int | None,
    token: int | None,
    quality: str | None,
    fps: int | None,
    form: Format | None,
    output: Path | None,
    output_dir: Path,
    all_layers: bool,
    all_heads: bool,
    all_languages: bool,
    dry_run: bool,
    orders: Orders,
    as_json: bool,
) -> None:
    """Render the whole film, or each STAGE (a name or a number) as a clip of its own.

    The film goes to renders/transformer.mp4, clips to renders/<number>-<stage>.<format>; the paths are
    printed. GIFs are 960×540 at 20 frames per second, a PNG is the stage's last full picture. Clips that
    would show what they showed before are not made again.
    """
    names, form = tuple(dict.fromkeys(stages)), _format(form, output)
    many = all_layers or all_heads or all_languages
    check_place(model, tokens, layer, head, token)
    _check_output(names, form, output, output_dir, model_file, many)
    options = SceneOptions(lang, theme, pace, layer or 0, head or 0, token, font)
    like = Job("", forward(model, tokens), options, _picture(form, quality, fps), form, Path())
    todo = spread(film_jobs(like, names), all_layers, all_heads, all_languages)
    if dry_run:
        click.echo("\n".join(work_lines(list_work([job for job, _ in todo], orders))))
        return
    if names or many:
        written = _clips(todo, output, output_dir, orders)
    else:
        written = _film([job for job, _ in todo], output or output_dir / FILM, orders)
    click.echo(json.dumps(written, ensure_ascii=False) if as_json else "\n".join(w["path"] for w in written))


def _format(form: Format | None, output: Path | None) -> Format:
    """The format that was asked for, by name or by the ending of -o."""
    ending = output.suffix.lower().lstrip(".") if output else ""
    if output and ending not in get_args(Format):
        raise UsageProblem(f"-o {output}: ending {output.suffix or 'none'}, expected .mp4, .gif or .png")
    if form and ending and form != ending:
        raise UsageProblem(f"-o {output} and --format {form}, expected the same format")
    return form or ending or "mp4"  # type: ignore[return-value]


def _picture(form: Format, quality: str | None, fps: int | None) -> Picture:
    if form == "gif" and quality is None:
        return GIF_PICTURE.at(fps)
    picture = QUALITIES[quality or DEFAULT_QUALITY]
    return picture.at(fps or (GIF_PICTURE.fps if form == "gif" else None))


def _check_output(
    names: tuple[str, ...],
    form: Format,
    output: Path | None,
    folder: Path,
    model_file: Path | None,
    many: bool,
) -> None:
    """Refuse what cannot be written, before anything is."""
    if not names and not many and form != "mp4":
        raise UsageProblem(f"the whole film as {form}, expected mp4 (or name stages)")
    if output is None:
        if os.path.lexists(folder) and not folder.is_dir():
            raise UsageProblem(f"--output-dir {folder}: a file, expected a folder")
        return
    if len(names) > 1 or many:
        raise UsageProblem(
            f"-o with {'many clips' if many else f'{len(names)} stages'}, expected one (or --output-dir)"
        )
    if output.is_dir():
        raise UsageProblem(f"-o {output}: a folder, expected a file")
    if model_file is not None and output.exists() and output.samefile(model_file):
        raise UsageProblem(f"-o {output}: also the model file, expected another file")
    if not output.parent.is_dir():
        raise EnvironmentProblem(f"{output}: no folder {output.parent}, expected one that exists")


def _film(jobs: list[Job], target: Path, orders: Orders) -> list[dict[str, Any]]:
    frames = make_film(jobs, target, orders=orders)
    return [{"path": str(target), "frames": frames, "seconds": frames / jobs[0].picture.fps}]


def _clips(
    todo: list[tuple[Job, str]], output: Path | None, folder: Path, orders: Orders
) -> list[dict[str, Any]]:
    jobs = [
        replace(job, target=output or folder / clip_name(job.scene, job.format, more)) for job, more in todo
    ]
    return [
        {"stage": c.scene.replace("_", "-"), "path": str(c.path), "frames": c.frames, "seconds": c.seconds}
        for c in make_clips(jobs, orders=orders)
    ]


def clip_name(scene: str, ending: str, more: str = "") -> str:
    """``07-attn-weights.gif``: the place in the film, the stage, and which of its clips if there are more."""
    from tensorreel import scenes

    return f"{scenes.number(scene):02}-{scene.replace('_', '-')}{more}.{ending}"


__all__ = ["clip_name", "look_options", "render", "scenes_argument"]
