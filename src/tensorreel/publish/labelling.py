"""What every file gets as it is handed out: title, alt text, subtitles, and where it comes from."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tensorreel.film.job.atomic import write_part
from tensorreel.film.job.digests import digest, file_digest
from tensorreel.film.job.formats import FORMATS, function
from tensorreel.film.job.job import Job
from tensorreel.film.run.contents import FILM_TITLE
from tensorreel.film.run.delivery import Made
from tensorreel.publish import image_metadata
from tensorreel.publish.alt import alt_text, file_title
from tensorreel.publish.ours import is_ours
from tensorreel.publish.provenance import provenance_of
from tensorreel.publish.soundtrack import Placed, Soundtrack, said_in, samples
from tensorreel.publish.subtitles import SubtitleLine, film_cues, subtitle_lines
from tensorreel.words.languages import language, subtitles_of


@dataclass(frozen=True)
class FileTexts:
    """The texts of a file."""

    lang: str
    title: str
    alt: dict[str, str]  # by language, the picture's own first
    source: str
    subtitles: dict[str, list[SubtitleLine]]  # by language
    said: list[Placed]  # what a voice says in it
    seconds: float


def label_of(made: Sequence[Made]) -> FileTexts:
    """The texts of a clip, or of the film that is joined from several."""
    job, entry = made[0].job, made[0].entry
    lang = job.options.lang
    tracks = subtitles_of(lang, job.subtitles)
    languages = dict.fromkeys((lang, *tracks))
    said, seconds = said_in(made), sum(m.clip.seconds for m in made)
    source = provenance_of(made).text()
    if len(made) > 1:
        cues = film_cues([m.clip for m in made])
        alt = {other: FILM_TITLE.of(other) for other in languages}
        subtitles = {x: subtitle_lines(cues, x) for x in tracks}
        return FileTexts(lang, FILM_TITLE.of(lang), alt, source, subtitles, said, seconds)
    still = FORMATS[job.format].still
    alt = {
        other: alt_text(
            job.scene, job.trace, entry.beats, other, beat=job.beat, kind="picture" if still else "clip"
        )
        for other in languages
    }
    return FileTexts(
        lang,
        file_title(job.scene, job.trace, lang),
        alt,
        source,
        {x: subtitle_lines(entry.beats, x) for x in tracks},
        said,
        seconds,
    )


_CODE = (
    "mux",
    "image_metadata",
    "soundtrack",
    "tracks",
)  # what writes a file's texts, beside this and the function that its format names


class Labeller:
    """The ``Delivery`` of all commands that hand files out."""

    def key(self, made: Sequence[Made]) -> str:
        """Digest of the texts, and of the code that puts them in."""
        label = label_of(made)
        writer = inspect.getfile(function(FORMATS[made[0].job.format].labels))
        code = [file_digest(path) for path in (Path(__file__), Path(writer), *_beside())]
        said = [(sentence.start, sentence.digest) for sentence in label.said]
        return digest([label.lang, label.title, label.alt, label.source, repr(label.subtitles), said, code])

    def owns(self, path: Path) -> bool:
        """What is finished says where it comes from."""
        return is_ours(path)

    def write(self, made: Sequence[Made], source: Path, part: Path) -> None:
        """Write ``part`` from ``source`` with its texts."""
        job = made[0].job
        function(FORMATS[job.format].labels)(job, label_of(made), source, part)


def _beside() -> list[Path]:
    return [Path(__file__).with_name(f"{name}.py") for name in _CODE]


def label_film(job: Job, label: FileTexts, source: Path, part: Path, subtitles: bool = True) -> None:
    """Write ``part``: the clip or film of ``source`` with its texts."""
    from tensorreel.publish.mux import Track, remux

    tracks = [Track(language(x).iso, language(x).name, said) for x, said in label.subtitles.items()]
    remux(
        source,
        part,
        form=FORMATS[job.format].container or job.format,
        fps=job.picture.fps,
        texts={"title": label.title, "comment": label.source, "description": label.alt[label.lang]},
        language=language(label.lang).iso,
        tracks=[t for t in tracks if t.lines] if subtitles else (),
        sound=_sound(job, label),
    )


def _sound(job: Job, label: FileTexts) -> Soundtrack | None:
    """What is said, for a container that takes sound."""
    codec = FORMATS[job.format].sound
    return Soundtrack(codec, samples(label.said, label.seconds)) if label.said else None


def label_overlay(job: Job, label: FileTexts, source: Path, part: Path) -> None:
    """The same without subtitles: nothing that takes an overlay reads them."""
    label_film(job, label, source, part, subtitles=False)


def label_gif(job: Job, label: FileTexts, source: Path, part: Path) -> None:
    """A comment that says where it comes from."""
    write_part(image_metadata.gif_with(source.read_bytes(), label.source), part)


def label_png(job: Job, label: FileTexts, source: Path, part: Path) -> None:
    """Title, alt text and where it comes from, as texts by keyword."""
    texts = {"Title": label.title, "Description": label.alt[label.lang], "Comment": label.source}
    write_part(image_metadata.png_with(source.read_bytes(), texts), part)


def label_webp(job: Job, label: FileTexts, source: Path, part: Path) -> None:
    """The same in every language, as an XMP packet."""
    size, xmp = (
        (job.picture.width, job.picture.height),
        image_metadata.xmp_of(label.title, label.alt, label.source),
    )
    write_part(image_metadata.webp_with(source.read_bytes(), xmp, size), part)


def label_svg(job: Job, label: FileTexts, source: Path, part: Path) -> None:
    """The same for screen readers."""
    text = source.read_text(encoding="utf-8")
    write_part(
        image_metadata.svg_with(text, label.title, label.alt[label.lang], label.source, label.lang).encode(),
        part,
    )
