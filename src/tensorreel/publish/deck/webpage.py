"""The lecture for the browser: one page over reveal.js, and a folder of clips and stills, or all in the page.

Nothing is fetched from elsewhere: reveal.js comes with the package (``assets/reveal``, version and licence in
its files) and goes into the page, and the page's own policy forbids every other address.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from tensorreel.film.publishing import publish_text
from tensorreel.publish.deck.folder import Folder
from tensorreel.publish.deck.lecture import Lecture, Part
from tensorreel.publish.deck.webpage_parts import cover, data_of, map_items, section, title_of
from tensorreel.publish.deck.webpage_words import WORDS, help_items
from tensorreel.visuals.theme import THEMES

FILES = "files"
Store = Callable[[str, str, bytes], str]  # stem, suffix, data → the file's name


def frames(part: Part) -> list[int]:
    """The pictures that the page rests on: the first one, and the end of each step."""
    return [0, *(step.last - 1 for step in part.steps)]


def write(lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], page: Path, one_file: bool) -> None:
    """Write ``page`` with its files in ``files/`` beside it, or with all of them inside."""
    if one_file:
        inside: dict[str, bytes] = {}

        def keep(stem: str, suffix: str, data: bytes) -> str:
            inside[f"{stem}{suffix}"] = data
            return f"{stem}{suffix}"

        text = _page(lecture, pictures, keep)
        held = "".join(
            f'<script type="text/plain" id="file-{name}">{base64.b64encode(data).decode()}</script>\n'
            for name, data in inside.items()
        )
        publish_text(text.replace("<!--files-->", held), page)
        return
    folder = Folder(page, page.parent / FILES)
    folder.publish(_page(lecture, pictures, folder.add))


def _page(lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], store: Store) -> str:
    films, stills = [], []
    for part, found in zip(lecture.parts, pictures, strict=True):
        stem = f"{part.number:02}-{part.name}"
        films.append(store(stem, ".mp4", part.clip.path.read_bytes()))
        stills.append([store(f"{stem}-{k:02}", ".webp", found[at]) for k, at in enumerate(frames(part))])
    words = WORDS[lecture.lang]
    sections = "".join(section(lecture, p, names) for p, names in zip(lecture.parts, stills, strict=True))
    data = data_of(lecture, films) | {"folder": f"{FILES}/", "words": words}
    return Template(_asset("page.html")).substitute(
        {f"w_{name}": title_of(text) for name, text in words.items()},
        lang=lecture.lang,
        title=title_of(lecture.title),
        css=f"{_asset('reveal/reset.css')}\n{_asset('reveal/reveal.css')}",
        variables=_variables(lecture.theme),
        style=_asset("deck.css"),
        cover=cover(lecture),
        sections=sections,
        map=map_items(lecture, stills),
        help=help_items(lecture.lang),
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        reveal=_asset("reveal/reveal.js"),
        player=_asset("player.js"),
        speaker=_asset("speaker.js"),
        deck=_asset("deck.js"),
    )


def _asset(name: str) -> str:
    text = files(__package__).joinpath("assets", *name.split("/")).read_text(encoding="utf-8")
    return text.replace("</script", "<\\/script") if name.endswith(".js") else text


def _variables(theme: str) -> str:
    look = THEMES[theme]
    names = ("background", "ink", "dim", "faint", "panel", "accent")
    scheme = f"color-scheme: {'light' if theme == 'light' else 'dark'};"
    return f":root {{ {scheme} {' '.join(f'--{name}: {getattr(look, name)};' for name in names)} }}"
