"""A finished clip in Python's hands, which a notebook shows as soon as it is the value of a cell."""

from __future__ import annotations

import base64
import mimetypes
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from tensorreel.core.errors import UsageProblem


class OwnFolder:
    """A temporary folder that goes with the last reference to this."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="tensorreel-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class Clip:
    """A clip, the whole film, or one picture: its file, what it shows in words (``alt``), pixels and seconds.

    The file of a clip that was made without an ``output`` goes with the last reference to it; ``save`` keeps it.
    """

    path: Path
    title: str
    alt: str
    width: int
    height: int
    frames: int
    seconds: float
    _folder: OwnFolder | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """A copy under another name, which keeps its ending; a folder gets it under its own. Whole, or not there."""
        from tensorreel.film.job.atomic import copy, replacing

        target = Path(path)
        target = target / self.path.name if target.is_dir() else target
        if target.suffix.lower() != self.path.suffix:
            raise UsageProblem(f"{target}: expected the ending {self.path.suffix}")
        with replacing(target) as part:
            copy(self.path, part)
        return target

    @property
    def mime(self) -> str:
        """``video/mp4``, ``image/gif`` …"""
        return mimetypes.guess_type(self.path.name, strict=False)[0] or "application/octet-stream"

    def _repr_html_(self) -> str:
        """The clip with its data in it, so that a saved notebook plays without files."""
        data = base64.b64encode(self.path.read_bytes()).decode("ascii")
        source = f'src="data:{self.mime};base64,{data}"'
        style = f'width="{self.width}" height="{self.height}" style="max-width: 100%; height: auto"'
        if self.mime.startswith("image/"):
            return f'<img {source} {style} alt="{escape(self.alt)}">'
        return f'<video controls muted playsinline loop {style} aria-label="{escape(self.alt)}" {source}></video>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The same, and its alt text for whatever shows no HTML."""
        return {"text/html": self._repr_html_(), "text/plain": self.alt}
