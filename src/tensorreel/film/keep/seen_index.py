"""What was seen of each scene before: the memory by which an unchanged clip is known without playing it.

One small file a scene holds entries: the ground and sentence at the time, the tensors that the scene read with
their signatures, and the key of the clip. It only saves time; whatever is lost or damaged is found out again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from tensorreel.core.errors import TensorreelError
from tensorreel.film.job.atomic import publish_text
from tensorreel.film.job.digests import digest, sealed, unsealed
from tensorreel.film.job.locks import lock_path, locked
from tensorreel.film.keep.fingerprint import Fingerprint
from tensorreel.film.make.recording import Reader, look_of

KEPT = 300  # entries a scene
_WAIT = 5.0


@dataclass(frozen=True)
class SeenEntry:
    """One state of a scene: what it stood on, what it read, and the key of the clip that shows it."""

    parts: Fingerprint
    sentence: Fingerprint
    reads: Fingerprint
    key: str

    def holds(self, parts: Fingerprint, sentence: Fingerprint, reader: Reader) -> bool:
        """Whether everything it stood on is still so."""
        return self.parts == parts and self.sentence == sentence and not self.changed(reader)

    def changed(self, reader: Reader) -> list[str]:
        """Names of the tensors it read that are different now."""
        return sorted({s.split("/")[0] for s, was in self.reads.items() if reader(look_of(s)) != was})


def key_of(parts: Fingerprint, view: str) -> str:
    """A clip's key: the digest of its ground and of what it shows."""
    return digest([parts, view])


class Views:
    """The memory in ``folder``; ``work`` takes files in the making. ``warn`` is told, once a file, when one is
    damaged."""

    def __init__(self, folder: Path, work: Path, warn: Callable[[str], None]) -> None:
        self.folder, self._work, self._warn = folder, work, warn
        self._read: dict[str, list[SeenEntry]] = {}

    def of(self, scene: str) -> list[SeenEntry]:
        """All entries of a scene, the newest last."""
        if scene not in self._read:
            self._read[scene] = self._load(scene)
        return self._read[scene]

    def _path(self, scene: str) -> Path:
        return self.folder / f"{scene}.json"

    def _load(self, scene: str) -> list[SeenEntry]:
        """The entries of a file; those that another version wrote in other words are none."""
        path, names = self._path(scene), {field.name for field in fields(SeenEntry)}
        try:
            found = json.loads(unsealed(path.read_bytes()))
            return [SeenEntry(**entry) for entry in found if set(entry) == names]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError):
            self._warn(f"{path}: damaged, expected what was seen of {scene}; it is found out again")
            return []

    def find(self, scene: str, parts: Fingerprint, sentence: Fingerprint, reader: Reader) -> SeenEntry | None:
        """The entry that holds now."""
        for view in reversed(self.of(scene)):
            if view.holds(parts, sentence, reader):
                return view
        return None

    def knows(self, scene: str, parts: Fingerprint) -> bool:
        """Whether a clip on this ground was ever made; if not, no key can be among the kept ones."""
        return any(view.parts == parts for view in self.of(scene))

    def add(self, scene: str, view: SeenEntry) -> None:
        """Remember one more state. Another run's entries are read again first; a full disk is no error here."""
        entries = [view]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(lock_path(self._path(scene)), _WAIT):
                known = [v for v in self._load(scene) if v != view]
                entries = [*known[-KEPT + 1 :], view]
                publish_text(sealed(json.dumps([vars(v) for v in entries])), self._path(scene), self._work)
        except (OSError, TensorreelError) as err:
            self._warn(f"{self._path(scene)}: {err}; not remembered")
        self._read[scene] = entries

    def why(self, scene: str, parts: Fingerprint, sentence: Fingerprint, reader: Reader) -> str:
        """What has changed since the most alike state: ``theme``, ``W_O, attn_output`` or ``never rendered``."""
        best: list[str] | None = None
        for view in reversed(self.of(scene)):
            found = _different(view.parts, parts) + _different(view.sentence, sentence) + view.changed(reader)
            if best is None or len(found) < len(best):
                best = found
        return "never rendered" if best is None else f"changed: {_listed(best)}"


def _different(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    return [name for name in new if old.get(name) != new[name]]


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
