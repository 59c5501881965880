"""Reading a model file: told apart by content, limited before anything is inflated, never pickled."""

from __future__ import annotations

import io
import math
import os
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel.core.errors import InputError, file_named
from tensorreel.core.model import Model
from tensorreel.families.choices import OF_ARTICLE, Choices
from tensorreel.models.checking import Loose, build, number_array, plain_array
from tensorreel.models.files import all_of, open_regular, read_text, refusals, text_of
from tensorreel.models.folder import is_folder, read_folder
from tensorreel.models.foreign import (
    HEAD,
    MODEL,
    ZIP,
    refuse_folder,
    refuse_json,
    refuse_shard,
    refuse_torch,
)
from tensorreel.models.settings import CONFIG
from tensorreel.models.stated import STATED, WORDS, Said, beside, read_beside, settled
from tensorreel.models.tensorfile import is_safetensors, read_safetensors
from tensorreel.models.translating import buffers, translated

MAX_BYTES = 1 << 30
MAX_MEMBERS = 100_000
_MAX_AXES = 8
_EMPTY_ZIP = b"PK\x05\x06"
_FLOATS = ("f2", "f4", "f8")


@dataclass(frozen=True)
class Understood:
    """A checked model, and what was understood of its file: how many numbers it holds, what its layers are like,
    whose names it had, the types of its numbers, its tokenizer.
    """

    model: Model
    parameters: int = 0
    choices: Choices = OF_ARTICLE
    project: str = ""
    types: tuple[str, ...] = ()
    tokenizer: str = ""


def read_model(path: Path, max_bytes: int = MAX_BYTES, said: Said | None = None) -> Model:
    """The checked model of a file or a folder; every fault is an ``InputError`` of one line that begins with its name.

    ``said`` is what the user states of it where its tensors do not tell, by the names of ``stated.FACTS``.
    """
    return understood(path, max_bytes, said).model


def understood(path: Path, max_bytes: int = MAX_BYTES, said: Said | None = None) -> Understood:
    """The same, with what was understood."""
    name, options = file_named(path), ("by an option", said or {})
    if is_folder(path):
        loose, settings = read_folder(path, max_bytes)
        return finished(loose, [(f"in {CONFIG}", settings), _beside(path, loose, max_bytes), options], name)
    refuse_folder(path, name)
    with open_regular(path, name, max_bytes) as file:
        head = file.read(HEAD)
        file.seek(0)
        if is_safetensors(head):
            refuse_shard(path, name)
            with refusals(path, name):
                loose = read_safetensors(file, path, name)
        else:
            data = all_of(file, path, name, max_bytes)
            if not data.startswith((ZIP, _EMPTY_ZIP)):
                return finished(_read_toml(text_of(data, name), name), [options], name)
            loose = _read_npz(data, path, name, max_bytes)
    return finished(loose, [_beside(path, loose, max_bytes), options], name)


def _beside(path: Path, loose: Loose, max_bytes: int) -> tuple[str, Said]:
    """Where and what the file beside a model states; E and P get their names."""
    other = beside(path)
    if not os.path.exists(other):
        return "", {}
    name = file_named(other)
    said = read_beside(read_text(other, name, max_bytes), name)
    for ours, theirs in said.pop("names", {}).items():
        if theirs not in loose.tensors or ours in loose.tensors:
            raise InputError(
                f"{name}: names: {theirs[:60]!r} as {ours}, expected a tensor of the model, once"
            )
        loose.tensors[ours] = loose.tensors.pop(theirs)
    return f"in {file_named(other.name, 60)}", {
        (f"vocabulary.{k}" if k in WORDS else k): v for k, v in said.items()
    }


def finished(loose: Loose, more: Sequence[tuple[str, Said]], name: str) -> Understood:
    """What a file is, or what was one, with what is stated beside it, as pairs of where and what."""
    heads = {"n_heads": loose.sizes["n_heads"]} if "n_heads" in loose.sizes else {}
    said = settled([("in the file", loose.facts | heads), *more], name)
    ours = translated(loose.tensors, said, name)
    loose.tensors, loose.architecture, said = ours.tensors, ours.architecture, dict(ours.said)
    if "n_heads" in said:
        loose.sizes["n_heads"] = said["n_heads"]
    loose.facts = {k: v for k, v in said.items() if k not in STATED}
    types = tuple(sorted(loose.types))
    return Understood(build(loose, name), ours.parameters, ours.choices, ours.project, types, loose.tokenizer)


def model_from_toml(text: str, name: str) -> Model:
    """The checked model of a TOML text; ``name`` stands for the file in messages."""
    return finished(_read_toml(text, name), [], name).model


