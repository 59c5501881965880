"""Clips, the film, decks and verdicts for Python: the functions of the command line, called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from tensorreel import scenes
from tensorreel.api.calling import Asked, Work, answering, one_of, subject, trace_before
from tensorreel.api.clip import Clip, OwnFolder
from tensorreel.core.errors import UsageProblem

if TYPE_CHECKING:
    from tensorreel.core.engine import Trace
    from tensorreel.core.model import Model
    from tensorreel.film.job.job import Job
    from tensorreel.film.run.production import RunOptions
    from tensorreel.publish.verifying import Verdict
    from tensorreel.variations.difference import Sides

Target = str | os.PathLike[str]


def render(
    model: Model,
    stage: str | int | None = None,
    *,
    output: Target | None = None,
    format: str | None = None,  # noqa: A002  (the word that everybody uses)
    quality: str | None = None,
    fps: float | str | None = None,
    beat: str | None = None,
    narration: Target | None = None,
    **look: Unpack[Asked],
) -> Clip:
    """A clip of a stage (its name or number, or ``"opening"``, ``"recap"``), or without one the whole film.

    With ``against`` it is one of differences, which has the scene ``"difference"``, too.

    ``format`` is the ending of one of the formats that ``tensorreel render --help`` lists; the ending of ``output``
    says it, too. ``quality`` is one of ``l m h p k``, ``beat`` names the beat whose end a picture shows.
    ``narration`` is who speaks the captions where the format has sound: ``"espeak"``, a voice of piper-tts
    (``FILE.onnx``), or a folder with a recording for each sentence; beats wait for it.
    What is kept from before is not drawn again. ``UsageProblem`` for what makes no sense, ``InputError`` for numbers
    that cannot be computed or recordings that are missing, ``EnvironmentProblem`` for a voice that is not installed,
    ``Interrupted`` after ``cancel`` was set.
    """
    from tensorreel.film.job.formats import FORMATS

    form = _format(format, output)
    if stage is None and FORMATS[form].kind != "film":
        raise UsageProblem(f"the whole film as {form}, expected mp4 (or name a stage)")
    if refusal := FORMATS[form].refusal(look.get("theme", "dark"), beat=beat, narration=narration):
        raise UsageProblem(refusal)
    names = _named([] if stage is None else [stage], model, look)
    with answering(look) as orders, _spoken(narration, orders) as spoken:
        jobs = spoken(_jobs(model, names, form, quality, fps, look, beat))
        folder, target = _target(output, f"{names[0].replace('_', '-') if names else 'transformer'}.{form}")
        if names:
            return _clip(replace(jobs[0], target=target), orders, folder)
        return _film(jobs, target, orders, folder)


@contextmanager
def _spoken(narration: Target | None, orders: RunOptions) -> Iterator[Callable[[list[Job]], list[Job]]]:
    """What gives jobs their voice; what it has said is there until the end."""
    if narration is None:
        yield lambda jobs: jobs
        return
    from tensorreel.publish.speech.narrating import narrated, speech_folder

    with speech_folder(orders.cache) as folder:
        yield lambda jobs: narrated(jobs, os.fspath(narration), orders, folder)


def _named(stages: Sequence[str | int], model: Model, look: Asked) -> tuple[str, ...]:
    """The scenes that are asked for; one of differences has its own."""
    compares = look.get("against") is not None
    names: tuple[str, ...] = scenes.named([*map(str, stages)], model.architecture, compares=compares)
    return names


def _format(form: str | None, output: Target | None) -> str:
    from tensorreel.film.job.formats import FORMATS, told

    ending = Path(output).suffix.lower().lstrip(".") if output is not None else ""
    if form and ending and form != ending:
        raise UsageProblem(f"{output} as {form}, expected the same format")
    chosen = form or ending or next(iter(FORMATS))
    if chosen not in FORMATS:
        raise UsageProblem(f"format {chosen!r}, expected {told(list(FORMATS))}")
    return chosen


def _jobs(
    model: Model,
    names: Sequence[str],
    form: str,
    quality: str | None,
    fps: float | str | None,
    look: Asked,
    beat: str | None = None,
) -> list[Job]:
    """A job for each scene that is named, or for all of the film; their targets are to be given."""
    from tensorreel.film.job.formats import FORMATS
    from tensorreel.film.job.job import Job
    from tensorreel.film.job.picture import QUALITIES
    from tensorreel.film.run.contents import film_jobs

    if quality is not None and quality not in QUALITIES:
        raise UsageProblem(f"quality {quality!r}, expected one of {', '.join(QUALITIES)}")
    trace, options = subject(model, look)
    picture = FORMATS[form].picture(quality, _rate(fps, form))
    old = trace_before(look.get("against"), trace)
    return film_jobs(Job("", trace, options, picture, form, Path(), beat, old=old), names)


def _rate(fps: float | str | None, form: str) -> Any:
    """Frames per second, exact; ``UsageProblem`` for what the format does not play."""
    from tensorreel.film.job.formats import FORMATS
    from tensorreel.film.job.picture import rate

    if fps is None:
        return None
    try:
        found = rate(fps)
    except ValueError as err:
        raise UsageProblem(f"fps: {err}") from err
    if found > FORMATS[form].most:
        raise UsageProblem(f"{fps} frames per second as {form}, expected at most {FORMATS[form].most}")
    return found


def _target(output: Target | None, name: str) -> tuple[OwnFolder | None, Path]:
    """Where the file goes: as it is said, or into a temporary folder, which is the first of the two."""
    from tensorreel.film.job.atomic import need_folder

    if output is None:
        folder = OwnFolder()
        return folder, folder.path / name
    target = Path(output)
    if target.is_dir():
        raise UsageProblem(f"{target}: a folder, expected a file")
    need_folder(target)
    return None, target


def _clip(job: Job, orders: RunOptions, folder: OwnFolder | None) -> Clip:
    from tensorreel.film.job.formats import FORMATS
    from tensorreel.film.run.production import make_clips
    from tensorreel.publish.alt import alt_text, file_title

    (made,) = make_clips([job], orders=orders)
    lang, picture = job.options.lang, job.picture
    kind: Any = "picture" if FORMATS[job.format].still else "clip"
    alt = alt_text(job.scene, job.trace, made.beats, lang, beat=job.beat, kind=kind)
    title = file_title(job.scene, job.trace, lang)
    size = picture.width, picture.height
    return Clip(made.path, title, alt, *size, made.frames, made.seconds, folder)


def _film(jobs: Sequence[Job], target: Path, orders: RunOptions, folder: OwnFolder | None) -> Clip:
    from tensorreel.film.run.contents import FILM_TITLE
    from tensorreel.film.run.production import make_film
    from tensorreel.publish.alt import film_alt_text

    frames, picture, lang = make_film(jobs, target, orders=orders), jobs[0].picture, jobs[0].options.lang
    size, seconds = (picture.width, picture.height), float(frames / picture.fps)
    alt = film_alt_text(jobs[0].trace, lang)
    return Clip(target, FILM_TITLE.of(lang), alt, *size, frames, seconds, folder)


def deck(
    model: Model,
    output: Target,
    *,
    stages: Sequence[str | int] = (),
    quality: str = "m",
    fps: float | str | None = None,
    steps: str | None = None,
    play: str = "auto",
    loop: bool | None = None,
    one_file: bool = False,
    paper: str = "a4",
    second_lang: str | None = None,
    title: str = "",
    author: str = "",
    date: str = "",
    logo: Target | None = None,
    logo_alt: str = "",
    **look: Unpack[Asked],
) -> Path:
    """A lecture of the whole film or of some stages; returns the file that is to be opened.

    The ending of ``output`` says what it is: ``.pptx``, ``.pdf`` (a handout), ``.json`` (for manim-slides), ``.html``,
    or none for a folder with a page in it. ``one_file`` puts all of a page into one file. ``paper`` is
    a handout's, ``"a4"`` or ``"letter"``; ``second_lang`` a language of notes and captions beside ``lang``.
    ``title``, ``author``, ``date`` and ``logo`` (PNG, JPEG, or SVG except for
    PowerPoint; ``logo_alt`` says what it shows) stand on the cover. ``steps`` is ``"beat"`` or ``"stage"``, by default a stage for
    PowerPoint and a beat for the others.
    """
    from tensorreel.publish.deck.lecture import LectureCover
    from tensorreel.publish.deck.making import DECK_CHOICES, PAPERS, DeckRequest, form_of, make_deck, page_of
    from tensorreel.publish.deck.pictures import read_logo
    from tensorreel.words.languages import LANGUAGES

    form = form_of(Path(output))
    target = page_of(Path(output), one_file) if form == "html" else Path(output)
    if form == "pdf":
        look = {"theme": "light", **look}
    if second_lang is not None:
        one_of("second_lang", second_lang, LANGUAGES)
    chosen: dict[str, Any] = {"steps": steps, "play": play, "paper": paper}
    for what, known in (DECK_CHOICES | {"paper": PAPERS}).items():
        one_of(what, chosen[what] or known[0], known)
    wish = DeckRequest(
        form,
        target,
        loop=loop,
        one_file=one_file,
        second=second_lang,
        cover=LectureCover(
            title, author, date, read_logo(Path(logo), logo_alt) if logo is not None else None
        ),
        **chosen,
    )
    names = _named(stages, model, look)
    with answering(look) as orders:
        make_deck(_jobs(model, names, "mp4", quality, fps, look), wish, orders)
    return target


def verify(
    file: Target,
    model: Model,
    *,
    text: str | None = None,
    tokens: str | Sequence[int] | None = None,
    font: str | None = None,
    against: Model | None = None,
    **work: Unpack[Work],
) -> list[Verdict]:
    """For each clip in a file, whether it still shows what the model computes (``matches``), and what ``differs``.

    The sentence is the file's own, if no other is given. ``against`` is the model before of a film of differences.
    ``InputError`` where a file does not say where it comes from.
    """
    from tensorreel.publish.reading import read_provenance
    from tensorreel.publish.verifying import verdicts_on

    with answering(work):
        origin = read_provenance(Path(file))
        own = text is None and tokens is None
        trace = model.run(text, origin.tokens if own else tokens)
        return verdicts_on(origin, trace, font, work.get("processes"), old=trace_before(against, trace))


def export(
    source: Model | Trace, output: Target, *, to: str | None = None, lang: str = "en", text: str | None = None
) -> Path:
    """Every number of a forward pass for other programs; returns the file.

    The ending of ``output`` says what it is, as does ``to``: ``xlsx``, ``csv``, ``npz``, ``json``, ``notebook``.
    ``source`` is a trace, or a model, which runs its own sentence or ``text``.
    """
    from tensorreel.core.errors import outside
    from tensorreel.core.model import Model as Kind
    from tensorreel.publish.export.making import kind_of, write_export

    kind = kind_of(Path(output), to)
    _, target = _target(output, "")
    trace = source.run(text) if isinstance(source, Kind) else source
    try:
        write_export(trace, kind, target, lang)
    except OSError as err:
        raise outside(err) from err
    return target


def diff(
    old: Model,
    new: Model,
    *,
    stages: Sequence[str | int] = (),
    text: str | None = None,
    tokens: str | Sequence[int] | None = None,
) -> Sides:
    """What is different between two models of one size and vocabulary on one sentence, by default ``old``'s own.

    ``parameters`` says which changed, ``stages`` what each stage shows of it in printed digits, ``differ`` whether any
    does; ``old`` and ``new`` are the traces. ``InputError`` says what two models that cannot be compared differ in.
    """
    from tensorreel.variations.difference import sides_of

    return sides_of(old, new, old.sentence(text, tokens), stages)
