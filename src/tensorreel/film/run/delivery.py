"""Between a kept clip and the file that is handed out: what is added on the way, and when it is needed at all.

A kept clip is a pure function of what it shows. Titles, subtitles and the record of where it comes from are put
in as it is handed out, so that a change of the model below the last printed digit costs a copy and no drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tensorreel.film.job.atomic import copy
from tensorreel.film.job.digests import file_digest
from tensorreel.film.job.job import Clip, ClipError, Job
from tensorreel.film.keep.cache import Entry


class Made(NamedTuple):
    """A job, its kept clip, and the digest of the code that drew it."""

    job: Job
    entry: Entry
    code: str = ""

    @property
    def clip(self) -> Clip:
        """What is known of the clip; its path is the job's target."""
        entry = self.entry
        return Clip(entry.scene, self.job.target, entry.frames, entry.fps, entry.beats)


class Delivery(Protocol):
    """Turns what is kept, one clip or several joined ones, into the file that people get. Equal keys mean equal bytes."""

    def key(self, made: Sequence[Made]) -> str:
        """Digest of everything that is added."""

    def owns(self, path: Path) -> bool:
        """Whether a file that is in the way was finished like this."""

    def write(self, made: Sequence[Made], source: Path, part: Path) -> None:
        """Write ``part`` from ``source``; raises ``ClipError`` when it does not hold what the source holds."""


class Plain:
    """The bytes as they are."""

    def key(self, made: Sequence[Made]) -> str:
        """Nothing is added."""
        return ""

    def owns(self, path: Path) -> bool:
        """Bytes as they are say nothing of who wrote them."""
        return True

    def write(self, made: Sequence[Made], source: Path, part: Path) -> None:
        """A copy, compared."""
        copy(source, part)
        if file_digest(part) != file_digest(source):
            raise ClipError(f"{part.name}: the copy is not the clip that was made")
