"""From what a file says to a model: shapes, sizes, words and tokens, each fault named in one line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import InputError, and_more
from tensorreel.core.functional import Array
from tensorreel.core.model import EPS, ORIGINS, Model, ModelConfig
from tensorreel.core.stages import ARTICLE

_SIZES = ("vocab_size", "n_ctx", "d_model", "n_heads", "d_ff", "n_layers")
# Where each size is read from when the file does not state it: tensor and axis.
_FROM = {
    "vocab_size": ("E", 0),
    "d_model": ("E", 1),
    "n_ctx": ("P", 0),
    "n_heads": ("layers.0.W_Q", 0),
    "d_ff": ("layers.0.W_1", 1),
}
_LETTER = {"V": "vocab_size", "n": "n_ctx", "d": "d_model", "h": "n_heads", "f": "d_ff"}
_FACTS = (
    "tokens",
    "causal",
    "eps",
    "origin",
    "vocabulary.words",
    "vocabulary.glosses",
    "vocabulary.readings",
)
MAX_WORD = 1000
MAX_LAYERS = 1000
MAX_UNASKED = 32  # tokens of a sentence that nobody has chosen


@dataclass
class Loose:
    """A file's content before it is checked: tensors by full name, other facts by key.

    ``types`` are those of the numbers as they are kept, ``passed`` the names of buffers, ``project`` is whose names
    the tensors had, ``tokenizer`` says what its tokenizer is. ``pieces`` cuts a text; a model that ``asks`` has no
    sentence unless one is stated.
    """

    tensors: dict[str, Array] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    architecture: Architecture = ARTICLE
    types: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    project: str = ""
    tokenizer: str = ""
    pieces: Callable[[str], tuple[int, ...]] | None = None
    asks: bool = False


def number_array(value: Any, place: str) -> Array:
    """Nested lists of numbers as an array; ragged rows, booleans, strings are refused with their index."""
    shape: list[int] = []
    level = value
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
        if len(shape) > 3:
            raise InputError(f"{place}: nested {len(shape)} lists deep, expected at most 3")
    if not shape:
        raise InputError(f"{place}: a {type(value).__name__}, expected a list of numbers")
    flat: list[float] = []
    _flatten(value, shape, (), flat, place)
    return np.array(flat, dtype=np.float64).reshape(shape)


def _flatten(value: Any, shape: Sequence[int], index: tuple[int, ...], flat: list[float], place: str) -> None:
    where = f" at {list(index)}" if index else ""
    if not shape:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{place}: a {type(value).__name__}{where}, expected a number")
        try:
            flat.append(float(value))
        except OverflowError as err:
            raise InputError(f"{place}: an integer too large{where}, expected a number") from err
        return
    if not isinstance(value, list):
        raise InputError(f"{place}: a {type(value).__name__}{where}, expected a list of {shape[0]}")
    if len(value) != shape[0]:
        raise InputError(f"{place}: {len(value)} entries{where}, expected {shape[0]} (as in the first row)")
    for i, item in enumerate(value):
        _flatten(item, shape[1:], (*index, i), flat, place)


def plain_array(array: np.ndarray[Any, Any], kinds: str, wanted: str, place: str) -> Any:
    """An array of words, ids or one fact as plain Python; another dtype is refused."""
    if array.dtype.kind not in kinds:
        raise InputError(f"{place}: dtype {array.dtype}, expected {wanted}")
    if array.dtype.kind == "U" and array.dtype.itemsize:
        points = np.ascontiguousarray(array).reshape(-1).view(f"{array.dtype.byteorder}u4")
        if points.size and points.max() > sys.maxunicode:  # such a string breaks Python itself
            raise InputError(f"{place}: character {points.max():#x}, expected at most {sys.maxunicode:#x}")
    return array.tolist()


def build(loose: Loose, name: str) -> Model:
    """The model that a file describes, or the ``InputError`` that says what is wrong with it."""
    _unknown([*loose.unknown, *(k for k in loose.facts if k not in _FACTS)], _FACTS, name)
    _unknown([k for k in loose.sizes if k not in _SIZES], _SIZES, name)
    _check_names(loose, name)
    config, sources = _config(loose, name)
    for full, array in loose.tensors.items():
        _check_tensor(loose.architecture, full, array, config, sources, name)
    words = _words(loose.facts.get("vocabulary.words"), config, name)
    glosses, readings = (
        _strings(loose.facts.get(f"vocabulary.{k}"), k, config, name) for k in ("glosses", "readings")
    )
    origin = _origin(loose.facts.get("origin", ""), name)
    model = Model(config, words, (), loose.tensors, glosses, readings, name, loose.architecture, origin)
    tokens = _tokens(loose.facts.get("tokens"), model, loose.asks, name)
    return replace(model, tokens=tokens, pieces=loose.pieces)


def _unknown(found: Sequence[str], known: Sequence[str], name: str) -> None:
    for key in found:
        near = difflib.get_close_matches(key, known, n=1)
        asked = f" (did you mean {near[0]}?)" if near else ""
        raise InputError(f"{name}: {key}: unknown, expected one of {', '.join(known[:7])}{asked}")


def _check_names(loose: Loose, name: str) -> None:
    """Every tensor is known, and none is missing."""
    found = [k.split(".")[1] for k in loose.tensors if k.startswith("layers.") and k.count(".") == 2]
    numbers = {int(n) for n in found if n.isascii() and n.isdigit() and len(n) < 5}
    n_layers = max(numbers, default=0) + 1
    if n_layers > MAX_LAYERS:
        raise InputError(f"{name}: layer {n_layers - 1}, expected at most {MAX_LAYERS} layers")
    known = loose.architecture.tensor_names(n_layers)
    missing = [k for k in known if k not in loose.tensors]
    expected = set(known)
    for key in loose.tensors:
        if key not in expected:
            near = difflib.get_close_matches(key, missing or known[:40], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise InputError(f"{name}: {key}: unknown tensor, expected names such as E, layers.0.W_Q{hint}")
    if missing:
        raise InputError(f"{name}: {missing[0]}: missing, expected {len(known)} tensors{and_more(missing)}")


def _config(loose: Loose, name: str) -> tuple[ModelConfig, dict[str, str]]:
    """The sizes, stated or read from tensors, and where each came from."""
    sizes: dict[str, int] = {}
    sources: dict[str, str] = {}
    for key, (tensor, axis) in _FROM.items():
        if key in loose.sizes:
            sizes[key], sources[key] = _whole(loose.sizes[key], key, name), "sizes"
            continue
        array = loose.tensors[tensor]
        wanted = len(loose.architecture.parameters[tensor.rpartition(".")[2]].dims.split())
        if array.ndim != wanted:
            raise InputError(f"{name}: {tensor}: shape {array.shape}, expected {wanted} axes")
        sizes[key], sources[key] = array.shape[axis], f"{tensor} {array.shape}"
    n_layers = sum(full.endswith(".W_Q") for full in loose.tensors)
    stated = _whole(loose.sizes.get("n_layers", n_layers), "n_layers", name)
    if stated != n_layers:
        raise InputError(f"{name}: n_layers: {stated}, expected {n_layers} (the file has {n_layers} layers)")
    for key, size in sizes.items():
        if size < 1:
            raise InputError(f"{name}: {key}: {size}, expected at least 1 (from {sources[key]})")
    if sizes["d_model"] % sizes["n_heads"]:
        d, h = sizes["d_model"], sizes["n_heads"]
        raise InputError(
            f"{name}: d_model: {d} is not divisible by n_heads, expected a multiple of {h} "
            f"(from {sources['n_heads']})"
        )
    facts: dict[str, Any] = {**sizes, **_switches(loose, name)}
    return ModelConfig(n_layers=n_layers, **facts), sources


def _whole(value: Any, key: str, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
        raise InputError(f"{name}: {key}: {str(value)[:40]}, expected a whole number from 1")
    return value


def _switches(loose: Loose, name: str) -> dict[str, Any]:
    causal, eps = loose.facts.get("causal", False), loose.facts.get("eps", EPS)
    if not isinstance(causal, bool):
        raise InputError(f"{name}: causal: {str(causal)[:40]!r}, expected true or false")
    if isinstance(eps, bool) or not isinstance(eps, int | float) or not 0 <= eps <= 1e6:
        raise InputError(f"{name}: eps: {str(eps)[:40]!r}, expected a number from 0")
    return {"causal": causal, "eps": float(eps)}


def _origin(value: Any, name: str) -> str:
    if value not in ("", *ORIGINS):
        raise InputError(f"{name}: origin: {str(value)[:40]!r}, expected one of {', '.join(ORIGINS)}")
    return str(value)


def _check_tensor(
    table: Architecture,
    full: str,
    array: Array,
    config: ModelConfig,
    sources: dict[str, str],
    name: str,
) -> None:
    parameter = table.parameters[full.rpartition(".")[2]]
    wanted = parameter.shape(config.sizes())
    if array.shape != wanted:
        why = _why(parameter.dims.split(), array.shape, wanted, config, sources)
        raise InputError(f"{name}: {full}: shape {array.shape}, expected {wanted} ({why})")
    bad = ~np.isfinite(array)
    if bad.any():
        first = [int(i) for i in np.argwhere(bad)[0]]
        count = int(bad.sum())
        values = "value" if count == 1 else "values"
        raise InputError(f"{name}: {full}: {count} non-finite {values}, first at {first}, expected numbers")


def _why(
    letters: Sequence[str],
    found: tuple[int, ...],
    wanted: tuple[int, ...],
    config: ModelConfig,
    sources: dict[str, str],
) -> str:
    """Where the first size that differs was taken from: ``d_model = 4 from E (8, 4)``."""
    axis = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), 0)
    if letters[axis] == "k":
        return f"d_k = d_model / n_heads = {config.d_model} / {config.n_heads}"
    size = _LETTER[letters[axis]]
    return f"{size} = {getattr(config, size)} from {sources[size]}"


def _words(value: Any, config: ModelConfig, name: str) -> tuple[str, ...]:
    if value is None:
        return tuple(f"w{i}" for i in range(config.vocab_size))
    return _strings(value, "words", config, name)


def _kinds(value: Any) -> str:
    """What a value is, for messages: ``a float``, ``a list with a float``."""
    if not isinstance(value, list):
        return f"a {type(value).__name__}"
    odd = next((type(x).__name__ for x in value if not isinstance(x, str | int)), None)
    return f"a list with a {odd or 'int'}"


def _strings(value: Any, key: str, config: ModelConfig, name: str) -> tuple[str, ...]:
    """One string per word, without NUL or lone surrogates."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise InputError(f"{name}: {key}: {_kinds(value)}, expected a list of strings")
    if len(value) != config.vocab_size:
        raise InputError(
            f"{name}: {key}: {len(value)}, expected {config.vocab_size} (a word for each row of E)"
        )
    for i, text in enumerate(value):
        for place, char in enumerate(text, start=1):
            if char == "\0" or "\ud800" <= char <= "\udfff":
                raise InputError(f"{name}: {key}: {char!r} in number {i} at character {place}, expected text")
        if len(text) > MAX_WORD:
            raise InputError(
                f"{name}: {key}: number {i} has {len(text)} characters, expected at most {MAX_WORD}"
            )
    return tuple(value)


def _tokens(value: Any, model: Model, asks: bool, name: str) -> tuple[int, ...]:
    """The default sentence, given as ids or words; without one, the first words of a small vocabulary, or none."""
    if value is None:
        length = min(model.config.vocab_size, model.config.n_ctx)
        return () if asks or length > MAX_UNASKED else tuple(range(length))
    if not isinstance(value, list) or not all(isinstance(x, int | str) for x in value):
        raise InputError(f"{name}: tokens: {_kinds(value)}, expected a list of ids or words")
    try:
        if any(isinstance(x, bool) for x in value):
            raise InputError("tokens: a boolean, expected ids or words")
        return model.check_tokens([x if isinstance(x, int) else model.id_of(x) for x in value])
    except InputError as err:
        raise InputError(f"{name}: {err}") from err
