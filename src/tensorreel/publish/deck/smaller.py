"""A lecture for the browser that may not be larger than so many bytes: codec, size and rate of its films.

H.264 plays everywhere, so it is kept as long as the picture keeps its size; below that AV1 says the same with
half of the bytes, in browsers that know it (a Safari that does not shows the stills).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Literal

import av
from av.video.frame import PictureType

from tensorreel.core.errors import TensorreelError, UsageProblem
from tensorreel.film.encode.filesink import BT709, LIMITED
from tensorreel.film.encode.overlay import coded
from tensorreel.film.job.job import Clip, Progress
from tensorreel.film.job.picture import Picture
from tensorreel.film.run.workers import run_all
from tensorreel.publish.deck.lecture import Lecture
from tensorreel.publish.fitting import tries

Codec = Literal["H.264", "AV1"]
ENCODERS: dict[Codec, str] = {"H.264": "libx264", "AV1": "libsvtav1"}
_OPTIONS: dict[Codec, dict[str, str]] = {
    "H.264": {"preset": "medium", "tune": "animation", "threads": "1", "g": "150"},
    # scm: what is drawn, not filmed; one thread, so that the same film gives the same bytes
    "AV1": {"preset": "8", "g": "150", "svtav1-params": "lp=1:scm=1"},
}


@dataclass(frozen=True)
class Grade:
    """How the films are coded (``codec`` None: as they are), their greatest height and rate, the quantiser, the
    quality of the stills, and what a page weighs against the others: MB of the whole lecture in one file."""

    codec: Codec | None
    height: int
    fps: int
    crf: int
    stills: int
    weight: float

    def of(self, picture: Picture) -> Picture:
        """The picture at this grade: never larger, and at a whole part of the rate."""
        rate = picture.fps // -(-picture.fps // self.fps)
        if picture.height <= self.height:
            return picture.at(rate)
        width = round(picture.width * self.height / picture.height / 2) * 2
        return Picture(width, self.height, rate)


ASIS = Grade(None, 1 << 15, 240, 0, 92, 73.0)
LADDER = (
    ASIS,
    Grade("H.264", 720, 30, 24, 85, 33.0),
    Grade("H.264", 720, 30, 28, 80, 25.0),
    Grade("H.264", 720, 15, 32, 75, 18.0),
    Grade("AV1", 720, 15, 50, 75, 15.0),
    Grade("H.264", 480, 15, 28, 70, 13.0),
    Grade("AV1", 480, 15, 50, 70, 11.0),
)
Sizer = Callable[[Grade], int]


def grades() -> list[Grade]:
    """The ladder, as far as this build of PyAV has the encoders."""
    return [g for g in LADDER if g.codec is None or ENCODERS[g.codec] in av.codecs_available]


def chosen_grade(most: int, size_of: Sizer, picture: Picture) -> tuple[Grade, int]:
    """The best grade whose page has at most ``most`` bytes, and its size; ``UsageProblem`` where none has."""
    steps, known = grades(), dict[int, int]()
    for at in tries(steps, most, known):
        known[at] = size_of(steps[at])
    fit = [at for at, size in known.items() if size <= most]
    if not fit:
        raise UsageProblem(
            f"--max-size {most}: the page has {known[len(steps) - 1]} bytes as the smallest that can be read "
            f"({spoken_grade(steps[-1], picture)}), expected no less (or -q l, or fewer stages)"
        )
    return steps[min(fit)], known[min(fit)]


def spoken_grade(grade: Grade, picture: Picture) -> str:
    """``AV1, 1280×720, 15 frames per second``."""
    small = grade.of(picture)
    return f"{grade.codec or 'H.264'}, {small.width}×{small.height}, {small.fps} frames per second"


def smaller(lecture: Lecture, grade: Grade, folder: Path, processes: int | None) -> Lecture:
    """The lecture with its films at a grade, as files in ``folder``; several are coded at once.

    Frames are still counted as before: a film at half the rate shows every second picture twice as long.
    """
    if grade.codec is None:
        return lecture
    folder.mkdir(exist_ok=True)
    small = grade.of(lecture.picture)
    longest_first = sorted(lecture.parts, key=lambda part: part.clip.frames, reverse=True)
    jobs = [(part.clip, folder / f"{part.name}.mp4") for part in longest_first]
    maker = partial(_recoded, grade, lecture.picture.fps // small.fps, (small.width, small.height))
    for outcome in run_all(jobs, maker, min(processes or os.cpu_count() or 1, len(jobs))):
        if outcome.result is None:
            error = TensorreelError(f"{outcome.work[0].scene}: {outcome.error}")
            error.exit_code = outcome.exit_code
            raise error
    parts = [
        replace(part, clip=replace(part.clip, path=folder / f"{part.name}.mp4")) for part in lecture.parts
    ]
    return replace(lecture, parts=tuple(parts))


def _recoded(
    grade: Grade, every: int, size: tuple[int, int], job: tuple[Clip, Path], progress: Progress
) -> int:
    """Code every so many-th picture of a clip anew, at a size.

    Key frames stand where the encoder wants them: one at every beat makes a third more, and while a seek takes
    its moment the page shows a still.
    """
    clip, target = job
    os.environ.setdefault("SVT_LOG", "0")
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(clip.path)) as old, av.open(str(target), "w", format="mp4", options=options) as out:
        stream = _stream(out, grade, clip.fps // every, size)
        for number, frame in enumerate(old.decode(video=0)):
            place, off = divmod(number, every)
            if off:
                continue
            frame = frame.reformat(*size) if (frame.width, frame.height) != size else frame
            frame.pts, frame.time_base = place, Fraction(every, clip.fps)
            frame.pict_type = PictureType.NONE
            out.mux(stream.encode(frame))
            progress(number)
        out.mux(stream.encode(None))
    return clip.frames


def _stream(out: Any, grade: Grade, fps: int, size: Sequence[int]) -> Any:
    assert grade.codec is not None
    options = _OPTIONS[grade.codec] | {"crf": str(grade.crf)}
    stream = coded(out, ENCODERS[grade.codec], fps, options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    codec = stream.codec_context
    codec.color_primaries = codec.color_trc = codec.colorspace = BT709
    codec.color_range, codec.thread_count = LIMITED, 1
    return stream
