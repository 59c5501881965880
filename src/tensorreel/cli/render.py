"""``tensorreel render``: the film, or some of its stages as clips, GIFs or pictures."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.alongside import Alongside
from tensorreel.cli.asked.formats import (
    check_format,
    each_kind,
    format_of,
    fps_option,
    picture_of,
    quality_option,
)
from tensorreel.cli.asked.options import (
    SIZES,
    SizeParam,
    json_option,
    output_dir_option,
    subtitle_langs_option,
)
from tensorreel.cli.asked.subject import Subject, scenes_argument, subject_options
from tensorreel.cli.running import changes_of, job_label, run_options, say_work, spare_others, variants
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.atomic import need_folder
from tensorreel.film.job.formats import FORMATS, endings, told
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Rate
from tensorreel.film.run.contents import one_take
from tensorreel.film.run.delivery import Made
from tensorreel.film.run.production import RunOptions, list_work, make_clips, make_film

FILM = "transformer.mp4"


@click.command()
@scenes_argument()
@subject_options()
@quality_option("480p15, 720p30, 1080p60 (h), 1440p60, 4K60.")
@fps_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help=each_kind(),
)
@click.option(
    "--beat",
    metavar="NAME",
    help=f"The beat whose end a {told(endings('still'))} shows (a poster if not named).",
)
@click.option(
    "--max-size",
    type=SizeParam(),
    metavar="SIZE",
    help=f"Make a {told(endings('loop'))} that fits: 4MB, 500KB. What was chosen is said. {SIZES}",
)
@click.option(
    "--subtitles",
    is_flag=True,
    help="Also write .vtt (for browsers) and .srt (for editors), in each of its languages.",
)
@click.option(
    "--narration",
    metavar="VOICE",
    help="Speak the captions, and let beats wait for them: espeak (the program espeak-ng), a voice of piper-tts "
    "(FILE.onnx), or a folder with a recording for each sentence (STAGE.BEAT.wav, as --script names them).",
)
@click.option(
    "--script",
    is_flag=True,
    help="Also write what is said, with times, for a speaker: .txt to read from, and .srt.",
)
@subtitle_langs_option("Languages of the subtitles, in an MP4 and beside it")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@output_dir_option()
@click.option("--all-layers", is_flag=True, help="A clip for every layer of the model.")
@click.option("--all-heads", is_flag=True, help="A clip for every head of the model.")
@click.option("--all-languages", is_flag=True, help="A clip in every language.")
@click.option("--dry-run", "-n", is_flag=True, help="Say what would be rendered and why, and write nothing.")
@run_options
@json_option("Print what was written, or what would be rendered, as JSON.")
def render(
    stages: tuple[str, ...],
    subject: Subject,
    quality: str | None,
    fps: Rate | None,
    form: str | None,
    beat: str | None,
    max_size: int | None,
    subtitles: bool,
    narration: str | None,
    script: bool,
    subtitle_langs: tuple[str, ...],
    output: Path | None,
    output_dir: Path,
    all_layers: bool,
    all_heads: bool,
    all_languages: bool,
    dry_run: bool,
    orders: RunOptions,
    as_json: bool,
) -> None:
    """Render the whole film, or each STAGE (a name or a number) as a clip of its own.

    The film goes to renders/transformer.mp4, clips to renders/<number>-<stage>.<format>; the paths are
    printed. The format follows the name given with -o. Loops are 960×540 at 20 frames per second and go round
    without end; overlays are 720p30 and have alpha with --theme transparent; pictures show the stage's last
    full picture, or the end of --beat. An MP4 has subtitles inside, in its own language and in English;
    --subtitles puts them beside it as well, --subtitle-langs chooses; --script writes what a speaker reads. Clips that would show what they showed
    before are not made again.
    """
    form = format_of(form, output)
    many = all_layers or all_heads or all_languages
    asked = {"beat": beat, "max_size": max_size, "subtitles": subtitles, "script": script}
    check_format(form, subject.options.theme, narration=narration, **asked)
    _check_output(stages, form, output, output_dir, subject.model_file, many)
    jobs = subject.jobs(stages, picture_of(form, quality, fps), form, beat=beat)
    jobs = [replace(job, subtitles=subtitle_langs) for job in jobs]
    todo = variants(jobs, all_layers, all_heads, all_languages)
    if narration is not None:
        spoken = _narrated([job for job, _ in todo], narration, orders)
        todo = [(job, more) for job, (_, more) in zip(spoken, todo, strict=True)]
    whole_film = not (stages or many)
    beside = Alongside(subtitles, script)
    if dry_run:
        named = [job for job, _ in todo]
        plans = list_work(one_take(named) if whole_film else named, orders)
        say_work(plans, [more for _, more in todo], as_json)
        return
    if not whole_film:
        jobs = [replace(job, target=output or output_dir / clip_name(job, more)) for job, more in todo]
        _spare(jobs, output, beside, orders)
        written = _clips(_fitting(jobs, max_size, orders), beside, orders)
    else:
        film = output or output_dir / FILM
        jobs = [job for job, _ in todo]
        _spare([replace(jobs[0], target=film)], output, beside, orders)
        written = _film(jobs, film, beside, orders)
    click.echo(json.dumps(written, ensure_ascii=False) if as_json else "\n".join(w["path"] for w in written))


def _narrated(jobs: list[Job], narration: str, orders: RunOptions) -> list[Job]:
    """The jobs with a voice; what it has said stays until the command ends."""
    from tensorreel.publish.speech.narrating import narrated, speech_folder

    folder = click.get_current_context().with_resource(speech_folder(orders.cache))
    return narrated(jobs, narration, orders, folder)


def _check_output(
    names: tuple[str, ...],
    form: str,
    output: Path | None,
    folder: Path,
    model_file: Path | None,
    many: bool,
) -> None:
    """Refuse what cannot be written, before anything is."""
    if not names and not many and form not in endings("film"):
        raise UsageProblem(f"the whole film as {form}, expected {told(endings('film'))} (or name stages)")
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
    need_folder(output)


def _spare(jobs: list[Job], output: Path | None, beside: Alongside, orders: RunOptions) -> None:
    """Spare what others made, but for the file that -o names."""
    texts = [path for job in jobs for path in beside.paths(job.target, job)]
    spare_others([*([] if output else [job.target for job in jobs]), *texts], orders)


def _film(jobs: list[Job], target: Path, beside: Alongside, orders: RunOptions) -> list[dict[str, Any]]:
    frames = make_film(jobs, target, orders=orders)
    written: dict[str, Any] = {
        "path": str(target),
        "frames": frames,
        "seconds": float(frames / jobs[0].picture.fps),
    }
    changes = {job_label(job): told["changes"] for job in jobs if (told := changes_of(job))}
    if changes:
        written["changes"] = changes
    if beside != Alongside(False, False):
        plans = list_work(one_take(jobs), replace(orders, force=False))
        clips = [Made(plan.job, plan.entry).clip for plan in plans if plan.entry is not None]
        written |= beside.write(target, jobs, clips)
    return [written]


def _fitting(jobs: list[Job], most: int | None, orders: RunOptions) -> list[Job]:
    """The jobs in the best size, rate and colours whose files are no larger than ``most`` bytes; says which."""
    if most is None:
        return jobs
    from tensorreel.publish.fitting import fitted, spoken_picture

    found = []
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as folder:
        for job in jobs:
            trial = replace(job, target=Path(folder, job.target.name))

            def size_of(job: Job) -> int:
                return make_clips([job], orders=orders)[0].path.stat().st_size

            chosen, size = fitted(trial, most, size_of)
            click.echo(
                f"{job.target}: {spoken_picture(chosen)}: {size:,} bytes of at most {most:,}", err=True
            )
            found.append(replace(chosen, target=job.target))
    return found


def _clips(jobs: list[Job], beside: Alongside, orders: RunOptions) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    for job, c in zip(jobs, make_clips(jobs, orders=orders), strict=True):
        facts = {"path": str(c.path), "frames": c.frames, "seconds": c.seconds}
        texts = beside.write(c.path, [job], [c])
        written.append({"stage": c.scene.replace("_", "-"), **facts, **changes_of(job), **texts})
    return written


def clip_name(job: Job, more: str = "") -> str:
    """``07-attn-weights.gif``: the place in the film, the stage, and which of its clips if there are more."""
    from tensorreel import scenes

    place = scenes.number(job.scene, job.architecture)
    return f"{place:02}-{job.scene.replace('_', '-')}{more}.{job.format}"


__all__ = ["clip_name", "render"]
