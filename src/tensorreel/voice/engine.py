"""What an engine is that speaks sentences, and what a narrator is: whoever has a sound for each of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tensorreel.film.job.job import Utterance
from tensorreel.voice.sound import Sound


class Engine(Protocol):
    """Speaks. A further one is a module with a function such as ``espeak_engine``, and its place in
    ``choosing.ENGINES``.
    """

    @property
    def identity(self) -> str:
        """Voice and version: with the same, a sentence sounds the same."""

    def say(self, text: str, lang: str) -> Sound:
        """A sentence, spoken; ``EnvironmentProblem`` with the engine's last words where it fails."""


class Take(NamedTuple):
    """A sentence to be said: what a recording of it is called, its words (none where nothing is said), its language."""

    name: str
    text: str
    lang: str


class Narrator(Protocol):
    """Has a sound for every sentence."""

    def utterances(self, takes: Sequence[Take]) -> list[Utterance]:
        """The sound of each, in their order; one line of error for what cannot be had."""


class VoiceWarning(UserWarning):
    """A voice that will be hard to understand."""


def doubt(message: str) -> None:
    """Say so, once."""
    warnings.warn(message, VoiceWarning, stacklevel=2)
