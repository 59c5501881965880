"""Everything about a clip but its numbers: code, look, size, font, libraries, sentence and model sizes.

The *ground* goes into the key as it is: with another ground the picture may differ even where every number is
the same. The *sentence* is what a scene may read beside tensors; like those it is looked at again before a
clip is believed to be unchanged, but only what the clip shows of it goes into the key.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.core.variation import told_in
from tensorreel.film.job.digests import digest, file_digest
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.keep.source import PACKAGE, Sources
from tensorreel.film.make.backend import drawn_words
from tensorreel.variations.training import digest_of
from tensorreel.words.catalogue import catalogue_digest

if TYPE_CHECKING:
    from tensorreel.core.engine import Trace
    from tensorreel.film.job.job import Job

LIBRARIES = (
    "manim",
    "numpy",
    "pycairo",
    "av",
    "typst",
    "uharfbuzz",
    "python-bidi",
    "budoux",
    "pillow",
    "svgelements",
)
VERSION = 1  # of the way in which keys are made
Fingerprint = dict[str, str]


class Fingerprints:
    """Makes grounds for one run; what they have in common is read once."""

    def __init__(self) -> None:
        self._sources = Sources()
        self._fonts: dict[tuple[str | None, str, tuple[str, ...]], str] = {}

    def of(self, job: Job) -> Fingerprint:
        """The parts of a job's ground, each a digest or a short text, by the name that ``--dry-run`` gives it."""
        from tensorreel import scenes

        board = scenes.board_of(job.scene, job.architecture)
        options = job.options
        return {
            "scene": f"{job.scene} {board.described} v{VERSION}",
            "before": self._before(job),
            "onward": str(job.onward),
            "table": job.architecture.digest_at(job.scene),
            "code": self.code(job),
            "format": job.format,
            "size": f"{job.picture.width}x{job.picture.height}",
            "rate": str(job.picture.fps),
            "language": options.lang,
            "theme": options.theme,
            "pace": repr(options.pace),
            "cut": options.cut,
            "beat": job.beat or "",
            "colours": str(job.colours) if FORMATS[job.format].palette else "",
            "font": self._font(options.font, options.lang, job.trace),
            "training": digest_of(job.moments),
            "speech": digest([said.seconds for said in job.speech]) if job.speech else "",
            "libraries": digest(libraries()),
        }

    def code(self, job: Job) -> str:
        """Digest of the source files that draw a job, the closing picture of the scene before among it."""
        from tensorreel import scenes

        boards = [scenes.board_of(name, job.architecture) for name in (job.scene, job.after) if name]
        named = [f"{PACKAGE}.scenes.{board.module}" for board in boards]
        return digest(self._sources.code(named[0], job.format) | self._sources.files(*named[1:]))

    @staticmethod
    def _before(job: Job) -> str:
        """The scene whose closing picture goes over into the job's, with what it can say of the table."""
        from tensorreel import scenes

        if not job.after:
            return ""
        board = scenes.board_of(job.after, job.architecture)
        return f"{job.after} {board.described} {job.architecture.digest_at(job.after)}"

    def _font(self, path: str | None, lang: str, trace: Trace) -> str:
        look = (path, lang, drawn_words(trace))
        if look not in self._fonts:
            self._fonts[look] = font_digest(path, lang, look[-1])
        return self._fonts[look]


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Versions of what draws and encodes; a library that is missing has none."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    import cairo

    found["cairo"] = cairo.cairo_version_string()
    return found


def font_digest(path: str | None, lang: str, words: Sequence[str] = ()) -> str:
    """Digest of the font files that text is drawn with, those that help out with some of its words among them, and the
    list of those that might take the film's font's place."""
    from tensorreel.visuals.lettering import fontfiles

    choice = fontfiles.resolve_font(path, lang)
    bold = fontfiles.bold_sibling(choice)
    held = [
        file_digest(Path(p)) for p in dict.fromkeys((choice.path, bold.path, *_helping(path, lang, words)))
    ]
    others = sorted((str(p), os.stat(p).st_size) for p in fontfiles.candidates())
    return digest([held, choice.index, bold.index, others])


def _helping(path: str | None, lang: str, words: Sequence[str]) -> list[str]:
    """The files that draw what the film's font lacks; where a letter is in none, who draws it will say so."""
    from tensorreel.visuals.lettering.fonts import faced

    found: set[str] = set()
    for word in words:
        for bold in (False, True):
            with suppress(EnvironmentProblem):
                found |= {face.choice.path for _, face in faced(word, path, bold=bold, lang=lang)}
    return sorted(found)


def sentence_parts(job: Job) -> Fingerprint:
    """What a scene may read beside tensors, part by part."""
    trace: Trace = job.trace
    options: dict[str, Any] = asdict(job.options)
    model = trace.model
    stages = [job.architecture.get(name) for name in (job.scene, job.after) if name]
    said = [told_in(model, stage.name if stage else "", job.options.layer) for stage in stages]
    return {
        "tokens": digest(list(trace.tokens)),
        "words": digest([list(model.words), list(model.glosses), list(model.readings)]),
        "sizes": digest(asdict(model.config)),
        "origin": model.origin,
        "variation": digest([text and text.plain() for text in said]) if any(said) else "",
        "translation": catalogue_digest(job.options.lang),
        "layer": str(options["layer"]),
        "head": str(options["head"]),
        "token": str(options["token"]),
    } | ({} if job.old is None else {"before": job.old.model.digest})
