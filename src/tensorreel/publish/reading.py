"""Finding the provenance in a file, whatever kind of file it is (told by its content, not by its name)."""

from __future__ import annotations

import html
import re
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from tensorreel.core.errors import InputError
from tensorreel.film.job.formats import FORMATS
from tensorreel.publish.provenance import Provenance, parsed

MAX_BYTES = 1 << 30  # of a picture file that is read whole
_WANTED = "expected a file that tensorreel made"


def read_provenance(path: Path) -> Provenance:
    """Where a file comes from. ``InputError`` for one that is missing, of another kind, or does not say."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
        text = _picture_text(path, head) if _is_picture(head) else _film_text(path)
    except OSError as err:
        raise InputError(f"{path}: {err.strerror or err}, {_WANTED}") from err
    except Exception as err:
        raise InputError(f"{path}: cannot be read ({type(err).__name__}), {_WANTED}") from err
    if not text:
        raise InputError(f"{path}: does not say where it comes from, {_WANTED}")
    try:
        return parsed(text)
    except ValueError as err:
        raise InputError(f"{path}: {err}, {_WANTED}") from err


def _is_picture(head: bytes) -> bool:
    return any(form.begins and re.match(form.begins, head, re.DOTALL) for form in FORMATS.values())


def _film_text(path: Path) -> str:
    import av

    with av.open(str(path)) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
    return tags.get("comment", "")


def _picture_text(path: Path, head: bytes) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("too large")
    if b"<svg" in head:
        found = re.search(r"<metadata>(.*?)</metadata>", path.read_text(encoding="utf-8"), re.DOTALL)
        return html.unescape(found[1]) if found else ""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(path) as image:
            facts: dict[Any, Any] = dict(image.info)
    if "xmp" in facts:
        return _source_of(facts["xmp"])
    said = facts.get("comment", facts.get("Comment", ""))
    return said.decode() if isinstance(said, bytes) else str(said)


def _source_of(xmp: bytes) -> str:
    """``dc:source`` of an XMP packet; one with a document type is refused, since it could hold anything."""
    if b"<!DOCTYPE" in xmp or b"<!ENTITY" in xmp:
        raise ValueError("a document type")
    return ET.fromstring(xmp).findtext(".//{http://purl.org/dc/elements/1.1/}source") or ""  # noqa: S314
