"""``tensorreel sheet``: one picture per beat, for looking at, for handouts, for reviewing a change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from tensorreel.cli.asked.options import jobs_option, json_option, output_dir_option
from tensorreel.cli.asked.subject import Subject, scenes_argument, subject_options
from tensorreel.film.job.picture import Picture


@click.command()
@scenes_argument()
@subject_options()
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
@output_dir_option("; sheets go to its folder sheets")
@jobs_option
@click.option("--force", is_flag=True, help="Replace files of others, too.")
@json_option("Print what was written as JSON.")
def sheet(
    stages: tuple[str, ...],
    subject: Subject,
    every: float | None,
    columns: int,
    width: int,
    output_dir: Path,
    jobs: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a contact sheet of each STAGE, or of all: one picture per beat with its caption below.

    Sheets go to renders/sheets/<number>-<stage>-<lang>-<theme>.png; the paths are printed.
    """
    side = width // 32 * 32
    picture = Picture(side, side * 9 // 16, 20)
    from tensorreel import scenes
    from tensorreel.film.make.contact import sheet_path
    from tensorreel.film.run.sheets import make_sheets
    from tensorreel.publish.ours import refuse_others

    todo = [
        replace(job, target=sheet_path(output_dir, scenes.number(job.scene, job.architecture), job))
        for job in subject.jobs(stages, picture, "png")
    ]
    refuse_others([job.target for job in todo], force)
    made = make_sheets(todo, every, columns, jobs)
    written = [{"stage": c.scene.replace("_", "-"), "path": str(c.path), "pictures": c.frames} for c in made]
    click.echo(json.dumps(written) if as_json else "\n".join(str(w["path"]) for w in written))
