"""Finished clips by key, each believed only while its bytes have the digest that was written down for it.

``clips/KEY.json`` says what a clip is, ``media/DIGEST.mp4`` holds it, ``films/KEY.json`` the digest of a joined film,
``views/`` what scenes showed, ``beats/KEY.json`` their beats, ``speech/`` what a voice has said, ``work/`` one folder
for each run that is going on. Every file is put in place by ``publishing``, so a run that dies leaves nothing
half-written behind. Times decide nothing here but the order in which ``prune`` lets go.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tensorreel.core.errors import TensorreelError
from tensorreel.film.job.atomic import move, publish_text, remove
from tensorreel.film.job.digests import file_digest, sealed, unsealed
from tensorreel.film.job.job import Cue
from tensorreel.film.job.locks import locked
from tensorreel.film.job.picture import Rate, plain_rate, rate
from tensorreel.film.keep.seen_index import Views
from tensorreel.words.text import text_from

FORMAT = 4
CACHE_VARIABLE = "TENSORREEL_CACHE_DIR"
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """A kept clip: its key, the digest and size of its file, what ``Clip`` says of it, and what it shows: the
    digest of all of it, and digests of the printed digits by tensor (``record``)."""

    key: str
    digest: str
    size: int
    suffix: str
    scene: str
    frames: int
    fps: Rate
    beats: tuple[Cue, ...]
    view: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Cache:
    """A folder of finished clips. Make one with ``opened``."""

    def __init__(self, folder: Path, work: Path, warn: Warn) -> None:
        self.folder, self.work, self.warn = folder, work, warn
        self.views = Views(folder / "views", work, warn)

    def path(self, entry: Entry) -> Path:
        """Where the clip's bytes are."""
        return self.folder / "media" / f"{entry.digest}{entry.suffix}"

    def _record(self, kind: str, key: str) -> Path:
        return self.folder / kind / f"{key}.json"

    def get(self, key: str) -> Entry | None:
        """The clip of a key, its bytes just checked; None if there is none that is whole (and a warning)."""
        record = self._record("clips", key)
        try:
            entry = _entry(unsealed(record.read_bytes()))
            media = self.path(entry)
            if entry.key != key:
                raise ValueError("another clip's record")
            if media.stat().st_size != entry.size or file_digest(media) != entry.digest:
                remove(media)
                raise ValueError("its clip is not the one that was kept")
        except FileNotFoundError:
            if os.path.lexists(record):
                remove(record)
            return None
        except (OSError, ValueError, TypeError, KeyError) as err:
            self.warn(f"{record}: {err}; the clip is made again")
            remove(record)
            return None
        with suppress(OSError):
            os.utime(record)
        return entry

    def put(self, entry: Entry, made: Path) -> Entry:
        """Keep a clip that was made in ``work``; returns its entry with size and digest filled in."""
        entry = replace(entry, digest=file_digest(made), size=made.stat().st_size, suffix=made.suffix)
        media = self.path(entry)
        if media.is_dir():
            remove(media)
        move(made, media)
        record = self._record("clips", entry.key)
        if record.is_dir():
            remove(record)
        publish_text(sealed(json.dumps(_plain(entry))), record, self.work)
        with suppress(OSError):
            os.utime(record)
        return entry

    def film(self, key: str) -> tuple[str, int] | None:
        """Digest and frame count of the film that was joined under ``key``, if one was."""
        try:
            found = json.loads(unsealed(self._record("films", key).read_bytes()))
            return (str(found["digest"]), int(found["frames"])) if found["key"] == key else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep_film(self, key: str, digest: str, frames: int) -> None:
        """Remember a joined film; only its digest is kept."""
        with suppress(TensorreelError):
            publish_text(
                sealed(json.dumps({"key": key, "digest": digest, "frames": frames})),
                self._record("films", key),
                self.work,
            )

    def beats(self, key: str) -> tuple[Cue, ...] | None:
        """The beats of the clip of a key, whether it is kept or not."""
        try:
            return tuple(map(_cue, json.loads(unsealed(self._record("beats", key).read_bytes()))))
        except (OSError, ValueError, TypeError):
            return None

    def keep_beats(self, key: str, beats: Sequence[Cue]) -> None:
        """Remember the beats of a clip."""
        with suppress(TensorreelError):
            facts = sealed(json.dumps([_cue_facts(cue) for cue in beats]))
            publish_text(facts, self._record("beats", key), self.work)

    # ---- housekeeping -----------------------------------------------------------------------------
    def entries(self) -> list[tuple[Entry, float]]:
        """All readable records with the time of their last use, the longest unused first."""
        found = []
        for record in (self.folder / "clips").glob("*.json"):
            with suppress(OSError, ValueError, TypeError, KeyError):
                found.append((_entry(unsealed(record.read_bytes())), record.stat().st_mtime))
        return sorted(found, key=lambda pair: pair[1])

    def prune(self, most: int) -> tuple[int, int]:
        """Let go of the longest unused clips until at most ``most`` bytes are left; (clips, bytes) removed."""
        entries = self.entries()
        total, clips, freed = sum(entry.size for entry, _ in entries), 0, 0
        for entry, _ in entries:
            if total - freed <= most:
                break
            remove(self._record("clips", entry.key))
            clips, freed = clips + 1, freed + entry.size
        held = {self.path(entry).name for entry, _ in self.entries()}
        for media in (self.folder / "media").glob("*"):
            if media.name not in held:
                remove(media)
        for kind in ("beats", "speech"):  # quickly there again
            remove(self.folder / kind)
        return clips, freed