def _read_toml(text: str, name: str) -> Loose:
    refuse_json(text, name)
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise InputError(f"{name}: no TOML, {MODEL} ({reason})") from err
    loose = Loose()
    allowed = ("tokens", "causal", "eps", "origin", "sizes", "vocabulary", "embedding", "layers")
    loose.facts = {k: v for k, v in content.items() if k in ("tokens", "causal", "eps", "origin")}
    loose.sizes = dict(_table(content, "sizes", name))
    loose.facts |= {f"vocabulary.{k}": v for k, v in _table(content, "vocabulary", name).items()}
    loose.unknown = [k for k in content if k not in allowed]
    for key, value in _table(content, "embedding", name).items():
        loose.tensors[key] = number_array(value, f"{name}: {key}")
    layers = content.get("layers", [])
    if not isinstance(layers, list) or not all(isinstance(x, dict) for x in layers):
        raise InputError(f"{name}: layers: a {type(layers).__name__}, expected tables headed [[layers]]")
    for i, layer in enumerate(layers):
        for key, value in layer.items():
            full = f"layers.{i}.{key}"
            loose.tensors[full] = number_array(value, f"{name}: {full}")
    return loose


def _table(content: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    table = content.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{name}: {key}: a {type(table).__name__}, expected a table headed [{key}]")
    return table


def _read_npz(data: bytes, path: Path, name: str, max_bytes: int) -> Loose:
    loose = Loose()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(info.filename.endswith("/data.pkl") for info in members):
                refuse_torch(path, name)
            _check_members(members, name, max_bytes)
            keys = {info.filename.removesuffix(".npy"): info for info in members}
            passed = buffers(keys, name)
            for key, info in keys.items():
                if key in passed:
                    continue
                array = _array(archive.read(info), f"{name}: {key}")
                _sort_in(loose, key, array, f"{name}: {key}")
    except InputError:
        raise
    except Exception as err:  # BadZipFile, zlib.error and whatever else a broken archive provokes
        raise InputError(f"{name}: damaged .npz, expected one that can be unpacked ({err})") from err
    return loose


def _check_members(members: list[zipfile.ZipInfo], name: str, max_bytes: int) -> None:
    """Names and declared sizes, before anything is inflated."""
    if len(members) > MAX_MEMBERS:
        raise InputError(f"{name}: {len(members)} members, expected at most {MAX_MEMBERS}")
    total = sum(info.file_size for info in members)
    if total > max_bytes:
        raise InputError(f"{name}: {total} bytes unpacked, expected at most {max_bytes} (--max-bytes)")
    seen: set[str] = set()
    for info in members:
        if not info.filename.endswith(".npy"):
            raise InputError(f"{name}: member {info.filename!r}, expected arrays (.npy) only")
        if info.filename in seen:
            raise InputError(f"{name}: {info.filename!r} stands twice, expected each tensor once")
        seen.add(info.filename)


def _array(data: bytes, place: str) -> np.ndarray[Any, Any]:
    """One .npy member; its header must account for every byte, and no objects are ever unpickled."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise InputError(f"{place}: .npy version {version}, expected 1.0 or 2.0")
        reader = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}[version[0]]
        shape, fortran, dtype = reader(stream, max_header_size=10_000)
    except InputError:
        raise
    except Exception as err:
        raise InputError(f"{place}: damaged .npy header, expected an array ({err})") from err
    if dtype.hasobject or dtype.kind not in "fiubcSU" or dtype.subdtype:
        raise InputError(f"{place}: dtype {dtype}, expected floats")
    if len(shape) > _MAX_AXES or min(shape, default=0) < 0:
        raise InputError(
            f"{place}: shape {str(shape)[:60]}, expected sizes from 0 of at most {_MAX_AXES} axes"
        )
    count = math.prod(shape)
    if count * dtype.itemsize != len(data) - stream.tell():
        raise InputError(
            f"{place}: {len(data) - stream.tell()} bytes of data, expected {count * dtype.itemsize} "
            f"(shape {shape} of {dtype})"
        )
    flat = np.frombuffer(data, dtype=dtype, offset=stream.tell()) if count else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _sort_in(loose: Loose, key: str, array: np.ndarray[Any, Any], place: str) -> None:
    """An array of an .npz to where it belongs: words and facts, or tensors of floats."""
    if key in WORDS:
        loose.facts[f"vocabulary.{key}"] = plain_array(array, "U", "strings (dtype U)", place)
    elif key == "tokens":
        loose.facts[key] = plain_array(array, "iuU", "integers or strings", place)
    elif key == "causal":
        loose.facts[key] = plain_array(array, "b", "a boolean", place)
    elif key == "eps":
        loose.facts[key] = plain_array(array, "f", "a float", place)
    elif key == "n_heads":
        loose.sizes[key] = plain_array(array, "iu", "an integer", place)
    elif key in STATED or key == "origin":
        loose.facts[key] = plain_array(array, "U", "a word", place)
    elif f"{array.dtype.kind}{array.dtype.itemsize}" not in _FLOATS:
        raise InputError(f"{place}: dtype {array.dtype}, expected float16, float32 or float64")
    else:
        with np.errstate(all="ignore"):
            loose.tensors[key] = array.astype(np.float64)
        loose.types.add(f"F{array.dtype.itemsize * 8}")
