"""``tensorreel deck``: a lecture in PowerPoint, in the browser, on paper, or for manim-slides."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.asked.formats import fps_option, quality_option
from tensorreel.cli.asked.options import (
    SIZES,
    SizeParam,
    json_option,
    output_dir_option,
    with_options,
)
from tensorreel.cli.asked.subject import OPAQUE, Subject, scenes_argument, subject_options
from tensorreel.cli.running import run_options, say_work, spare_others
from tensorreel.core.errors import EnvironmentProblem, UsageProblem
from tensorreel.film.job.picture import QUALITIES, Rate
from tensorreel.film.run.production import RunOptions, list_work
from tensorreel.publish.deck.lecture import LectureCover, Logo
from tensorreel.publish.deck.making import (
    ENDINGS,
    FORMS,
    LAYOUTS,
    PAPERS,
    DeckRequest,
    Form,
    Layout,
    Paper,
    check_cover,
    check_libraries,
    make_deck,
    page_of,
)
from tensorreel.visuals.look.options import THEMES
from tensorreel.words.languages import LANGUAGES

DEFAULTS = {
    "pptx": Path("transformer.pptx"),
    "pdf": Path("transformer.pdf"),
    "html": Path("transformer-deck"),
    "slides": Path("transformer-slides.pdf"),
    "manim-slides": Path("slides", "Transformer.json"),
}


def _deck_options(fn: Callable[..., Any]) -> Callable[..., Any]:
    """What kind of deck, and where."""
    options = (
        click.option(
            "--to", "form", type=click.Choice(FORMS), help="What to make; else the ending of -o says it."
        ),
        click.option(
            "--steps",
            type=click.Choice(["beat", "stage"]),
            help="What one press of a key plays: one idea, or a whole stage, as is usual for PowerPoint.",
        ),
        click.option(
            "--play",
            type=click.Choice(["auto", "click"]),
            default="auto",
            show_default=True,
            help="PowerPoint: a clip starts with its slide, or at a click.",
        ),
        click.option(
            "--loop/--hold",
            default=None,
            help="All steps go round, or hold their last picture; else as the storyboard says.",
        ),
        click.option(
            "--as",
            "layout",
            type=click.Choice(LAYOUTS),
            default="handout",
            show_default=True,
            help="PDF: pages to hand out, or slides, one a step.",
        ),
        click.option(
            "--one-file",
            is_flag=True,
            help="HTML: one page that holds everything; --max-size makes it fit a mail.",
        ),
        click.option(
            "--max-size",
            type=SizeParam(),
            metavar="SIZE",
            help=f"HTML: films that fit: 20MB. Codec, size and rate are chosen, and said. {SIZES}",
        ),
        click.option("--title", default="", metavar="TEXT", help="Of the lecture; else the film's."),
        click.option("--author", default="", metavar="TEXT", help="Who holds it, for the cover."),
        click.option("--date", default="", metavar="TEXT", help="When, as it is to be read."),
        click.option(
            "--logo",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A picture for the cover: PNG, JPEG, or SVG except for PowerPoint; up to 1 MB.",
        ),
        click.option("--logo-alt", default="", metavar="TEXT", help="What the logo shows, in words."),
        click.option(
            "--paper",
            type=click.Choice(PAPERS),
            default="a4",
            show_default=True,
            help="Of a handout: A4, or US letter.",
        ),
        click.option(
            "--second-lang",
            "second",
            type=click.Choice(LANGUAGES),
            help="A second language of captions, notes and questions, beside the clips' own.",
        ),
        quality_option("Of the clips: 480p15, 720p30 (m, the default), 1080p60, 1440p60, 4K60.", default="m"),
        fps_option,
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="What to write."
        ),
        output_dir_option(),
        click.option(
            "--dry-run", "-n", is_flag=True, help="Say which clips would be rendered, and write nothing."
        ),
    )
    return with_options(fn, options)


@click.command()
@scenes_argument()
@_deck_options
@subject_options(OPAQUE)
@run_options
@json_option("Print what was written, or which clips would be rendered, as JSON.")
def deck(
    stages: tuple[str, ...],
    form: Form | None,
    steps: Any,
    play: Any,
    loop: bool | None,
    layout: Layout,
    one_file: bool,
    max_size: int | None,
    title: str,
    author: str,
    date: str,
    logo: Path | None,
    logo_alt: str,
    paper: Paper,
    second: str | None,
    quality: str,
    fps: Rate | None,
    output: Path | None,
    output_dir: Path,
    dry_run: bool,
    subject: Subject,
    orders: RunOptions,
    as_json: bool,
) -> None:
    """Make a lecture of all scenes, or of the STAGEs that are named, from clips that are kept or rendered now.

    \b
    pptx          PowerPoint: native titles, tables and notes; a slide for each stage, or with --steps beat for each idea
    html          a folder for the browser: arrow keys, map, speaker view; --one-file for a single page
    pdf           a handout on A4 or letter: a page for each stage with room for notes (light, unless --theme says otherwise);
                  --as slides: a page for each step, its last picture from edge to edge
    manim-slides  for manim-slides present: clips, reversed clips, and the presentation's JSON
    """
    form = _form(form, output)
    if layout == "slides" and form != "pdf":
        raise UsageProblem(f"--as slides with --to {form}, expected --to pdf")
    if paper != "a4" and (form, layout) != ("pdf", "handout"):
        raise UsageProblem(f"--paper {paper} with slides or --to {form}, expected --to pdf")
    cover = LectureCover(title, author, date, _logo(logo, logo_alt))
    check_cover(form, cover)
    if max_size is not None and form != "html":
        raise UsageProblem(f"--max-size with --to {form}, expected --to html")
    kind = layout if layout == "slides" else form
    target = _target(form, output, output_dir, DEFAULTS[kind], one_file, subject.model_file)
    tell = partial(click.echo, err=True)
    wish = DeckRequest(
        form, target, steps, play, loop, one_file, layout, paper, second, cover, max_size, tell
    )
    check_libraries(form)
    options = replace(subject.options, theme=_theme(kind, subject.options.theme))
    jobs = replace(subject, options=options).jobs(stages, QUALITIES[quality].at(fps), "mp4")
    if dry_run:
        say_work(list_work(jobs, orders), (), as_json)
        return
    if wish.output != output:
        spare_others([wish.output], orders)
    made = make_deck(jobs, wish, orders)
    written = {
        "path": str(wish.output),
        "format": form,
        "parts": len(made.parts),
        "steps": sum(len(part.steps) for part in made.parts),
    }
    click.echo(json.dumps(written) if as_json else written["path"])


def _logo(file: Path | None, alt: str) -> Logo | None:
    """The picture for the cover, read before anything is made."""
    from tensorreel.publish.deck.pictures import read_logo

    if file is None and alt:
        raise UsageProblem("--logo-alt without --logo, expected the picture it is about")
    return None if file is None else read_logo(file, alt)


def _theme(kind: str, theme: str) -> str:
    """A handout is printed, so it is light unless the command line says otherwise."""
    source = click.get_current_context().get_parameter_source("theme")
    chosen = source is not click.core.ParameterSource.DEFAULT
    return theme if chosen or kind != "pdf" else THEMES[1]


def _form(form: Form | None, output: Path | None) -> Form:
    """The format that was asked for, by name or by the ending of -o."""
    said = ENDINGS.get(output.suffix.lower()) if output else None
    if form is None and said is None:
        raise UsageProblem("no --to, expected --to pptx, html, pdf or manim-slides (or -o with an ending)")
    if (
        form is not None
        and output is not None
        and said != form
        and not (form == "html" and not output.suffix)
    ):
        expected = next(ending for ending, name in ENDINGS.items() if name == form)
        raise UsageProblem(f"-o {output} with --to {form}, expected the ending {expected}")
    return form or said  # type: ignore[return-value]


def _target(
    form: Form, output: Path | None, folder: Path, usual: Path, one_file: bool, model_file: Path | None
) -> Path:
    """The file that is replaced last, ``usual`` in ``folder`` if none is named; refuses what cannot be written,
    before anything is.
    """
    if one_file and form != "html":
        raise UsageProblem(f"--one-file with --to {form}, expected --to html")
    if output is None and os.path.lexists(folder) and not folder.is_dir():
        raise UsageProblem(f"--output-dir {folder}: a file, expected a folder")
    target = output or folder / usual
    if form == "html":
        target = page_of(target, one_file)
    if target.is_dir():
        raise UsageProblem(f"-o {target}: a folder, expected a file")
    if model_file is not None and target.exists() and target.samefile(model_file):
        raise UsageProblem(f"-o {target}: also the model file, expected another file")
    top = (
        target.parent.parent if (form == "html" and not one_file) or form == "manim-slides" else target.parent
    )
    if output is not None and not top.is_dir():
        raise EnvironmentProblem(f"{target}: no folder {top}, expected one that exists")
    return target


__all__ = ["deck"]
