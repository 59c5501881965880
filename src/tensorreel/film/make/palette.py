"""One palette for a whole clip, from stills of its scene."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tensorreel.film.encode.gif import GifEncoder, Palette
from tensorreel.film.job.job import Job
from tensorreel.film.make.stills import stills


def gif(part: Path, job: Job) -> GifEncoder:
    """The job's GIF, in the colours that serve it best. Call inside ``drawing``."""
    return GifEncoder(part, job.picture, clip_palette(job))


def clip_palette(job: Job) -> Palette:
    """The ``job.colours`` colours that serve a clip best, from its pictures twice a second of motion and at every beat."""
    graph = av.filter.Graph()
    w, h = job.picture.width, job.picture.height
    source = graph.add_buffer(
        width=w, height=h, format=av.VideoFormat("rgb24", w, h), time_base=1 / Fraction(job.picture.fps)
    )
    maker = graph.add("palettegen", f"max_colors={job.colours}:reserve_transparent=0:stats_mode=full")
    sink = graph.add("buffersink")
    source.link_to(maker)
    maker.link_to(sink)
    graph.configure()
    for i, still in enumerate(stills(job, every=0.5)):
        frame = av.VideoFrame.from_ndarray(np.asarray(still.image), format="rgb24")
        frame.pts = i
        graph.push(frame)
    graph.push(None)
    made: Any = graph.pull()
    found: Palette = made.to_ndarray(format="rgb24").reshape(-1, 3)
    return found
