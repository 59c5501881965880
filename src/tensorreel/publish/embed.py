"""A clip in other people's documents: what to paste, for each of the tools that lecturers use.

Paths are as given, alt text is escaped for where it stands. A document that cannot be trusted to show video
(Markdown, Marp) gets the GIF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from tensorreel.words.languages import language

# Image keywords and filters of Marpit; a length or a colour may follow.
_MARP_ORDERS = re.compile(
    r"(?<!\S)(?:bg|fit|auto|cover|contain|left|right|vertical|w|h|width|height|blur|brightness|contrast|drop-shadow|"
    r"grayscale|hue-rotate|invert|opacity|saturate|sepia)(?=[:\s]|$)"
)


@dataclass(frozen=True)
class Embedded:
    """A clip and what belongs to it: its files, its size in pixels, its title and alt text in ``lang``."""

    clip: Path
    poster: Path | None
    subtitles: Mapping[str, Path]  # WebVTT by language
    width: int
    height: int
    title: str
    alt: str
    lang: str


def snippet(tool: str, item: Embedded) -> str:
    """What to paste into a document of ``tool``; ``KeyError`` for one that is not in ``TOOLS``."""
    return TOOLS[tool][1](item)


def _html(item: Embedded) -> str:
    return (
        f'<figure lang="{item.lang}">\n'
        + _indented(_video(item, 'controls muted playsinline preload="metadata"'))
        + f"\n  <figcaption>{escape(item.title)}</figcaption>\n</figure>"
    )


def _reveal(item: Embedded) -> str:
    """reveal.js starts what has ``data-autoplay`` when its slide is shown, and stops it when it is left."""
    inside = _indented(_video(item, "data-autoplay controls muted playsinline"))
    return f'<section lang="{item.lang}">\n  <h2>{escape(item.title)}</h2>\n{inside}\n</section>'


def _video(item: Embedded, behaviour: str) -> str:
    poster = f' poster="{_url(item.poster)}"' if item.poster else ""
    tracks = "".join(
        f'  <track kind="subtitles" srclang="{lang}" label="{language(lang).name}" src="{_url(path)}">\n'
        for lang, path in item.subtitles.items()
    )
    return (
        f'<video {behaviour} width="{item.width}" height="{item.height}" style="max-width: 100%; height: auto"'
        f'{poster}\n       aria-label="{escape(item.alt)}">\n'
        f'  <source src="{_url(item.clip)}" type="video/mp4">\n{tracks}</video>'
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _quarto(item: Embedded) -> str:
    """Quarto's own shortcode, which makes a link where a document cannot hold a video."""
    alt, title = _in_quotes(item.alt), _in_quotes(item.title)
    return f'## {item.title}\n\n{{{{< video {_url(item.clip)} title="{title}" aria-label="{alt}" >}}}}'


def _in_quotes(text: str) -> str:
    """A text that can neither end a shortcode's quotation nor the shortcode; a backslash at its end would escape
    the quotation's end."""
    text = text.replace('"', "”").replace("<", "‹").replace(">", "›")
    return f"{text} " if text.endswith("\\") else text


def _marp(item: Embedded) -> str:
    """A picture as high as the room under the title; Marp reads the height from in front of the alt text.

    It would obey further words of the alt text: before one that is an order of its own stands a word joiner, which
    nobody sees.
    """
    alt = _MARP_ORDERS.sub("\u2060\\g<0>", _in_brackets(item.alt))
    return f"## {item.title}\n\n![h:470 {alt}]({_url(item.clip)})"


def _markdown(item: Embedded) -> str:
    return f"![{_in_brackets(item.alt)}]({_url(item.clip)})"


def _in_brackets(text: str) -> str:
    """Markdown's signs in a text, made harmless."""
    return "".join(f"\\{c}" if c in "\\[]*_`<>&~$" else c for c in text)


def _url(path: Path | None) -> str:
    """A path as it stands in a document: ``/`` between folders, everything else that means something quoted."""
    return "" if path is None else quote(path.as_posix(), safe="/~")


# what the tool plays, and how it is told
TOOLS: dict[str, tuple[str, Callable[[Embedded], str]]] = {
    "reveal": ("mp4", _reveal),
    "quarto": ("mp4", _quarto),
    "html": ("mp4", _html),
    "marp": ("gif", _marp),
    "markdown": ("gif", _markdown),
}
