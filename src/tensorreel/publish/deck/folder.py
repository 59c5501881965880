"""A page and its files, so that whoever opens the page finds either the deck before or the new one, whole.

Files are named after what they hold, so a new deck never writes over one of the old; the page, which names
them, is replaced last, in one step; what it no longer names is removed after that.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tensorreel.film.digests import file_digest
from tensorreel.film.publishing import publish_text, remove, replacing

_MARK = 10  # hexadecimal digits of a digest in a name
_OURS = re.compile(rf".+\.[0-9a-f]{{{_MARK}}}\.\w+")


class Folder:
    """The files of one deck in ``media``, beside or below its ``page``."""

    def __init__(self, page: Path, media: Path) -> None:
        self.page, self.media = page, media
        self._named: set[str] = set()

    def add(self, stem: str, suffix: str, data: bytes) -> str:
        """Put a file in its place; returns its name in the folder."""
        digest = hashlib.sha256(data).hexdigest()
        name = f"{stem}.{digest[:_MARK]}{suffix}"
        self._named.add(name)
        target = self.media / name
        if not (target.is_file() and target.stat().st_size == len(data) and file_digest(target) == digest):
            with replacing(target) as part:
                part.write_bytes(data)
        return name

    def publish(self, text: str) -> None:
        """Replace the page, then let go of what the deck before it used."""
        publish_text(text, self.page)
        for file in self.media.iterdir():
            if file.name not in self._named and _OURS.fullmatch(file.name):
                remove(file)
