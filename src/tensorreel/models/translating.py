"""From a checkpoint of another project to our parameters, or the line that says why not.

A checkpoint with something that we have no place for is refused by name, unless it is a bias of nothing but zeros: a
film of it would show other numbers than the model computes. What shows in no tensor is asked for (``stated``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import InputError, and_more
from tensorreel.core.functional import Array
from tensorreel.core.stages import ARTICLE
from tensorreel.families.choices import OF_ARTICLE, Choices, architecture_of
from tensorreel.families.learned import ATTENTION_BIASES, LAST_NORM, LEARNED
from tensorreel.models import stated
from tensorreel.models.foreign import refuse_family
from tensorreel.models.naming import NAMINGS, Naming, unwrapped

_HEADED = frozenset({"W_Q", "W_K", "W_V", "b_Q", "b_K", "b_V"})
_BIAS_OF = {"b_1": "W_1", "b_2": "W_2", "beta_1": "gamma_1", "beta_2": "gamma_2", "beta_f": "gamma_f"}
_OURS = "expected blocks with LayerNorm, learned positions and ReLU or GELU"


@dataclass(frozen=True)
class Translated:
    """Tensors by our names, what was chosen and runs them, all that is known of the model, whose names it had, and how
    many numbers it holds (a tied table once)."""

    tensors: dict[str, Array]
    architecture: Architecture
    said: stated.Said
    parameters: int
    choices: Choices = OF_ARTICLE
    project: str = ""


def project_of(names: Collection[str], place: str) -> tuple[Naming, str] | None:
    """The project whose names these are, and what stands before them; None if it is none that we know.

    ``InputError`` if they are those of a family that is not read, or of several stacks of layers.
    """
    for naming in NAMINGS:
        before = naming.prefixes(names)
        if len(before) > 1:
            raise InputError(
                f"{place}: {len(before)} stacks of layers ({before[0]!r}, {before[1]!r}), expected one "
                f"({naming.project})"
            )
        if before:
            return naming, before[0]
    refuse_family(names, place)
    return None


def buffers(names: Collection[str], place: str) -> set[str]:
    """The names of tensors that carry no number of the model: they are passed over, whatever their dtype is."""
    found = project_of(names, place)
    if found is None:
        return {name for name in names if name.rpartition(".")[2] == "position_ids"}
    return {name for name in names if found[0].drops(name, found[1])}


def translated(tensors: Mapping[str, Array], said: stated.Said, name: str) -> Translated:
    """A checkpoint in our terms; tensors of no known project keep their names, but for what wraps them.

    ``said`` is what is stated of the model. ``InputError`` where the model is one that we cannot represent, where
    something that no tensor tells is not stated, or where the heads cannot be told apart.
    """
    found = project_of(tensors, name)
    if found is None:
        stated.of_the_article(said, name)
        ours = _once(((key, unwrapped(key), array) for key, array in tensors.items()), name)
        return Translated(ours, ARTICLE, said, sum(array.size for array in ours.values()))
    prefix, naming = found[1], found[0].lying({key: array.shape for key, array in tensors.items()}, found[1])
    _refuse(naming, prefix, tensors, name)
    _tied(naming, prefix, tensors, name)
    by_names = f"by the names of {naming.project}"
    said = stated.settled([(by_names, naming.says), ("where it is stated", said)], name)
    stated.ask(said, name)
    ours = renamed(naming, prefix, tensors, said["n_heads"], name)
    _whole(ours, naming, name)
    choices = _chosen(ours, said, name)
    architecture = architecture_of(choices)
    _complete(ours, architecture, naming, prefix, name)
    for array in ours.values():
        array.flags.writeable = False
    held = (a.size for key, a in tensors.items() if naming.of(key, prefix)[0] not in naming.tied)
    return Translated(ours, architecture, said, sum(held), choices, naming.project)


def _chosen(ours: dict[str, Array], said: stated.Said, name: str) -> Choices:
    """What is stated, and whether there are biases in attention; those that are all zero are put away."""
    last = said["final_norm"] == "layer"
    if not last and any(short in ours for short in LAST_NORM):
        raise InputError(f"{name}: final_norm: none, expected layer (it has a norm behind the last layer)")
    biases = [key for key in ours if key.rpartition(".")[2] in ATTENTION_BIASES]
    biased = any(ours[key].any() for key in biases)
    for key in () if biased else biases:
        del ours[key]
    return Choices(said["norm"], said["activation"], biased, last)


def _once(found: Iterable[tuple[str, str, Array]], name: str) -> dict[str, Array]:
    """Arrays by their new names, from old name, new name and array; each new name may come once."""
    out: dict[str, Array] = {}
    origin: dict[str, str] = {}
    for old, new, array in found:
        if new in out:
            raise InputError(f"{name}: {new}: stands twice ({origin[new]!r}, {old!r}), expected it once")
        out[new], origin[new] = array, old
    return out


def _refuse(naming: Naming, prefix: str, tensors: Mapping[str, Array], name: str) -> None:
    """``InputError`` that lists what the model has and we have not, beginning with its first tensor of that."""
    first, reasons = "tensors", dict.fromkeys(filter(None, naming.lacks.split(", ")))
    for key, array in tensors.items():
        reason = naming.beyond.get(naming.of(key, prefix)[0])
        if reason and not (key.endswith("bias") and not array.any()):
            first = f"{key}:" if first == "tensors" else first
            reasons[reason] = None
    if reasons:
        what = f"of a {naming.project} checkpoint, {_OURS}"
        raise InputError(f"{name}: {first} {what} (it has {', '.join(reasons)})")


def _whole(ours: Mapping[str, Array], naming: Naming, name: str) -> None:
    """``InputError`` if E or P goes by another name, or something is left that no stage draws."""
    left = [key for key in ours if LEARNED.get(key.rpartition(".")[2]) is None]
    for short, what in stated.NAMED.items():
        if short not in ours:
            raise InputError(
                f"{name}: {short}: missing, expected {what} by that name (rename them, or in a file of this "
                f'name with {stated.BESIDE} behind it: names = {{ {short} = "{_guess(left, short)}" }})'
            )
    if left:
        raise InputError(
            f"{name}: {left[0]}: unknown tensor, expected E, P and the layers of a {naming.project} (the output "
            "table is E)"
        )


def _complete(ours: Mapping[str, Array], table: Architecture, naming: Naming, prefix: str, name: str) -> None:
    """``InputError`` that names the first tensor that is missing, by our name and by theirs."""
    layers = {int(key.split(".")[1]) for key in ours if key.startswith("layers.")}
    missing = [full for full in table.tensor_names(max(layers) + 1) if full not in ours]
    if missing:
        theirs = naming.theirs(missing[0], prefix)
        raise InputError(f"{name}: {missing[0]}: missing, expected it as {theirs}{and_more(missing)}")


def _tied(naming: Naming, prefix: str, tensors: Mapping[str, Array], name: str) -> None:
    """``InputError`` if an output table is not E once more."""
    tables = {naming.of(key, prefix)[0]: key for key in tensors}
    first = next((key for bare, key in tables.items() if naming.known.get(bare) == ("E",)), None)
    for key in filter(None, map(tables.get, naming.tied)):
        if first is None or not np.array_equal(tensors[key], tensors[first]):
            raise InputError(f"{name}: {key}: an output table of its own, expected the numbers of {first}")


def _guess(left: Collection[str], short: str) -> str:
    """What of a file's other tensors may be E or P."""
    known = [key for key in left if "emb" in key.lower() and ("pos" in key.lower()) == (short == "P")]
    return (known or ["embedding.weight" if short == "E" else "positions.weight"])[0][:60]


