"""The lecture for the browser: one page over reveal.js, and a folder of clips and stills, or all in the page.

Nothing is fetched from elsewhere: reveal.js comes with the package (``assets/reveal``, version and licence in
its files), and the page's own policy forbids every other address. In a folder no style and no script stands in
the page itself, so a server may send as strict a policy as ``HEADER``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from tensorreel.film.job.atomic import publish_text
from tensorreel.publish.deck.folder import MARK, Folder
from tensorreel.publish.deck.lecture import Lecture, LecturePart
from tensorreel.publish.deck.webpage_paper import paper
from tensorreel.publish.deck.webpage_parts import cover, data_of, map_items, section, title_of
from tensorreel.publish.deck.webpage_words import help_items, words_in
from tensorreel.visuals.look.theme import THEMES

FILES = "files"
# The strictest policy under which the folder works: a film from a server that sends no pieces is kept as a blob.
HEADER = "default-src 'self'; media-src 'self' blob:"
_COMMON = "base-uri 'none'; form-action 'none'"
_POLICIES = {  # by one_file; 'self' is no file of a folder that is opened without a server
    True: f"default-src 'none'; img-src data: blob:; media-src blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; {_COMMON}",
    False: "default-src 'none'; img-src 'self' file:; media-src 'self' file: blob:; style-src 'self' file:; "
    f"script-src 'self' file:; connect-src 'self'; {_COMMON}",
}
_STYLES = ("reveal/reset.css", "reveal/reveal.css", "deck.css", "paper.css")
_SCRIPTS = ("reveal/reveal.js", "player.js", "speaker.js", "gestures.js", "paper.js", "deck.js")
_OUR_STYLE = "deck.css"  # which the speaker's window has too
Store = Callable[[str, str, bytes], str]  # stem, suffix, data → the file's name


def rest_frames(part: LecturePart) -> list[int]:
    """The pictures that the page rests on: the first one, and the end of each step."""
    return [0, *(step.last - 1 for step in part.steps)]


def write_webpage(
    lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], page: Path, one_file: bool
) -> None:
    """Write ``page`` with its files in ``files/`` beside it, or with all of them inside."""
    if one_file:
        inside: dict[str, bytes] = {}

        def keep(stem: str, suffix: str, data: bytes) -> str:
            inside[f"{stem}{suffix}"] = data
            return f"{stem}{suffix}"

        text = _page(lecture, pictures, keep, one_file)
        held = "".join(_held(name, base64.b64encode(data).decode()) for name, data in inside.items())
        publish_text(text.replace("<!--files-->", held), page)
        return
    folder = Folder(page, page.parent / FILES)
    folder.publish(_page(lecture, pictures, folder.add, one_file))


def measured(lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], one_file: bool) -> int:
    """How many bytes ``write`` would write."""
    files: dict[str, int] = {}

    def keep(stem: str, suffix: str, data: bytes) -> str:
        name = f"{stem}{suffix}" if one_file else f"{stem}.{'0' * MARK}{suffix}"
        files[name] = len(data)
        return name

    text = _page(lecture, pictures, keep, one_file)
    if not one_file:
        return len(text.encode()) + sum(files.values())
    page = len(text.replace("<!--files-->", "").encode())
    return page + sum(len(_held(name, "")) + (size + 2) // 3 * 4 for name, size in files.items())


def _held(name: str, text: str) -> str:
    """A file inside of the page."""
    return f'<script type="text/plain" id="file-{name}">{text}</script>\n'


def _page(lecture: Lecture, pictures: Sequence[Mapping[int, bytes]], store: Store, one_file: bool) -> str:
    films, stills = [], []
    for part, found in zip(lecture.parts, pictures, strict=True):
        stem = f"{part.number:02}-{part.name}"
        films.append(store(stem, ".mp4", part.clip.path.read_bytes()))
        stills.append([store(f"{stem}-{k:02}", ".webp", found[at]) for k, at in enumerate(rest_frames(part))])
    words = words_in(lecture.lang)
    logo = _logo(lecture, None if one_file else store)
    shown = list(zip(lecture.parts, stills, strict=True))
    data = data_of(lecture, films) | {"folder": f"{FILES}/", "words": words}
    return Template(_asset("page.html")).substitute(
        {f"w_{name}": title_of(text) for name, text in words.items()},
        lang=lecture.lang,
        policy=_POLICIES[one_file],
        title=title_of(lecture.title),
        icon=_icon(None if one_file else store),
        styles="".join(_style(name, lecture.theme, None if one_file else store) for name in _STYLES),
        cover=cover(lecture, logo),
        sections="".join(section(lecture, part, names) for part, names in shown),
        map=map_items(lecture, stills),
        help=help_items(lecture.lang),
        paper=paper(lecture, stills, logo),
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        scripts="".join(_script(name, None if one_file else store) for name in _SCRIPTS),
    )


def _logo(lecture: Lecture, store: Store | None) -> str:
    """The picture of the cover; empty without one."""
    if (logo := lecture.cover.logo) is None:
        return ""
    if store is None:
        source = f"data:image/{logo.kind};base64,{base64.b64encode(logo.data).decode()}"
    else:
        source = f"{FILES}/{store(Path(logo.file).stem, Path(logo.file).suffix, logo.data)}"
    return f'<img class="logo" src="{source}" alt="{title_of(lecture.logo_alt)}">'


def _icon(store: Store | None) -> str:
    """The address of the page's icon; without one, browsers ask the server for it."""
    data = _asset("icon.svg").encode()
    if store is None:
        return f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}"
    return f"{FILES}/{store('icon', '.svg', data)}"


def _style(name: str, theme: str, store: Store | None) -> str:
    """A style sheet, in the page or as a file of the folder."""
    text = _asset(name) if name != _OUR_STYLE else f"{_variables(theme)}\n{_asset(name)}"
    mark = ' id="deck-style"' if name == _OUR_STYLE else ""
    if store is None:
        return f"<style{mark}>{text}</style>\n"
    return f'<link rel="stylesheet"{mark} href="{FILES}/{store(Path(name).stem, ".css", text.encode())}">\n'


def _script(name: str, store: Store | None) -> str:
    if store is None:
        text = _asset(name).replace("</script", "<\\/script")
        return f"<script>{text}</script>\n"
    return f'<script src="{FILES}/{store(Path(name).stem, ".js", _asset(name).encode())}"></script>\n'


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", *name.split("/")).read_text(encoding="utf-8")


def _variables(theme: str) -> str:
    look = THEMES[theme]
    names = ("background", "ink", "dim", "faint", "panel", "accent")
    scheme = f"color-scheme: {'dark' if look.dark else 'light'};"
    return f":root {{ {scheme} {' '.join(f'--{name}: {getattr(look, name)};' for name in names)} }}"
