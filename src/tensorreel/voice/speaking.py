"""Sentences spoken by an engine, each once: a sound is kept under the digest of its words and of the voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tensorreel.core.errors import InputError
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.digests import digest, file_digest
from tensorreel.film.job.job import Utterance
from tensorreel.voice.engine import Engine, Take
from tensorreel.voice.sound import Sound, read_sound, trimmed, write_wav
from tensorreel.words.spoken import unquoted

VERSION = 1  # of what is done to a sound


class Speaker:
    """An engine, and the folder that keeps what it has said."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self._voice = engine.identity  # one that is not there says so now

    def utterances(self, takes: Sequence[Take]) -> list[Utterance]:
        """Each sentence, spoken now or before."""
        return [self._spoken(take) if take.text else Utterance() for take in takes]

    def _spoken(self, take: Take) -> Utterance:
        words = unquoted(take.text)
        path = self.folder / f"{digest([VERSION, self._voice, take.lang, words])}.wav"
        sound = _kept(path)
        if sound is None:
            sound = trimmed(self.engine.say(words, take.lang))
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as part:
                write_wav(sound, part)
        return Utterance(sound.seconds, path, file_digest(path))


def _kept(path: Path) -> Sound | None:
    """A sound that is there and whole."""
    try:
        return read_sound(path) if path.is_file() else None
    except InputError:
        return None
