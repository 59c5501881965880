"""Models for Python: the built-in one, a file, a folder with one in it, or a module that lies in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorreel.core.errors import InputError, UsageProblem, file_named

if TYPE_CHECKING:
    from tensorreel.core.model import Model


def load(path: str | os.PathLike[str] | None = None, *, sample: str | None = None, **said: Any) -> Model:
    """The model of a file, or of a folder that holds one; without a path a built-in tiny model.

    ``sample`` is the language of its sentence, ``"ja"`` or ``"en"``. ``said`` states what a
    checkpoint leaves open: ``n_heads``, ``norm``, ``final_norm``, ``activation``, ``eps``, ``causal``. ``InputError``
    says in one line what is wrong with the file.
    """
    from tensorreel.models.reading import read_model

    if path is not None and sample is not None:
        raise UsageProblem("a path and a sample, expected one of them")
    if path is not None:
        return read_model(_file(Path(path)), said=said)
    if said:
        raise UsageProblem(f"{next(iter(said))} without a path, expected a model file")
    return _own(sample)


def _own(sample: str | None) -> Model:
    from tensorreel.models import BUILTIN, SAMPLE, tiny_model

    if sample is not None and sample not in BUILTIN:
        raise UsageProblem(f"no sample {sample!r}, expected one of {', '.join(BUILTIN)}")
    return tiny_model(sample or SAMPLE)


def _file(path: Path) -> Path:
    """The one model in a folder, unless its settings make the folder one; a file is itself. The TOML beside a model
    states facts and is none."""
    from tensorreel.models.folder import is_folder
    from tensorreel.models.foreign import ENDINGS

    if not path.is_dir() or is_folder(path):
        return path

    files = sorted(file for file in path.iterdir() if file.suffix in ENDINGS)
    found = [file for file in files if Path(file.stem).suffix not in ENDINGS]
    if len(found) != 1:
        what = f"{len(found)} models" if found else "no model"
        raise InputError(f"{file_named(path)}: {what}, expected one {', '.join(ENDINGS)} in the folder")
    return found[0]


def from_module(
    module: Any,
    *,
    words: Sequence[str] | None = None,
    tokens: Sequence[int | str] | None = None,
    embedding: Any = None,
    positions: Any = None,
    n_heads: int | None = None,
    norm: str | None = None,
    final_norm: str | None = None,
    activation: str | None = None,
    eps: float | None = None,
    causal: bool | None = None,
) -> Model:
    """The model of a live ``torch.nn`` module, or of a state dict, without a file between.

    ``words`` are the vocabulary, a word for each row of E; ``tokens`` its sentence, as ids or words. ``embedding`` and
    ``positions`` are E, (V, d), and P, (n, d): tensors, modules with a ``weight``, or names in the module. What the
    layers say of themselves (heads, norm, activation, ε) is taken from them; a state dict needs it said.
    ``InputError`` names all that is missing, and what the film cannot draw.
    """
    from tensorreel.models.live import model_of

    return model_of(
        module,
        words=words,
        tokens=tokens,
        embedding=embedding,
        positions=positions,
        n_heads=n_heads,
        norm=norm,
        final_norm=final_norm,
        activation=activation,
        eps=eps,
        causal=causal,
    )
