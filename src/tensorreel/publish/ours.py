"""Whether a file that is in the way was made by tensorreel: others are not replaced without being asked for.

The rule for every command: a file that is named on the command line with ``-o FILE`` is replaced; one whose name
tensorreel makes up, in a folder, is replaced only if tensorreel made it, or with ``--force``.
"""

from __future__ import annotations

import mmap
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tensorreel.core.errors import UsageProblem, file_named
from tensorreel.film.job.formats import FORMATS
from tensorreel.publish.provenance import MARK

_SLIDE = re.compile(rb'/files/[^"]+\.[0-9a-f]{10}\.mp4"')
_CORE = "docProps/core.xml"
COLUMNS = ("tensor", "layer", "axes", "i", "j", "k", "value")  # of a table of tensors
_PEOPLE = (
    "{http://purl.org/dc/elements/1.1/}creator",
    "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}lastModifiedBy",
)


def is_ours(path: Path) -> bool:
    """Whether a file says that tensorreel made it, and nobody else since; an empty one is nobody's loss."""
    try:
        return path.stat().st_size == 0 or _TELLS.get(path.suffix.lower(), _provenance)(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, ET.ParseError):
        return False


def refuse_others(
    targets: Iterable[Path], force: bool = False, owns: Callable[[Path], bool] = is_ours
) -> None:
    """``UsageProblem`` for the first of the files that is there and that is not ours, unless ``force``."""
    for target in () if force else targets:
        if target.is_file() and not owns(target):
            raise UsageProblem(
                f"{file_named(target)}: not made by {MARK}, expected a free name (or --force to replace it)"
            )


def _holds(mark: bytes) -> Callable[[Path], bool]:
    def holds(path: Path) -> bool:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(mark) >= 0

    return holds


def _table(path: Path) -> bool:
    """CSV, which has no place for remarks: it begins with our names of columns."""
    with path.open("rb") as file:
        return file.readline().rstrip() == ",".join(COLUMNS).encode()


_provenance = _holds(f"Made by {MARK}".encode())  # the text of ``provenance``, whole in any container


def _presentation(path: Path) -> bool:
    """PowerPoint or Excel, which nobody has edited: who saves it says so in it."""
    with zipfile.ZipFile(path) as package:
        root = ET.fromstring(package.read(_CORE))  # noqa: S314
    return all(root.findtext(name) == MARK for name in _PEOPLE)


def _slides(path: Path) -> bool:
    """The JSON of a presentation for manim-slides whose clips are ours by their names."""
    return _SLIDE.search(path.read_bytes()) is not None


def _subtitles(path: Path) -> bool:
    """They, and what is said as a text, have no place for remarks, so they go with the film beside them."""
    clip = path.with_suffix("").with_suffix("")
    films = [clip.with_suffix(f".{form.ending}") for form in FORMATS.values() if not form.still]
    return any(is_ours(film) for film in films if film.is_file())


_TELLS: dict[str, Callable[[Path], bool]] = {
    ".html": _holds(f'<meta name="generator" content="{MARK}">'.encode()),
    ".pptx": _presentation,
    ".pdf": _holds(f"/Author({MARK})".encode()),
    ".xlsx": _presentation,
    ".csv": _table,
    ".json": lambda path: _slides(path) or _provenance(path),
    ".vtt": _subtitles,
    ".srt": _subtitles,
    ".txt": _subtitles,
}
