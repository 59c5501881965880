"""How a file comes to stand under its name: whole, or not at all.

The new file is written beside its target under a temporary name, synced to the disk, looked at, and put in place by
``os.replace``, after which the folder is synced. At any instant the target is the file before or the new one. A
target that holds the same bytes already is left alone, so that those who go by its time (Make, rsync) see no change
where there is none. A temporary file that a killed process left behind is removed by the next one that holds the
lock.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tensorreel.core.errors import EnvironmentProblem, UsageProblem, file_named

# Every step that touches the disk goes through here, so that tests can stop or fail each one.
OPERATIONS: dict[str, Callable[..., object]] = {
    "mkdir": lambda path: path.mkdir(parents=True, exist_ok=True),
    "write": lambda file, data: file.write(data),
    "copy": lambda source, target: shutil.copyfile(source, target),
    "sync": os.fsync,
    "replace": os.replace,
    "remove": lambda path: path.unlink(missing_ok=True),
}
_FULL = {errno.ENOSPC: "disk full", errno.EDQUOT: "quota reached", errno.EROFS: "read-only file system"}

_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*([.:].*)?", re.IGNORECASE | re.DOTALL
)


def _do(name: str, *args: object) -> None:
    OPERATIONS[name](*args)


def part_path(target: Path, pid: int) -> Path:
    """Where a process writes before ``target`` is replaced."""
    return target.with_name(f".{target.stem}.{pid}.part{target.suffix}")


@contextmanager
def replacing(target: Path, inside: Path | None = None) -> Iterator[Path]:
    """A temporary path that takes the place of ``target`` at the end, synced; removed on any error.

    It lies beside the target, or ``inside`` another folder of the same file system. It is absolute: a colon in
    a relative path means a protocol to some who write.
    """
    part = part_path((inside or target.parent).absolute() / target.name, os.getpid())
    with said(target):
        _do("mkdir", target.parent)
        try:
            yield part
            _put(part, target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _put(made: Path, target: Path) -> None:
    """Give a finished file its name. An equal one that has it keeps it, and is on the disk likewise."""
    if _same(made, target):
        sync(target)
    else:
        sync(made)
        _do("replace", made, target)
    sync(target.parent)


def _same(made: Path, target: Path) -> bool:
    """Whether ``target`` is a file with the bytes of ``made``; what cannot be read is not."""
    with suppress(OSError):
        if target.is_file() and target.stat().st_size == made.stat().st_size:
            with made.open("rb") as new, target.open("rb") as old:
                return all(a == b for a, b in zip(_blocks(new), _blocks(old), strict=True))
    return False


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(1 << 20), b"")


@contextmanager
def said(target: Path) -> Iterator[None]:
    """An ``OSError`` becomes one line about ``target``."""
    try:
        yield
    except OSError as err:
        raise EnvironmentProblem(
            f"{file_named(target)}: {reason_of(err)}, expected to write it (the old file is as it was)"
        ) from err


def reason_of(err: OSError) -> str:
    """What the system says is wrong, in plain words."""
    return _FULL.get(err.errno or 0) or err.strerror or str(err)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk. Windows syncs what may be written, and has no way to sync a
    folder: there the name is the file system's business."""
    windows = os.name == "nt"
    if windows and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        _do("sync", handle)
    finally:
        os.close(handle)


def publish_text(text: str, target: Path, inside: Path | None = None) -> None:
    """Write a small text file."""
    with replacing(target, inside) as part, part.open("w", encoding="utf-8") as file:
        _do("write", file, text)


def write_part(data: bytes, path: Path) -> None:
    """Write a file that is not yet under its name."""
    with path.open("wb") as file:
        _do("write", file, data)


def copy(source: Path, path: Path) -> None:
    """Copy to a file that is not yet under its name."""
    _do("copy", source, path)


def publish_bytes(data: bytes, target: Path) -> None:
    """Write a file from its bytes."""
    with replacing(target) as part, part.open("wb") as file:
        _do("write", file, data)


def move(made: Path, target: Path) -> None:
    """Put a finished file of the same file system in place."""
    with said(target):
        _do("mkdir", target.parent)
        _put(made, target)
        made.unlink(missing_ok=True)


def no_device(path: Path) -> None:
    """Refuse what Windows takes for a device, whatever its ending, in any part of a path: ``aux.mp4``, ``Con``."""
    if os.name == "nt" and any(_DEVICE.fullmatch(part) for part in path.parts):
        raise UsageProblem(f"{file_named(path)}: a device of Windows, expected another name")


def spare(targets: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse to write over a file that is read: the model, the font."""
    read = [path for path in inputs if os.path.exists(path)]
    for target in targets:
        if os.path.exists(target) and any(os.path.samefile(target, path) for path in read):
            raise UsageProblem(f"{file_named(target)}: also an input, expected another file")


def need_folder(target: Path) -> None:
    """``EnvironmentProblem`` where the folder of a file that somebody named is not there."""
    if not target.parent.is_dir():
        raise EnvironmentProblem(f"{target}: no folder {target.parent}, expected one that exists")


def sweep(target: Path) -> None:
    """Remove what killed runs left beside ``target``. Only for the holder of its lock."""
    mine = re.compile(rf"\.{re.escape(target.stem)}\.\d+\.part{re.escape(target.suffix)}")
    for left in target.parent.glob(".*.part*"):
        if mine.fullmatch(left.name):  # ``a.b.mp4`` is not of ``a.mp4``
            with suppress(OSError):
                _do("remove", left)


def remove(path: Path) -> None:
    """Remove a file or a folder that may be gone already; problems are left to whoever comes next."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _do("remove", path)
