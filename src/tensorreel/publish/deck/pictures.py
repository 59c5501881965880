"""Stills out of finished clips: nothing is drawn again, so a still is exactly what the clip shows there. And the picture
that a lecturer brings for the cover.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import av
from PIL import Image

from tensorreel.core.errors import InputError, TensorreelError, file_named, outside
from tensorreel.film.job.job import Clip, ClipError
from tensorreel.film.job.progress import ProgressBar
from tensorreel.film.run.workers import run_all
from tensorreel.publish.deck.lecture import LecturePart, Logo

Kind = Literal["jpeg", "png", "webp"]
Wanted = tuple[int, Clip, tuple[int, ...]]  # place in the order, clip, frames
_SAVING: dict[Kind, dict[str, Any]] = {
    "jpeg": {"quality": 92, "subsampling": 0},
    "png": {"compress_level": 6},
    "webp": {"quality": 92, "method": 2},
}
LOGO_BYTES, LOGO_PIXELS = 1_000_000, 4000  # of a file, and of a side
_COLOURS = {"src_colorspace": "ITU709", "src_color_range": "MPEG", "dst_color_range": "JPEG"}


def clip_pictures(
    parts: Sequence[LecturePart],
    frames: Callable[[LecturePart], Sequence[int]],
    kind: Kind,
    processes: int | None = None,
    quality: int | None = None,
) -> list[dict[int, bytes]]:
    """For each part the pictures of its clip at some frames, as files of a kind, by frame number.

    ``quality`` is another than the kind's own. Clips are decoded in several processes. Raises ``ClipError`` when a
    clip has no such frame.
    """
    jobs: list[Wanted] = [(at, part.clip, tuple(sorted(set(frames(part))))) for at, part in enumerate(parts)]
    found: dict[int, dict[int, bytes]] = {}
    longest_first = sorted(jobs, key=lambda job: job[1].frames, reverse=True)
    count = min(processes or os.cpu_count() or 1, len(jobs))
    wanted, names = {at: len(few) for at, _, few in jobs}, {at: clip.scene for at, clip, _ in jobs}
    with ProgressBar(wanted, names, "pictures") as bar:
        for outcome in run_all(longest_first, partial(_taken, kind, quality), count):
            if outcome.result is None:
                error = TensorreelError(f"{outcome.work[1].scene}: {outcome.error}")
                error.exit_code = outcome.exit_code
                raise error
            found[outcome.work[0]] = outcome.result
            bar.finish(outcome.work[0], len(outcome.result))
    return [found[at] for at in range(len(parts))]


def _taken(kind: Kind, quality: int | None, job: Wanted, progress: Callable[[int], None]) -> dict[int, bytes]:
    """One clip's pictures; all frames up to the last one wanted are decoded."""
    _, clip, frames = job
    wanted, found = set(frames), {}
    with av.open(str(clip.path)) as container:
        container.streams.video[0].thread_count = 1
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                found[number] = _saved(frame, kind, quality)
                progress(number)
            if len(found) == len(wanted):
                return found
    missing = sorted(wanted - set(found))
    raise ClipError(f"no frame {missing[0]}, expected {clip.frames}")


def _saved(frame: av.VideoFrame, kind: Kind, quality: int | None) -> bytes:
    pixels = frame.reformat(format="rgb24", **_COLOURS).to_ndarray()  # type: ignore[arg-type]
    saving = _SAVING[kind] | ({} if quality is None else {"quality": quality})
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind.upper(), **saving)
    return out.getvalue()


def read_logo(path: Path, alt: str = "") -> Logo:
    """The picture for the cover; ``InputError`` for one that is none, is damaged or is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(LOGO_BYTES + 1)
    except OSError as err:
        raise outside(err) from err
    if len(data) > LOGO_BYTES:
        raise InputError(f"{file_named(path)}: a large file, expected a logo of at most {LOGO_BYTES:,} bytes")
    kind = "svg+xml" if _is_svg(data) else _raster(data, path)
    return Logo(data, kind, alt)


def _raster(data: bytes, path: Path) -> str:
    """``png`` or ``jpeg``, of a picture that can be read to its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                if max(image.size) > LOGO_PIXELS:
                    size = "×".join(map(str, image.size))
                    raise InputError(
                        f"{file_named(path)}: {size} pixels, expected at most {LOGO_PIXELS} a side"
                    )
                image.load()
                return str(image.format).lower()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as err:
        raise InputError(
            f"{file_named(path)}: no picture, expected a PNG, JPEG or SVG that is whole"
        ) from err


def _is_svg(data: bytes) -> bool:
    """Whether it is XML whose root is an SVG; one that declares entities is none, as XML can grow without end by them."""
    from xml.etree import ElementTree

    if b"<!ENTITY" in data:
        return False
    try:
        return ElementTree.fromstring(data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  (no entities)
    except (ElementTree.ParseError, ValueError, LookupError):
        return False
