"""The kinds of files that a clip can be: one ``Format`` for each ending. Data only; whoever asks, asks here.

A further format is its line here and the module of its encoder. The functions that a format names are looked up
when they are called, so that nothing is imported for a name; ``tests/test_formats.py`` finds each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Literal

from tensorreel.film.job.picture import (
    DEFAULT_QUALITY,
    GIF_PICTURE,
    OVERLAY_PICTURE,
    QUALITIES,
    Picture,
    Rate,
)
from tensorreel.visuals.look.options import CLEAR_THEMES

Kind = Literal["film", "loop", "overlay", "still"]
KINDS: dict[Kind, str] = {"film": "video", "loop": "loops", "overlay": "overlays", "still": "one picture"}
MOST_ASKED = 120  # frames per second


@dataclass(frozen=True)
class Format:
    """One kind of file, by its ending without the dot.

    ``encoder`` and ``labels`` name functions, ``module:function`` below ``tensorreel``. The encoder of a clip makes
    of ``(part, job)`` a context manager that gives a sink; when it ends, the file is whole. That of a still makes
    the file's bytes of ``(job, renderer, scene)``. ``labels`` puts the texts in: ``(job, label, source, part)``.
    """

    ending: str
    kind: Kind
    encoder: str
    labels: str
    clear: bool  # whether it can be transparent
    usual: Picture  # size and rate where nothing else is asked for
    most: Rate = MOST_ASKED  # frames per second
    palette: bool = False  # whether its pictures share a few colours
    begins: bytes = b""  # of a picture: a pattern for how its file begins; FFmpeg knows the films
    container: str = ""  # FFmpeg's name of it where that is not the ending
    sound: str = ""  # FFmpeg's name of what codes a voice; empty where there is no place for one

    @property
    def still(self) -> bool:
        """Whether it is one picture, which neither moves nor lasts."""
        return self.kind == "still"

    @property
    def loop(self) -> bool:
        """Whether it goes round without end."""
        return self.kind == "loop"

    def picture(self, quality: str | None, fps: Rate | None) -> Picture:
        """Size and rate, as they are asked for or as they are usual; the rate of a loop does not follow its size."""
        if quality is None:
            return self.usual.at(fps)
        return QUALITIES[quality].at(fps or (self.usual.fps if self.loop else None))

    def refusal(self, theme: str, **given: Any) -> str:
        """What of all that was asked for it has no use for, beginning with the option's name; empty if there is
        nothing.
        """
        if theme in CLEAR_THEMES and not self.clear:
            able = ", ".join(name for name, other in FORMATS.items() if other.clear)
            return f"theme {theme} as {self.ending}, expected {able} (it has no transparency)"
        if given.get("beat") is not None and not self.still:
            return f"beat with {self.ending}, expected {told(endings('still'))}"
        if given.get("max_size") is not None and not self.loop:
            return f"max-size with {self.ending}, expected {told(endings('loop'))}"
        if given.get("narration") is not None and not self.sound:
            heard = told([name for name, other in FORMATS.items() if other.sound])
            return f"narration with {self.ending}, expected {heard} (it has no sound)"
        for texts in ("subtitles", "script"):
            if given.get(texts) and self.still:
                return f"{texts} with {self.ending}, expected a clip or the film"
        return ""


_LARGE = QUALITIES[DEFAULT_QUALITY]
# A picture of 10 ms or less is shown by browsers for 100. GIF counts in hundredths of a second, WebP in thousandths.
FORMATS: dict[str, Format] = {
    form.ending: form
    for form in (
        Format(
            "mp4",
            "film",
            "film.encode.encoder:mp4",
            "publish.labelling:label_film",
            False,
            _LARGE,
            sound="aac",
        ),
        Format(
            "gif",
            "loop",
            "film.make.palette:gif",
            "publish.labelling:label_gif",
            False,
            GIF_PICTURE,
            most=50,
            palette=True,
            begins=rb"GIF8",
        ),
        Format(
            "webp",
            "loop",
            "film.encode.webp:webp",
            "publish.labelling:label_webp",
            True,
            GIF_PICTURE,
            most=90,
            begins=rb"RIFF",
        ),
        Format(
            "webm",
            "overlay",
            "film.encode.overlay:webm",
            "publish.labelling:label_overlay",
            True,
            OVERLAY_PICTURE,
            sound="libopus",
        ),
        Format(
            "mov",
            "overlay",
            "film.encode.overlay:mov",
            "publish.labelling:label_overlay",
            True,
            OVERLAY_PICTURE,
            sound="pcm_s16le",
        ),
        Format(
            "png",
            "still",
            "film.make.stills:png",
            "publish.labelling:label_png",
            True,
            _LARGE,
            begins=rb"\x89PNG",
        ),
        Format(
            "svg",
            "still",
            "film.make.vector:svg",
            "publish.labelling:label_svg",
            True,
            _LARGE,
            begins=rb".*<svg",
        ),
    )
}


def function(name: str) -> Any:
    """A function that a format names; its module is imported now."""
    return resolve_name(f"tensorreel.{name}")


def endings(*kinds: Kind) -> list[str]:
    """The endings of the formats of some kinds, in their order."""
    return [form.ending for form in FORMATS.values() if form.kind in kinds]


def told(names: list[str], last: str = "or") -> str:
    """``gif or webp``; ``a, b or c``."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
