"""A person's voice: a folder with a recording for each sentence, ``STAGE.BEAT.wav``, or another format of sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tensorreel.core.errors import InputError, UsageProblem, and_more, file_named
from tensorreel.film.job.digests import file_digest
from tensorreel.film.job.job import Utterance
from tensorreel.voice.engine import Take
from tensorreel.voice.sound import read_sound

ENDINGS = (".wav", ".flac", ".aiff", ".m4a", ".mp3", ".ogg", ".opus")


class Recordings:
    """The recordings of a folder, as they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def utterances(self, takes: Sequence[Take]) -> list[Utterance]:
        """The recording of each sentence; an error names what is missing."""
        said = [take for take in takes if take.text]
        self._one_each(said)
        paths = {take.name: self._path(take.name) for take in said}
        if missing := [name for name, path in paths.items() if path is None]:
            raise InputError(
                f"{file_named(self.folder)}: no {missing[0]}.wav{and_more(missing)}, expected a recording of each sentence "
                "(render --script names them)"
            )
        known = {name: _utterance(path) for name, path in paths.items() if path is not None}
        return [known[take.name] if take.text else Utterance() for take in takes]

    def _path(self, name: str) -> Path | None:
        found = (self.folder / f"{name}{ending}" for ending in ENDINGS)
        return next((path for path in found if path.is_file()), None)

    @staticmethod
    def _one_each(takes: Sequence[Take]) -> None:
        """Refuse several sentences of one name: of other languages, layers or heads."""
        texts = {take.name: take.text for take in takes}
        if other := [take for take in takes if texts[take.name] != take.text]:
            raise UsageProblem(
                f"one recording for several sentences of {other[0].name}, expected one language, layer and head"
            )


def _utterance(path: Path) -> Utterance:
    return Utterance(read_sound(path).seconds, path, file_digest(path))