def renamed(
    naming: Naming, prefix: str, tensors: Mapping[str, Array], n_heads: Any, name: str
) -> dict[str, Array]:
    """What a checkpoint holds of our parameters, each as it lies with us; names we do not know stay."""
    if isinstance(n_heads, bool) or not isinstance(n_heads, int) or n_heads < 1:
        raise InputError(f"{name}: n_heads: {str(n_heads)[:40]}, expected a whole number from 1")
    found = _once(_pieces(naming, prefix, tensors, n_heads, name), name)
    if not any(key.endswith(".bias") for key in tensors):  # layers without biases, which adds nothing
        for layer in {key.rpartition(".")[0] for key in found if key.startswith("layers.")}:
            _zeros(found, f"{layer}.")
        _zeros(found, "")
    return found


def _pieces(
    naming: Naming, prefix: str, tensors: Mapping[str, Array], n_heads: int, name: str
) -> Iterable[tuple[str, str, Array]]:
    """Old name, our name and array of every parameter."""
    for key, array in tensors.items():
        bare, layer = naming.of(key, prefix)
        if naming.drops(key, prefix) or bare in (*naming.beyond, *naming.tied):
            continue
        ours = naming.known.get(bare)
        if ours is None:
            yield key, key, array
            continue
        turned = naming.turned and array.ndim == 2 and LEARNED[ours[0]].scope == "layer"
        parts = _parts(array.T if turned else array, ours, f"{name}: {key}")
        for short, part in zip(ours, parts, strict=True):
            full = short if layer is None else f"layers.{layer}.{short}"
            yield key, full, _by_head(part, n_heads, f"{name}: {key}") if short in _HEADED else part


def _zeros(found: dict[str, Array], layer: str) -> None:
    """The biases of a layer, or of the last norm, that has none."""
    for bias, like in _BIAS_OF.items():
        array = found.get(f"{layer}{like}")
        if array is not None and array.ndim:
            found.setdefault(f"{layer}{bias}", np.zeros(array.shape[-1]))


def _parts(array: Array, ours: tuple[str, ...], place: str) -> list[Array]:
    """Matrices that stand side by side in one."""
    if len(ours) == 1:
        return [array]
    if array.ndim not in (1, 2) or array.shape[-1] % len(ours):
        raise InputError(f"{place}: shape {array.shape}, expected {len(ours)} matrices side by side")
    return np.split(array, len(ours), axis=-1)


def _by_head(matrix: Array, n_heads: int, place: str) -> Array:
    """(d, h·k) -> (h, d, k); a bias, (h·k), -> (h, k)."""
    if matrix.ndim not in (1, 2) or matrix.shape[-1] % n_heads:
        raise InputError(f"{place}: shape {matrix.shape}, expected columns for n_heads = {n_heads}")
    if matrix.ndim == 1:
        return matrix.reshape(n_heads, -1)
    return np.ascontiguousarray(matrix.reshape(len(matrix), n_heads, -1).swapaxes(0, 1))