def _plain(entry: Entry) -> dict[str, Any]:
    """A record as JSON can hold it; captions are kept as messages, so that any language can be said later."""
    beats = [_cue_facts(cue) for cue in entry.beats]
    return vars(entry) | {"fps": plain_rate(entry.fps), "beats": beats, "shown": dict(entry.shown)}


def _cue_facts(cue: Cue) -> list[Any]:
    return [*cue._replace(caption=cue.caption.plain())]  # type: ignore[arg-type]


def _cue(facts: Any) -> Cue:
    name, start, end, caption, loop, why = facts
    return Cue(str(name), float(start), float(end), text_from(caption), bool(loop), bool(why))


def _entry(text: str) -> Entry:
    """A record read back; ``ValueError`` when it is of another kind."""
    facts: dict[str, Any] = json.loads(text)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError("written by another version")
    facts["fps"] = rate(facts["fps"])
    facts["beats"] = tuple(map(_cue, facts["beats"]))
    return Entry(**facts)


def default_folder() -> Path:
    """The folder that ``CACHE_VARIABLE`` names, or the user's cache folder for tensorreel."""
    import platformdirs

    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("tensorreel"))


def busy(folder: Path) -> bool:
    """Whether a run uses the cache now."""
    for lock in (folder / "work").glob("*.lock"):
        with locked(lock) as dead:
            if not dead:
                return True
    return False


@contextmanager
def opened(folder: Path | None, warn: Warn) -> Iterator[Cache]:
    """The cache in ``folder``, with a work folder for this run. None, or a folder that cannot be written, means
    one in the work folder itself, which is gone afterwards.

    Temporary files of this process and of its workers go to the work folder too, so that nothing of a killed
    run stays longer than until the next one.
    """
    with ExitStack() as stack:
        work = None
        if folder is not None:
            folder = folder.absolute()
            try:
                work = stack.enter_context(_workplace(folder))
            except (OSError, TensorreelError) as err:
                reason = getattr(err, "strerror", None) or err
                warn(f"{folder}: {reason}, expected a folder to keep clips in; rendering without")
        if folder is None or work is None:
            work = stack.enter_context(_workplace(_elsewhere()))
            folder = work / "cache"
        before, tempfile.tempdir = tempfile.tempdir, str(work)
        try:
            yield Cache(folder, work, warn)
        finally:
            tempfile.tempdir = before


def _elsewhere() -> Path:
    """A folder for runs without a cache: this user's own below the system's temporary one, which on Windows
    belongs to the user as it is."""
    user = os.getuid() if hasattr(os, "getuid") else None
    mine = Path(tempfile.gettempdir(), "tensorreel" if user is None else f"tensorreel-{user}")
    with suppress(OSError):
        mine.mkdir(mode=0o700, exist_ok=True)
        if not mine.is_symlink() and user in (None, mine.stat().st_uid):
            return mine
    return Path(tempfile.mkdtemp(prefix="tensorreel-"))


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A fresh folder under ``work/`` whose lock says that its run is alive; those of dead runs are removed."""
    base = folder / "work"
    base.mkdir(parents=True, exist_ok=True)
    for other in {path.with_suffix("") for path in base.iterdir()}:
        with locked(other.with_suffix(".lock")) as dead:
            if dead:
                remove(other)
    for lock in (folder / "views").glob(".*.lock"):
        with locked(lock):
            pass  # one that a dead run left is gone after this
    mine = base / secrets.token_hex(8)
    with locked(mine.with_suffix(".lock")) as held:
        if not held:
            raise OSError("locks do not work here")
        mine.mkdir()
        try:
            yield mine
        finally:
            remove(mine)
