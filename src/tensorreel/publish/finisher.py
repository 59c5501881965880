"""What every file gets as it is handed out: title, alt text, subtitles, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensorreel.film.job.atomic import write
from tensorreel.film.job.digests import digest, file_digest
from tensorreel.film.job.job import Cue
from tensorreel.film.job.picture import Rate
from tensorreel.film.run.delivery import Made
from tensorreel.film.run.production import FILM_TITLE
from tensorreel.publish import tags
from tensorreel.publish.alt import alt_text, title
from tensorreel.publish.ours import is_ours
from tensorreel.publish.provenance import provenance_of
from tensorreel.publish.subtitles import LANGUAGE_NAMES, LANGUAGE_TAGS, film_cues, lines


@dataclass(frozen=True)
class Label:
    """The texts of a file."""

    lang: str
    title: str
    alt: dict[str, str]  # by language, the picture's own first
    source: str
    cues: tuple[Cue, ...]


def label_of(made: Sequence[Made]) -> Label:
    """The texts of a clip, or of the film that is joined from several."""
    job, entry = made[0].job, made[0].entry
    lang = job.options.lang
    languages = sorted(LANGUAGE_TAGS, key=lambda other: other != lang)
    source = provenance_of(made).text()
    if len(made) > 1:
        cues = tuple(film_cues([m.clip for m in made]))
        alt = {other: FILM_TITLE[other] for other in languages}
        return Label(lang, FILM_TITLE[lang], alt, source, cues)
    still = job.format in ("png", "svg")
    alt = {
        other: alt_text(
            job.scene, job.trace, entry.beats, other, beat=job.beat, kind="picture" if still else "clip"
        )
        for other in languages
    }
    return Label(lang, title(job.scene, lang), alt, source, entry.beats)


_CODE = ("finisher", "mux", "tags", "tracks")  # what writes a file's texts


class Finisher:
    """The ``Finish`` of all commands that hand files out."""

    def key(self, made: Sequence[Made]) -> str:
        """Digest of the texts, and of the code that puts them in."""
        label = label_of(made)
        code = [file_digest(Path(__file__).with_name(f"{name}.py")) for name in _CODE]
        cues = [list(cue) for cue in label.cues]
        return digest([label.lang, label.title, label.alt, label.source, repr(cues), code])

    def owns(self, path: Path) -> bool:
        """What is finished says where it comes from."""
        return is_ours(path)

    def write(self, made: Sequence[Made], source: Path, part: Path) -> None:
        """Write ``part`` from ``source`` with its texts."""
        label, job = label_of(made), made[0].job
        if job.format in ("mp4", "mov", "webm"):
            _film(label, job.format, job.picture.fps, source, part)
        else:
            write(_WITH[job.format](source.read_bytes(), label, made[0]), part)


def _film(label: Label, form: str, fps: Rate, source: Path, part: Path) -> None:
    """Subtitles go into MP4 only: nothing that takes an overlay reads them."""
    from tensorreel.publish.mux import Track, remux

    languages = list(label.alt)
    tracks = [Track(LANGUAGE_TAGS[x], LANGUAGE_NAMES[x], lines(label.cues, x)) for x in languages]
    remux(
        source,
        part,
        form=form,
        fps=fps,
        texts={"title": label.title, "comment": label.source, "description": label.alt[label.lang]},
        language=LANGUAGE_TAGS[label.lang],
        tracks=[t for t in tracks if t.lines] if form == "mp4" else (),
    )


def _gif(data: bytes, label: Label, made: Made) -> bytes:
    return tags.gif_with(data, label.source)


def _png(data: bytes, label: Label, made: Made) -> bytes:
    texts = {"Title": label.title, "Description": label.alt[label.lang], "Comment": label.source}
    return tags.png_with(data, texts)


def _webp(data: bytes, label: Label, made: Made) -> bytes:
    picture = made.job.picture
    return tags.webp_with(
        data, tags.xmp_of(label.title, label.alt, label.source), (picture.width, picture.height)
    )


def _svg(data: bytes, label: Label, made: Made) -> bytes:
    return tags.svg_with(data.decode(), label.title, label.alt[label.lang], label.source, label.lang).encode()


_WITH: dict[str, Callable[[bytes, Label, Made], bytes]] = {
    "gif": _gif,
    "png": _png,
    "webp": _webp,
    "svg": _svg,
}
