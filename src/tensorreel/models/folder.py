"""A model as ``save_pretrained`` writes it: a folder with settings, weights in one file or in shards, a tokenizer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tensorreel.core.errors import InputError, file_named
from tensorreel.models.checking import Loose
from tensorreel.models.files import open_regular, read_json, refusals
from tensorreel.models.pieces import TOKENIZER, Pieces, described, words_of
from tensorreel.models.settings import CONFIG, read_settings
from tensorreel.models.stated import Said
from tensorreel.models.tensorfile import read_safetensors

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
_TORCH = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def is_folder(path: Path) -> bool:
    """Whether a path is such a folder: it has settings in it."""
    return os.path.isfile(path / CONFIG)


def read_folder(path: Path, max_bytes: int) -> tuple[Loose, Said]:
    """What the weights hold, in the names that they use, and what the settings state."""
    named = {part: file_named(path / part) for part in (CONFIG, INDEX, TOKENIZER)}
    settings = read_settings(read_json(path / CONFIG, named[CONFIG]), named[CONFIG])
    if os.path.isfile(path / INDEX):
        loose = _shards(path, read_json(path / INDEX, named[INDEX]), named[INDEX], max_bytes)
    else:
        _need_weights(path)
        loose = _file(path / WEIGHTS, max_bytes)
    loose.sizes |= settings.sizes
    loose.asks, loose.pieces = True, Pieces(path / TOKENIZER)
    size = settings.sizes.get("vocab_size")
    if os.path.isfile(path / TOKENIZER) and isinstance(size, int) and 0 < size < 10**8:
        content = read_json(path / TOKENIZER, named[TOKENIZER])
        loose.facts["vocabulary.words"] = words_of(content, size, named[TOKENIZER])
        loose.tokenizer = described(content, named[TOKENIZER])
    return loose, settings.facts


def _need_weights(path: Path) -> None:
    """``InputError`` if there is no file of weights that can be read."""
    if os.path.isfile(path / WEIGHTS):
        return
    other = next((name for name in _TORCH if os.path.isfile(path / name)), None)
    also = (
        f" ({other} is a pickle: save_pretrained(…, safe_serialization=True) writes it anew)" if other else ""
    )
    raise InputError(f"{file_named(path)}: no {WEIGHTS} and no {INDEX}, expected one of them{also}")


def _file(path: Path, max_bytes: int, names: frozenset[str] | None = None) -> Loose:
    name = file_named(path)
    with open_regular(path, name, max_bytes) as file, refusals(path, name):
        return read_safetensors(file, path, name, names)


def _shards(path: Path, index: Mapping[str, object], name: str, max_bytes: int) -> Loose:
    """All shards in one; each tensor lies where the index says."""
    places = index.get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(x, str) for x in places.values()):
        raise InputError(f"{name}: weight_map: missing, expected the file of each tensor")
    whole = Loose()
    for shard in sorted(set(places.values())):
        if os.path.basename(shard) != shard or shard in ("", ".", ".."):
            raise InputError(f"{name}: weight_map: {shard[:60]!r}, expected files in the folder")
        part = _file(path / shard, max_bytes, frozenset(places))
        max_bytes -= os.path.getsize(path / shard)
        odd = next((key for key in part.tensors if places.get(key) != shard), None)
        if odd is not None:
            raise InputError(f"{name}: {odd}: in {shard}, expected it where weight_map says")
        whole.tensors |= part.tensors
        whole.types |= part.types
    _need_all(places, whole, name)
    return whole


def _need_all(places: Mapping[str, str], whole: Loose, name: str) -> None:
    missing = [key for key in places if key not in whole.tensors and key not in whole.passed]
    if missing:
        raise InputError(f"{name}: {missing[0]}: not in {places[missing[0]]}, expected it there")
