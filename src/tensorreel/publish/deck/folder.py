"""A page and its files, so that whoever opens the page finds either the deck before or the new one, whole.

Files are named after what they hold, so a new deck never writes over one of the old; the page, which names
them, is replaced last, in one step; what neither it nor another page beside it names is removed after that.
Only what holds what its name says was put there by us: other files are left alone.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tensorreel.film.job.atomic import publish_text, remove, replacing
from tensorreel.film.job.digests import file_digest

MARK = 10  # hexadecimal digits of a digest in a name
_OURS = re.compile(rf".+\.([0-9a-f]{{{MARK}}})\.\w+")
_LARGEST = 1 << 23  # bytes of a page that names files; one that is larger holds them itself


class Folder:
    """The files of one deck in ``media``, beside or below its ``page``."""

    def __init__(self, page: Path, media: Path) -> None:
        self.page, self.media = page, media
        self._named: set[str] = set()

    def add(self, stem: str, suffix: str, data: bytes) -> str:
        """Put a file in its place; returns its name in the folder."""
        digest = hashlib.sha256(data).hexdigest()
        name = f"{stem}.{digest[:MARK]}{suffix}"
        self._named.add(name)
        target = self.media / name
        if not (target.is_file() and target.stat().st_size == len(data) and file_digest(target) == digest):
            with replacing(target) as part:
                part.write_bytes(data)
        return name

    def publish(self, text: str) -> None:
        """Replace the page, then let go of what the deck before it used."""
        publish_text(text, self.page)
        others = "".join(
            page.read_text(encoding="utf-8", errors="replace")
            for page in self.page.parent.glob(f"*{self.page.suffix}")
            if page.is_file() and page != self.page and page.stat().st_size < _LARGEST
        )
        for file in self.media.iterdir():
            found = _OURS.fullmatch(file.name)
            if found is None or file.name in self._named or file.name in others or not file.is_file():
                continue
            if file_digest(file).startswith(found[1]):
                remove(file)
