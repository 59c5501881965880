"""espeak-ng, a program that runs nearly everywhere: small, quick, in every language of the film, and a machine to hear."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.voice.engine import Engine, doubt
from tensorreel.voice.sound import Sound, read_sound

NAME, PROGRAM = "espeak", "espeak-ng"
_VOICES = {"en": "en-us", "zh-Hans": "cmn"}  # where a voice is not called as the language is
_SECONDS = 60.0  # for a sentence; it needs a tenth of one
_UNREAD = {"ja": "kanji"}  # which it spells out as letters


def voice_of(lang: str) -> str:
    """What espeak calls its voice for a language; piper's voices say theirs in the same words."""
    return _VOICES.get(lang, lang)


class Espeak:
    """``espeak-ng`` as it is installed."""

    @cached_property
    def program(self) -> str:
        """Where it is; ``EnvironmentProblem`` where it is not."""
        found = shutil.which(PROGRAM)
        if found is None:
            raise EnvironmentProblem(f"{PROGRAM} is not installed, expected it (apt install {PROGRAM})")
        return found

    @cached_property
    def identity(self) -> str:
        """Its version."""
        told = _told([self.program, "--version"], b"")  # eSpeak NG text-to-speech: 1.51  Data at: …
        return f"{PROGRAM} {told.partition(': ')[2].split('  ')[0]}"

    def say(self, text: str, lang: str) -> Sound:
        """A sentence in the voice that it has for the language."""
        if lang in _UNREAD:
            doubt(f"{PROGRAM} cannot read {_UNREAD[lang]}, expected another voice, or recordings")
        with tempfile.TemporaryDirectory(prefix="tensorreel-") as folder:
            path = Path(folder, "said.wav")
            order = [self.program, "-v", voice_of(lang), "-b", "1", "--stdin", "-w", str(path)]
            _told(order, text.replace("[[", "[ [").encode())  # [[ would begin phonemes
            return read_sound(path)


def _told(order: list[str], said: bytes) -> str:
    """Its answer to an order."""
    try:
        done = subprocess.run(order, input=said, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as err:
        raise EnvironmentProblem(f"{PROGRAM}: {err}, expected it to speak") from err
    if done.returncode:
        words = done.stderr.decode(errors="replace").split("\n")
        last = next((line for line in reversed(words) if line.strip()), f"exit code {done.returncode}")
        raise EnvironmentProblem(f"{PROGRAM}: {last.strip()}, expected it to speak")
    return done.stdout.decode(errors="replace").strip()


def espeak_engine(narration: str) -> Engine | None:
    """The engine, if it is asked for."""
    return Espeak() if narration == NAME else None
