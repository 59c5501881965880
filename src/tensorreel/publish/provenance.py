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

from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture, plain_rate, rate
from tensorreel.film.run.delivery import Made
from tensorreel.publish.plain import plain
from tensorreel.visuals.look.options import CUTS, THEMES, SceneOptions
from tensorreel.words.languages import LANGUAGES

MARK = "tensorreel"
CODE = 12  # characters of a digest of code


@dataclass(frozen=True)
class Shot:
    """One clip of a file: its scene, its length in frames, digests of the code that drew it and of what it shows, and
    how many seconds the sentence of each beat takes to say, where anything is said."""

    scene: str
    frames: int
    code: str
    view: str
    shown: Mapping[str, str]
    speech: tuple[float, ...] = ()

    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; of a silent clip without a word about speech."""
        return {name: value for name, value in asdict(self).items() if name != "speech" or value}


@dataclass(frozen=True)
class Provenance:
    """``options`` are those of ``SceneOptions``, 0-based; a font is named without its folder."""

    version: str
    model: str
    tokens: tuple[int, ...]
    words: tuple[str, ...]
    options: Mapping[str, Any]
    picture: tuple[int, int, int | str]  # width, height, frames per second
    format: str
    beat: str | None
    shots: tuple[Shot, ...]

    def text(self) -> str:
        """For people and for programs."""
        head = f"Made by {MARK} {self.version} from model {self.model[:12]}: {' '.join(self.words)}"
        told = asdict(self) | {"shots": [shot.facts() for shot in self.shots]}
        facts = json.dumps({MARK: told}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{plain(head)}\n{facts}"

    def job(self, trace: Any, font: str | None = None) -> Job:
        """The job that would make the first clip again, from a trace; its scene is to be replaced for the others."""
        options = SceneOptions(**{**self.options, "font": font})
        width, height, fps = self.picture
        return Job(
            self.shots[0].scene, trace, options, Picture(width, height, rate(fps)), self.format, Path()
        )


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
        picture=(picture.width, picture.height, plain_rate(picture.fps)),
        format=job.format,
        beat=job.beat,
        shots=tuple(map(_shot_of, made)),
    )


def _shot_of(made: Made) -> Shot:
    job, entry, code = made
    speech = tuple(said.seconds for said in job.speech)
    return Shot(entry.scene, entry.frames, code[:CODE], entry.view, entry.shown, speech)


def parsed(text: str) -> Provenance:
    """A provenance from its text; ``ValueError`` where it is none."""
    _, _, line = text.partition("\n")
    try:
        facts = json.loads(line)[MARK]
        width, height, fps = facts["picture"]
        picture = Picture(int(width), int(height), rate(fps))
        shots = tuple(map(_shot, facts["shots"]))
        if set(facts) != {f.name for f in fields(Provenance)} or not shots or facts["format"] not in FORMATS:
            raise ValueError("other fields")
        return Provenance(
            version=str(facts["version"]),
            model=str(facts["model"]),
            tokens=tuple(map(int, facts["tokens"])),
            words=tuple(map(str, facts["words"])),
            options=_options(facts["options"]),
            picture=(picture.width, picture.height, plain_rate(picture.fps)),
            format=facts["format"],
            beat=facts["beat"] and str(facts["beat"]),
            shots=shots,
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as err:
        raise ValueError(f"not a provenance: {err}") from err


def _shot(s: dict[str, Any]) -> Shot:
    shown = {str(k): str(v) for k, v in s["shown"].items()}
    speech = tuple(map(float, s.get("speech", ())))
    return Shot(str(s["scene"]), int(s["frames"]), str(s["code"]), str(s["view"]), shown, speech)


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Options that a scene can be played with, or ``ValueError``."""
    options = asdict(SceneOptions(**given))
    whole = [options["layer"], options["head"], 0 if options["token"] is None else options["token"]]
    if (
        options["lang"] not in LANGUAGES
        or options["theme"] not in THEMES
        or options["cut"] not in CUTS
        or not 0.1 <= float(options["pace"]) <= 10
        or not all(isinstance(i, int) and i >= 0 for i in whole)
    ):
        raise ValueError("other options")
    return options


@lru_cache(maxsize=1)
def version() -> str:
    """The version of this program."""
    return metadata.version(MARK)
