"""``tensorreel embed``: a clip, its poster and its subtitles, and what to paste into a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from tensorreel.cli.asked.formats import picture_of, quality_option
from tensorreel.cli.asked.options import output_dir_option, subtitle_langs_option
from tensorreel.cli.asked.subject import OPAQUE, Subject, scenes_argument, subject_options
from tensorreel.cli.render import clip_name
from tensorreel.cli.running import run_options, spare_others
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Clip, Job
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.publish.embed import TOOLS, Embedded, snippet
from tensorreel.words.languages import subtitles_of


@click.command()
@scenes_argument(required=True)
@click.option(
    "--for",
    "tool",
    type=click.Choice(list(TOOLS)),
    default="html",
    show_default=True,
    help="Where to paste it.",
)
@subject_options(OPAQUE)
@quality_option("480p15, 720p30 (for video), 1080p60 (h), 1440p60, 4K60.")
@subtitle_langs_option("Languages of a video's subtitles")
@output_dir_option(", as seen from your document")
@run_options
def embed(
    stages: tuple[str, ...],
    tool: str,
    subject: Subject,
    quality: str | None,
    subtitle_langs: tuple[str, ...],
    output_dir: Path,
    orders: RunOptions,
) -> None:
    """Make the clip of each STAGE and print what to paste into your slides or page.

    For reveal.js, Quarto and HTML it is a 720p video with its poster, alt text, and subtitles in its language and in
    English (browsers load those from a server only); for Marp and Markdown, which show pictures, a GIF with its alt
    text.
    """
    form = TOOLS[tool][0]
    picture = picture_of(form, quality or (None if FORMATS[form].loop else "m"), None)
    jobs = [
        replace(job, target=output_dir / clip_name(job), subtitles=subtitle_langs)
        for job in subject.jobs(stages, picture, form)
    ]
    click.echo("\n\n".join(snippet(tool, item) for item in _made(jobs, orders)))


def _made(jobs: Sequence[Job], orders: RunOptions) -> list[Embedded]:
    """The clips with all that belongs to them; a video has a poster and subtitles."""
    from tensorreel.publish.alt import alt_text, file_title
    from tensorreel.publish.posters import poster_job, poster_path
    from tensorreel.publish.subtitles import paths_beside, write_beside

    films = not FORMATS[jobs[0].format].loop
    posters = [poster_job(job, poster_path(job.target)) for job in jobs] if films else []
    langs = subtitles_of(jobs[0].options.lang, jobs[0].subtitles)
    texts = (
        [path for job in jobs for path in paths_beside(job.target, langs, ("vtt",)).values()] if films else []
    )
    spare_others([*(job.target for job in (*jobs, *posters)), *texts], orders)
    clips: list[Clip] = make_clips([*jobs, *posters], orders=orders)[: len(jobs)]
    found = []
    for job, clip in zip(jobs, clips, strict=True):
        lang, picture = job.options.lang, job.picture
        beside = write_beside(clip.path, clip.beats, langs, ("vtt",)) if films else {}
        found.append(
            Embedded(
                clip.path,
                poster_path(clip.path) if films else None,
                {language: path for (language, _), path in beside.items()},
                picture.width,
                picture.height,
                file_title(job.scene, job.trace, lang),
                alt_text(job.scene, job.trace, clip.beats, lang),
                lang,
            )
        )
    return found
