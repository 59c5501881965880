"""Reading a model file: told apart by content, limited before anything is inflated, never pickled."""

from __future__ import annotations

import io
import math
import os
import stat
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel.errors import InputError, named
from tensorreel.model import Model
from tensorreel.models.checking import Loose, build, number_array, plain_array
from tensorreel.models.tensorfile import is_safetensors, read_safetensors

MAX_BYTES = 1 << 30
MAX_TOML_BYTES = 1 << 24  # a person's file; tomllib reads it in seconds
MAX_MEMBERS = 100_000
_MAX_AXES = 8
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_FLOATS = ("f2", "f4", "f8")
_MODEL = "expected a .toml, .npz or .safetensors model"


def read_model(path: Path, max_bytes: int = MAX_BYTES) -> Model:
    """The checked model of a file; every fault is an ``InputError`` of one line that begins with its name."""
    name = named(path)
    data = _bytes(path, name, max_bytes)
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        return build(_read_npz(data, name, max_bytes), name)
    if is_safetensors(data):
        return build(read_safetensors(data, name), name)
    if len(data) > MAX_TOML_BYTES:
        raise InputError(
            f"{name}: {len(data)} bytes, expected at most {MAX_TOML_BYTES} of TOML (larger: .safetensors)"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise InputError(f"{name}: byte {err.start} is not UTF-8, {_MODEL}") from err
    return model_from_toml(text, name)


def _bytes(path: Path, name: str, max_bytes: int) -> bytes:
    """The whole regular file, read once."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise InputError(f"{name}: not a regular file, {_MODEL}")
            if info.st_size > max_bytes:
                raise InputError(f"{name}: {info.st_size} bytes, expected at most {max_bytes} (--max-bytes)")
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as err:
        raise InputError(f"{name}: {_refusal(err, path)}, {_MODEL}") from err
    if not data:
        raise InputError(f"{name}: empty, {_MODEL}")
    return data


def _refusal(err: OSError | ValueError, path: Path) -> str:
    """Why a file could not be opened, in words that no version of Python changes."""
    if "\0" in str(path):
        return "a NUL in its name"
    return (isinstance(err, OSError) and err.strerror) or str(err)


def model_from_toml(text: str, name: str) -> Model:
    """The checked model of a TOML text; ``name`` stands for the file in messages."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise InputError(f"{name}: no TOML, {_MODEL} ({reason})") from err
    loose = Loose()
    allowed = ("tokens", "causal", "eps", "sizes", "vocabulary", "embedding", "layers")
    loose.facts = {k: v for k, v in content.items() if k in ("tokens", "causal", "eps")}
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
    return build(loose, name)


def _table(content: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    table = content.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{name}: {key}: a {type(table).__name__}, expected a table headed [{key}]")
    return table


def _read_npz(data: bytes, name: str, max_bytes: int) -> Loose:
    loose = Loose()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, name, max_bytes)
            for info in members:
                key = info.filename.removesuffix(".npy")
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
    if key in ("words", "glosses", "readings"):
        loose.facts[f"vocabulary.{key}"] = plain_array(array, "U", "strings (dtype U)", place)
    elif key == "tokens":
        loose.facts[key] = plain_array(array, "iuU", "integers or strings", place)
    elif key == "causal":
        loose.facts[key] = plain_array(array, "b", "a boolean", place)
    elif key == "eps":
        loose.facts[key] = plain_array(array, "f", "a float", place)
    elif f"{array.dtype.kind}{array.dtype.itemsize}" not in _FLOATS:
        raise InputError(f"{place}: dtype {array.dtype}, expected float16, float32 or float64")
    else:
        with np.errstate(all="ignore"):
            loose.tensors[key] = array.astype(np.float64)


def write_npz(model: Model, path: Path) -> None:
    """Write a model as .npz: one float64 array per tensor, and words, tokens, causal and eps beside them."""
    facts: dict[str, Any] = {"words": np.array(model.words), "tokens": np.array(model.tokens)}
    facts |= {k: np.array(getattr(model, k)) for k in ("glosses", "readings") if any(getattr(model, k))}
    facts |= {"causal": np.array(model.config.causal), "eps": np.array(model.config.eps)}
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **facts, **model.params)
