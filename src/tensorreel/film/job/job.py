"""One clip: what is to be made, and what was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import TensorreelError
from tensorreel.film.job.picture import Picture, Rate
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.look.theme import THEMES
from tensorreel.words.text import Text

Progress = Callable[[int], None]


class Utterance(NamedTuple):
    """What is said in a beat: how many seconds it takes, and the file of its sound with that file's digest; a beat
    without words has no file."""

    seconds: float = 0.0
    sound: Path | None = None
    digest: str = ""


@dataclass(frozen=True)
class Job:
    """One scene to be drawn into ``target``. ``trace`` is the engine's; it is all that a scene knows.

    ``format`` is one of ``FORMATS`` by its ending. ``beat`` names the beat whose end a single picture shows; None
    leaves the choice to the scene. ``colours`` is the size of a palette, ``subtitles`` the languages that were
    asked for (``subtitles_of``), ``moments`` those of a training that a reel's clip shows, ``old`` the trace of the model
    before in a film of differences. In a film that is one take
    ``after`` names the scene before, whose closing picture goes over into this one's, and ``onward`` leaves this one's
    standing for the scene behind it. ``speech`` is what is said in each beat, in their order, if anything is: the
    beats wait for it.
    """

    scene: str
    trace: Any
    options: SceneOptions
    picture: Picture
    format: str
    target: Path
    beat: str | None = None
    colours: int = 128
    subtitles: tuple[str, ...] = ()
    moments: tuple[Any, ...] = ()
    old: Any = None
    after: str = ""
    onward: bool = False
    speech: tuple[Utterance, ...] = ()

    @property
    def architecture(self) -> Architecture:
        """The table that its model runs."""
        table: Architecture = self.trace.model.architecture
        return table

    @property
    def ground(self) -> str | None:
        """The colour behind everything, ``#RRGGBB``; None where the theme leaves it open."""
        theme = THEMES[self.options.theme]
        return None if theme.clear else theme.background


class Cue(NamedTuple):
    """One beat of a clip: its name, its times in seconds from the clip's start, its caption for any language.

    ``loop`` is the storyboard's: a slide of this beat goes round. ``why``: it asks what a part is good for.
    """

    name: str
    start: float
    end: float
    caption: Text
    loop: bool = False
    why: bool = False


@dataclass(frozen=True)
class Clip:
    """A finished file: how many frames it shows, and its beats."""

    scene: str
    path: Path
    frames: int
    fps: Rate
    beats: tuple[Cue, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return float(self.frames / self.fps)


class ClipError(TensorreelError):
    """A clip came out other than it was meant to."""
