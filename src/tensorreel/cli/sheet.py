"""``tensorreel sheet``: one picture per beat, for looking at, for handouts, for reviewing a change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from tensorreel.cli.options import check_place, model_options, place_options
from tensorreel.cli.render import look_options, scenes_argument
from tensorreel.engine import forward
from tensorreel.film.job import Job
from tensorreel.film.picture import Picture
from tensorreel.model import Model
from tensorreel.visuals.options import SceneOptions


@click.command()
@scenes_argument
@model_options
@look_options()
@place_options
@click.option(
    "--every",
    type=click.FloatRange(0.02, 60),
    metavar="SECONDS",
    help="Also a picture so often during motion.",
)
@click.option(
    "--columns", type=click.IntRange(1, 12), default=3, show_default=True, help="Pictures in a row."
)
@click.option(
    "--width", type=click.IntRange(640, 3840), default=768, show_default=True, help="Pixels across a picture."
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("renders"),
    show_default=True,
    metavar="DIR",
    help="The folder to write to; sheets go to its folder sheets.",
)
@click.option("--jobs", "-j", type=click.IntRange(1, 256), metavar="N", help="Processes (one per processor).")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def sheet(
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
    every: float | None,
    columns: int,
    width: int,
    output_dir: Path,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Draw a contact sheet of each STAGE, or of all: one picture per beat with its caption below.

    Sheets go to renders/sheets/<number>-<stage>-<lang>-<theme>.png; the paths are printed.
    """
    check_place(model, tokens, layer, head, token)
    options = SceneOptions(lang, theme, pace, layer or 0, head or 0, token, font)
    side = width // 32 * 32
    picture = Picture(side, side * 9 // 16, 20)
    like = Job("", forward(model, tokens), options, picture, "png", Path())
    from tensorreel import scenes
    from tensorreel.film.contact import sheet_path
    from tensorreel.film.production import film_jobs
    from tensorreel.film.sheets import make_sheets

    todo = [
        replace(job, target=sheet_path(output_dir, scenes.number(job.scene), job))
        for job in film_jobs(like, tuple(dict.fromkeys(stages)))
    ]
    made = make_sheets(todo, every, columns, jobs)
    written = [{"stage": c.scene.replace("_", "-"), "path": str(c.path), "pictures": c.frames} for c in made]
    click.echo(json.dumps(written) if as_json else "\n".join(str(w["path"]) for w in written))
