"""From jobs to a deck: clips out of the cache, stills out of clips, and the file of the format in its place."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from tensorreel.core.errors import EnvironmentProblem, UsageProblem
from tensorreel.film.job.atomic import replacing, sweep
from tensorreel.film.job.job import Job
from tensorreel.film.job.locks import holding
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.publish.deck.lecture import PLAIN, Lecture, LectureCover, Steps, lecture_of
from tensorreel.publish.deck.pictures import clip_pictures

Form = Literal["pptx", "html", "pdf", "manim-slides"]
FORMS: tuple[Form, ...] = get_args(Form)
Play = Literal["auto", "click"]
DECK_CHOICES: dict[str, tuple[str, ...]] = {"steps": get_args(Steps), "play": get_args(Play)}
Layout = Literal["handout", "slides"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Paper = Literal["a4", "letter"]
PAPERS: tuple[Paper, ...] = get_args(Paper)
NEEDED = {"pptx": "python-pptx"}
ENDINGS: dict[str, Form] = {".pptx": "pptx", ".html": "html", ".pdf": "pdf", ".json": "manim-slides"}
PAGE = "index.html"
USUAL_STEPS: dict[Form, Steps] = {
    "pptx": "stage"
}  # a slide for each stage; the others play an idea at a press


def form_of(output: Path) -> Form:
    """What a name says; without an ending it is that of a folder for the browser. ``UsageProblem`` for any other
    ending.
    """
    found = ENDINGS.get(output.suffix.lower()) if output.suffix else "html"
    if found is None:
        raise UsageProblem(f"{output}: ending {output.suffix}, expected {', '.join(ENDINGS)} or none")
    return found


def page_of(output: Path, one_file: bool) -> Path:
    """The page of an HTML deck: the file itself, or the one in its folder."""
    if one_file:
        return output.with_suffix(".html")
    return output if output.suffix == ".html" else output / PAGE


@dataclass(frozen=True)
class DeckRequest:
    """What kind of deck: ``output`` is its file, or for HTML in a folder and for manim-slides the page or the
    JSON file, beside which the clips go."""

    form: Form
    output: Path
    steps: Steps | None = None  # None: as is usual for the form
    play: Play = "auto"
    loop: bool | None = None  # None: as the storyboard says
    one_file: bool = False
    layout: Layout = "handout"  # of a PDF
    paper: Paper = "a4"  # of a handout
    second: str | None = None  # a language beside the clips' own
    cover: LectureCover = PLAIN
    most: int | None = None  # bytes of an HTML deck
    tell: Callable[[str], None] = print  # is told what was chosen to fit


def check_libraries(form: Form) -> None:
    """``EnvironmentProblem`` that says what to install when a format's library is missing."""
    if form in NEEDED and importlib.util.find_spec("pptx") is None:
        raise EnvironmentProblem(
            f"--to {form}: {NEEDED[form]} is not installed, expected it (pip install 'tensorreel[slides]')"
        )


def check_cover(form: Form, cover: LectureCover) -> None:
    """``UsageProblem`` for a cover, or a picture on it, that the format cannot show."""
    if form == "manim-slides" and cover != PLAIN:
        raise UsageProblem("a title, author, date or logo with manim-slides, which has no cover")
    if form == "pptx" and cover.logo is not None and cover.logo.vector:
        raise UsageProblem("an SVG as logo with pptx, expected a PNG or JPEG")


def make_deck(jobs: Sequence[Job], wish: DeckRequest, orders: RunOptions) -> Lecture:
    """Bring the jobs' clips up to date and write the deck; returns what is in it.

    The jobs differ only in their scene; their targets are not used. Clips that are kept are not made again.
    """
    check_libraries(wish.form)
    check_cover(wish.form, wish.cover)
    first, lang = jobs[0], jobs[0].options.lang
    with (
        holding([wish.output], orders.wait),
        tempfile.TemporaryDirectory(prefix="tensorreel-") as folder,
    ):
        sweep(wish.output)
        work = Path(folder)
        clips = make_clips([replace(j, target=work / f"{j.scene}.mp4") for j in jobs], orders=orders)
        lecture = lecture_of(
            clips,
            first.trace,
            lang=lang,
            theme=first.options.theme,
            picture=first.picture,
            steps=wish.steps or USUAL_STEPS.get(wish.form, "beat"),
            loop=wish.loop,
            font=first.options.font,
            others=[wish.second] if wish.second not in (None, lang) else [],
            cover=wish.cover,
        )
        _WRITERS[wish.form](lecture, wish, work, orders.processes)
    return lecture


def _pptx(lecture: Lecture, wish: DeckRequest, work: Path, processes: int | None) -> None:
    from tensorreel.publish.deck import pptx

    posters = clip_pictures(
        lecture.parts,
        lambda part: [pptx.poster_frame(step) for step in part.steps],
        "jpeg",
        processes,
    )
    with replacing(wish.output) as target:
        pptx.write_pptx(lecture, posters, target, work, wish.play)


def _pdf(lecture: Lecture, wish: DeckRequest, work: Path, processes: int | None) -> None:
    from tensorreel.publish.deck import handout, slides

    if wish.layout == "slides":
        pictures = clip_pictures(lecture.parts, slides.slide_frames, "png", processes)
        with replacing(wish.output) as target:
            slides.write_slides(lecture, pictures, target, work)
        return
    posters = clip_pictures(lecture.parts, lambda part: [part.steps[-1].last - 1], "png", processes)
    with replacing(wish.output) as target:
        handout.write_handout(lecture, posters, target, work, wish.paper)


def _html(lecture: Lecture, wish: DeckRequest, work: Path, processes: int | None) -> None:
    from tensorreel.publish.deck import webpage

    if wish.most is None:
        pictures = clip_pictures(lecture.parts, webpage.rest_frames, "webp", processes)
    else:
        lecture, pictures = _fitting(lecture, wish, wish.most, work, processes)
    webpage.write_webpage(lecture, pictures, wish.output, wish.one_file)


def _fitting(
    lecture: Lecture, wish: DeckRequest, most: int, work: Path, processes: int | None
) -> tuple[Lecture, list[dict[int, bytes]]]:
    """The lecture and its stills as good as they can be in so many bytes; says what was chosen."""
    from tensorreel.publish.deck import webpage
    from tensorreel.publish.deck.smaller import Grade, chosen_grade, smaller, spoken_grade

    @lru_cache
    def pictures(quality: int) -> list[dict[int, bytes]]:
        return clip_pictures(lecture.parts, webpage.rest_frames, "webp", processes, quality)

    @lru_cache
    def at(grade: Grade) -> Lecture:
        return smaller(
            lecture, grade, work / f"{grade.codec}-{grade.height}-{grade.fps}-{grade.crf}", processes
        )

    grade, size = chosen_grade(
        most, lambda g: webpage.measured(at(g), pictures(g.stills), wish.one_file), lecture.picture
    )
    wish.tell(f"{wish.output}: {spoken_grade(grade, lecture.picture)}: {size:,} bytes of at most {most:,}")
    return at(grade), pictures(grade.stills)


def _manim_slides(lecture: Lecture, wish: DeckRequest, work: Path, processes: int | None) -> None:
    from tensorreel.publish.deck import manim_slides

    manim_slides.write_manim_slides(lecture, wish.output, work, processes)


_WRITERS = {"pptx": _pptx, "pdf": _pdf, "html": _html, "manim-slides": _manim_slides}
