"""``tensorreel evolve``: one stage over a training, from checkpoint to checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensorreel.cli.asked.formats import check_format, format_of, fps_option, picture_of, quality_option
from tensorreel.cli.asked.options import (
    StageParam,
    asked_tokens,
    json_option,
    output_dir_option,
    stated_options,
)
from tensorreel.cli.asked.subject import Subject, scene_options
from tensorreel.cli.running import run_options, spare_others
from tensorreel.core.errors import Incomplete, UsageProblem
from tensorreel.film.job.atomic import need_folder
from tensorreel.models.reading import MAX_BYTES, read_model
from tensorreel.variations.scalars import read_scalars
from tensorreel.variations.steps import by_step
from tensorreel.variations.training import Training, trained
from tensorreel.visuals.look.options import SceneOptions

if TYPE_CHECKING:
    from tensorreel.film.job.picture import Rate
    from tensorreel.film.run.production import RunOptions


@click.command()
@click.argument(
    "checkpoints", metavar="CKPT...", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True
)
@click.option(
    "--stage", type=StageParam(), default="attn-weights", show_default=True, help="What is looked at."
)
@click.option(
    "--scalars",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="CSV",
    help="A log with a column step: its curve runs beside the matrix.",
)
@click.option("--column", metavar="NAME", help="The column of --scalars (the first beside step).")
@click.option(
    "--until", type=click.IntRange(1), metavar="STEP", help="Where the time line ends, if more is to come."
)
@stated_options
@click.option(
    "--tokens", metavar="LIST", help="The sentence as token ids or words. Without it: the first model's."
)
@click.option("--text", metavar="TEXT", help="The same as text.")
@scene_options()
@quality_option("480p15, 720p30, 1080p60 (h), 1440p60, 4K60.")
@fps_option
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@output_dir_option()
@click.option(
    "--check", is_flag=True, help="Lint and audit every picture instead of drawing any; exit 1 on a finding."
)
@run_options
@json_option("Print what was written as JSON.")
def evolve(
    checkpoints: tuple[Path, ...],
    stage: str,
    scalars: Path | None,
    column: str | None,
    until: int | None,
    said: dict[str, Any],
    tokens: str | None,
    text: str | None,
    options: SceneOptions,
    quality: str | None,
    fps: Rate | None,
    output: Path | None,
    output_dir: Path,
    check: bool,
    orders: RunOptions,
    as_json: bool,
) -> None:
    """Show one stage over a training: its matrix turns from checkpoint to checkpoint, over a time line.

    CKPT are model files of one training, or folders that hold them, in any order: each is placed by the step in
    its name (step-000100.safetensors, checkpoint-500/). Each is run once. In a video every way from one checkpoint to
    the next is a clip that is kept: one more checkpoint makes one more.
    """
    if column and scalars is None:
        raise UsageProblem("--column without --scalars, expected a CSV")
    read = trained(
        by_step(checkpoints),
        lambda path: read_model(path, MAX_BYTES, said),
        lambda model: asked_tokens(model, tokens, text),
    )
    first = read[0].trace
    Subject(first.model, first.tokens, options)
    name = first.model.architecture.find(stage).name
    log = read_scalars(scalars, column) if scalars else None
    training = Training(read, name, options.layer, options.head, log, until)
    if check:
        _check(training, options)
        return
    form = format_of(None, output)
    check_format(form, options.theme)
    target = output or output_dir / f"evolve-{name.replace('_', '-')}.{form}"
    _spare(target, output, checkpoints, orders)
    from tensorreel.film.run.reel import make_reel, reel_jobs

    jobs = reel_jobs(training, options, picture_of(form, quality, fps), form)
    frames = make_reel(jobs, target, orders)
    facts = {"path": str(target), "checkpoints": len(read), "frames": frames}
    click.echo(json.dumps(facts) if as_json else str(target))


def _spare(target: Path, output: Path | None, inputs: Sequence[Path], orders: RunOptions) -> None:
    """Refuse a target that is a folder, a checkpoint, or a file of somebody else that nobody named."""
    if target.is_dir() or any(target.exists() and target.samefile(path) for path in inputs):
        raise UsageProblem(f"{target}: a folder or a checkpoint, expected another file")
    if output is None:
        spare_others([target], orders)
    else:
        need_folder(target)


def _check(training: Training, options: SceneOptions) -> None:
    """Say what lint and audit find; ``Differs`` if there is anything."""
    from tensorreel.review.training.checkpoints import reviewed

    found, numerals = reviewed(training, options)
    for finding in found:
        click.echo(str(finding))
    click.echo(
        f"{len(training.checkpoints)} checkpoints, {numerals} numerals recomputed, {len(found)} findings"
    )
    if found:
        raise Incomplete(f"{len(found)} findings, expected none")
