"""Reading ``.safetensors``: F64, F32, F16 and BF16 tensors, and words, tokens and switches in its metadata.

The header is read here, so that its size, doubled names and types are judged before a tensor is touched; the library
then checks offsets and shapes against the bytes. Buffers, which carry no number of the model, are passed over before
their types are judged. Metadata holds strings only: ``words``, ``glosses``, ``readings``, ``tokens``, ``origin`` and
what ``stated.FACTS`` names are JSON in them (choices also without quotes), whatever else is there belongs to others
and is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tensorreel.core.errors import InputError
from tensorreel.core.functional import Array
from tensorreel.models.checking import Loose
from tensorreel.models.stated import CHOICES, FACTS, WORDS
from tensorreel.models.translating import buffers

MAX_HEADER = 1 << 24
METADATA = "__metadata__"
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_FILE = "expected a .safetensors model"


def is_safetensors(data: bytes) -> bool:
    """Whether bytes begin as such a file does: a length below 2⁴⁰ and a brace, which no text begins with."""
    return len(data) > 8 and data[5:8] == b"\0\0\0" and data[8:9] == b"{"


def read_safetensors(file: BinaryIO, path: Path, name: str, names: Collection[str] | None = None) -> Loose:
    """What an open file says, in the names that it uses; ``InputError`` if it is damaged.

    One tensor after another is read and widened. ``names`` are those of the whole model, of which this is a shard.
    """
    header, start = _header(file, name)
    metadata = _metadata(header.pop(METADATA, {}), name)
    passed = buffers(header if names is None else names, name)
    kept = [key for key in header if key not in passed]
    for key in kept:
        entry = header[key]
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        if not isinstance(dtype, str) or dtype not in _DTYPES:
            raise InputError(f"{name}: {key}: dtype {str(dtype)[:40]}, expected F64, F32, F16 or BF16")
    loose = Loose(passed=passed, types={str(header[key]["dtype"]) for key in kept})
    loose.sizes = {k: metadata.pop(k) for k in ("n_heads",) if k in metadata}
    loose.facts = {(f"vocabulary.{k}" if k in WORDS else k): v for k, v in metadata.items()}
    _judged(path, name)
    loose.tensors = {key: _tensor(file, start, header[key], f"{name}: {key}") for key in kept}
    return loose


def _header(file: BinaryIO, name: str) -> tuple[dict[str, Any], int]:
    """The header, and where the numbers begin."""
    there = os.fstat(file.fileno()).st_size - 8
    length, most = int.from_bytes(file.read(8), "little"), min(MAX_HEADER, there)
    if length > most:
        raise InputError(f"{name}: header of {length} bytes, expected at most {most}")
    data = file.read(length)

    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise InputError(f"{name}: {twice!r} stands twice, expected each tensor once")
        return found

    try:
        header = json.loads(data.decode(), object_pairs_hook=once)
    except (ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise InputError(f"{name}: damaged header, {_FILE} ({reason})") from err
    if not isinstance(header, dict):
        raise InputError(f"{name}: header is a {type(header).__name__}, {_FILE}")
    return header, 8 + length


def _metadata(found: Any, name: str) -> dict[str, Any]:
    """The facts among the metadata, decoded."""
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise InputError(f"{name}: {METADATA}: not strings by name, {_FILE}")
    facts = {}
    for key in (*WORDS, "tokens", "origin", *(fact.name for fact in FACTS)):
        if key in found:
            facts[key] = (
                found[key].strip('"') if key in (*CHOICES, "origin") else _json(found[key], f"{name}: {key}")
            )
    return facts


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise InputError(f"{place}: {text[:40]!r}, expected JSON in the metadata") from err


def _judged(path: Path, name: str) -> None:
    """``InputError`` where the library finds offsets or shapes that do not fit the file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, ValueError, OverflowError) as err:
        raise InputError(f"{name}: damaged, {_FILE} ({err})") from err


def _tensor(file: BinaryIO, start: int, entry: Mapping[str, Any], place: str) -> Array:
    """One tensor as float64, read-only."""
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    first, last = entry["data_offsets"]
    file.seek(start + first)
    flat = np.fromfile(file, dtype, (last - first) // dtype.itemsize)
    if flat.nbytes != last - first:
        raise InputError(f"{place}: {flat.nbytes} bytes, expected {last - first} (the file is cut)")
    if entry["dtype"] == "BF16":  # the upper half of a float32
        flat = (flat.astype("<u4") << 16).view("<f4")
    wide = np.empty(entry["shape"])
    with np.errstate(all="ignore"):
        wide.reshape(-1)[:] = flat
    wide.flags.writeable = False
    return wide
