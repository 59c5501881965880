"""Where a file comes from: the model and tokens behind it, the options, and what each of its clips shows.

It is written as text into every file: one line for people, then one of JSON. ``view`` is the digest of all
that a clip shows and ``shown`` has one for the printed digits of each of its matrices (``film.record``), so
that a clip can be held against another model by what is seen, not by bits that nobody can see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tensorreel.film.finishing import Made
from tensorreel.film.job import Job
from tensorreel.visuals.options import SceneOptions

MARK = "tensorreel"


@dataclass(frozen=True)
class Shot:
    """One clip of a file: its scene, its length in frames, and digests of what it shows."""

    scene: str
    frames: int
    view: str
    shown: Mapping[str, str]


@dataclass(frozen=True)
class Provenance:
    """``options`` are those of ``SceneOptions``, 0-based; a font is named without its folder."""

    version: str
    model: str
    tokens: tuple[int, ...]
    words: tuple[str, ...]
    options: Mapping[str, Any]
    picture: tuple[int, int, int]  # width, height, frames per second
    format: str
    beat: str | None
    shots: tuple[Shot, ...]

    def text(self) -> str:
        """For people and for programs."""
        head = f"Made by {MARK} {self.version} from model {self.model[:12]}: {' '.join(self.words)}"
        facts = json.dumps({MARK: asdict(self)}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{' '.join(head.split())}\n{facts}"

    def job(self, trace: Any, font: str | None = None) -> Job:
        """The job that would make the first clip again, from a trace; its scene is to be replaced for the others."""
        options = SceneOptions(**{**self.options, "font": font})
        from tensorreel.film.picture import Picture

        return Job(self.shots[0].scene, trace, options, Picture(*self.picture), "mp4", Path())


def provenance_of(made: Sequence[Made]) -> Provenance:
    """The provenance of one clip, or of several that are joined, which have everything but the scene in common."""
    job = made[0].job
    trace, picture, options = job.trace, job.picture, asdict(job.options)
    if options["font"] is not None:
        options["font"] = Path(options["font"]).name
    return Provenance(
        version=version(),
        model=trace.model.digest,
        tokens=tuple(trace.tokens),
        words=tuple(trace.words),
        options=options,
        picture=(picture.width, picture.height, picture.fps),
        format=job.format,
        beat=job.beat,
        shots=tuple(Shot(e.scene, e.frames, e.view, e.shown) for _, e in made),
    )


def parsed(text: str) -> Provenance:
    """A provenance from its text; ``ValueError`` where it is none."""
    _, _, line = text.partition("\n")
    try:
        facts = json.loads(line)[MARK]
        wanted = {f.name for f in fields(Provenance)}
        if set(facts) != wanted:
            raise ValueError("other fields")
        shots = tuple(
            Shot(
                str(s["scene"]),
                int(s["frames"]),
                str(s["view"]),
                {str(k): str(v) for k, v in s["shown"].items()},
            )
            for s in facts["shots"]
        )
        if not shots:
            raise ValueError("no clips")
        width, height, fps = map(int, facts["picture"])
        return Provenance(
            **{
                **facts,
                "tokens": tuple(map(int, facts["tokens"])),
                "words": tuple(map(str, facts["words"])),
                "picture": (width, height, fps),
                "shots": shots,
            }
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as err:
        raise ValueError(f"not a provenance: {err}") from err


@lru_cache(maxsize=1)
def version() -> str:
    """The version of this program."""
    return metadata.version(MARK)
