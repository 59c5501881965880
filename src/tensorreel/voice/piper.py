"""piper-tts: a neural voice that runs without a network, from a file that the user has (``VOICE.onnx`` and its JSON)."""

from __future__ import annotations

from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel.core.errors import EnvironmentProblem, InputError, file_named
from tensorreel.film.job.digests import file_digest
from tensorreel.voice.engine import Engine, doubt
from tensorreel.voice.espeak import voice_of
from tensorreel.voice.sound import Sound

ENDING = ".onnx"


class Piper:
    """A voice of piper, from its file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def voice(self) -> Any:
        """It, loaded."""
        try:
            from piper import PiperVoice
        except ImportError as err:
            raise EnvironmentProblem("piper-tts is not installed, expected tensorreel[voice]") from err
        if not self.path.is_file():
            raise InputError(f"{file_named(self.path)}: not there, expected a voice of piper")
        try:
            return PiperVoice.load(str(self.path))
        except Exception as err:  # whatever its runtime says of a file that is none
            raise InputError(f"{file_named(self.path)}: {err}, expected a voice of piper") from err

    @cached_property
    def identity(self) -> str:
        """Its version, and the voice's file."""
        assert self.voice
        return f"piper-tts {metadata.version('piper-tts')} {file_digest(self.path)}"

    def say(self, text: str, lang: str) -> Sound:
        """A sentence; the voice has one language, whatever the film's is."""
        own = str(self.voice.config.espeak_voice)
        if own.split("-")[0] != voice_of(lang).split("-")[0]:
            doubt(f"{file_named(self.path)} speaks {own}, expected a voice that speaks {lang}")
        try:
            chunks = list(self.voice.synthesize(text))
        except Exception as err:
            raise EnvironmentProblem(f"piper-tts: {err}, expected it to speak") from err
        parts = [np.asarray(chunk.audio_int16_array, np.int16).reshape(-1) for chunk in chunks]
        return Sound(np.concatenate([np.zeros(0, np.int16), *parts]), int(self.voice.config.sample_rate))


def piper_engine(narration: str) -> Engine | None:
    """The engine, if a voice of it is asked for."""
    return Piper(Path(narration)) if narration.lower().endswith(ENDING) else None
