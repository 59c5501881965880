"""Models written as files: TOML for people (one row a line, numbers aligned on their points), .npz, safetensors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from tensorreel.core.functional import Array
from tensorreel.core.model import ORIGINS, Model
from tensorreel.core.parameters import PARAMETERS
from tensorreel.core.table import SHAPE_LETTERS

_HEAD = """\
# A tensorreel model: change a number, then render a stage to see it.
#
# Sentence: {sentence}
# Shapes: h heads, d = d_model, d_k = d / h, f = d_ff. Rows of E are words, rows of P are positions.
"""


def to_toml(model: Model, comment: str = "") -> str:
    """The model's file; ``comment`` (lines without #) is put on top. Reading it gives the same model."""
    lines = [
        _note(comment) + _HEAD.format(sentence=_printable(" ".join(model.labels[i] for i in model.tokens)))
    ]
    lines += [f"tokens = [{', '.join(map(str, model.tokens))}]   # 0-based ids of the default sentence"]
    lines += [f"causal = {str(model.config.causal).lower()}   # true: no token looks at a later one"]
    lines += [f"eps = {model.config.eps!r}   # inside the root of LayerNorm"]
    if model.origin:
        lines.append(f'origin = "{model.origin}"   # of the weights: {", ".join(ORIGINS)}; the film says it')
    lines += ["", "[sizes]"]
    for name in ("vocab_size", "n_ctx", "d_model", "n_heads", "d_ff", "n_layers"):
        lines.append(f"{name} = {getattr(model.config, name)}")
    lines += ["", "[vocabulary]", _strings("words", model.words)]
    for name in ("glosses", "readings"):
        if any(getattr(model, name)):
            lines.append(_strings(name, getattr(model, name)))
    lines += ["", "[embedding]", _matrix("E", model.param("E"), model.labels)]
    lines.append(_matrix("P", model.param("P"), [f"position {i}" for i in range(model.config.n_ctx)]))
    for layer in range(model.config.n_layers):
        lines += ["", f"[[layers]]   # layer {layer + 1}"]
        for p in PARAMETERS.values():
            if p.scope == "layer":
                lines.append(f"# {p.title.english} ({_shape(p.dims)})")
                lines.append(_matrix(p.name, model.param(p.name, layer)))
    return "\n".join(lines) + "\n"


def _shape(dims: str) -> str:
    """``h d k`` as the file's header names the sizes: ``h, d, d_k``."""
    return ", ".join(SHAPE_LETTERS[letter] for letter in dims.split())


def _note(comment: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines()) + ("#\n" if comment else "")


def _string(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _strings(name: str, items: Sequence[str]) -> str:
    return f"{name} = [{', '.join(map(_string, items))}]"


def _number(x: float) -> str:
    """The shortest digits that give exactly this float64 back, always with a point or an exponent."""
    return repr(float(x))


def _rows(matrix: Array, indent: str, notes: Sequence[str] = ()) -> list[str]:
    """One line a row, columns aligned on the points."""
    cells = [[_number(x) for x in row] for row in matrix]
    before = max(len(c.partition(".")[0]) for row in cells for c in row)
    after = max(len(c.partition(".")[2]) for row in cells for c in row)
    lines = []
    for i, row in enumerate(cells):
        parts = []
        for c in row:
            whole, point, rest = c.partition(".")
            parts.append(f"{whole:>{before}}{point}{rest:<{after + (not point)}}")
        note = f"   # {i} {_printable(notes[i])}" if notes else ""
        lines.append(f"{indent}[{', '.join(parts)}],{note}")
    return lines


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


def _matrix(name: str, array: Array, notes: Sequence[str] = ()) -> str:
    if array.ndim == 1:
        return f"{name} = [{', '.join(map(_number, array))}]"
    if array.ndim == 2:
        return "\n".join([f"{name} = [", *_rows(array, "  ", notes), "]"])
    lines = [f"{name} = ["]
    for head, matrix in enumerate(array, start=1):
        lines += [f"  [  # head {head}", *_rows(matrix, "    "), "  ],"]
    return "\n".join([*lines, "]"])


def write_npz(model: Model, path: Path) -> None:
    """Write a model as .npz: one float64 array per tensor, and words, tokens, causal and eps beside them."""
    facts: dict[str, Any] = {"words": np.array(model.words), "tokens": np.array(model.tokens)}
    facts |= {k: np.array(getattr(model, k)) for k in ("glosses", "readings") if any(getattr(model, k))}
    facts |= {"causal": np.array(model.config.causal), "eps": np.array(model.config.eps)}
    facts |= {"origin": np.array(model.origin)} if model.origin else {}
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **facts, **model.params)


def write_safetensors(model: Model, path: Path) -> None:
    """Write a model as float64 tensors, the rest of it as JSON in the metadata."""
    facts = {"words": model.words, "tokens": model.tokens, "causal": model.config.causal}
    facts |= {k: getattr(model, k) for k in ("glosses", "readings") if any(getattr(model, k))}
    facts |= {"eps": model.config.eps} | ({"origin": model.origin} if model.origin else {})
    path.write_bytes(save(dict(model.params), {key: json.dumps(value) for key, value in facts.items()}))
