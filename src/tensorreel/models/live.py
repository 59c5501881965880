"""A model that lies in memory, as a PyTorch module or as its state dict: read as a file of it would be, without one.

Nothing of PyTorch is imported; a module is asked for what modules have (``state_dict``, ``named_modules``). What no
tensor tells is read off the layers themselves, each of which has to say the same; the rest is asked for by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tensorreel.core.errors import InputError
from tensorreel.core.functional import Array
from tensorreel.core.model import Model
from tensorreel.models.checking import Loose
from tensorreel.models.reading import finished
from tensorreel.models.settings import FAMILIES, read_settings
from tensorreel.models.stated import FACTS, NAMED, Said, unsaid
from tensorreel.models.translating import buffers, project_of

_LAYER, _STACK = "TransformerEncoderLayer", "TransformerEncoder"
_ARGUMENTS = {"E": "embedding", "P": "positions"}


def model_of(
    module: Any,
    *,
    words: Sequence[str] | None = None,
    tokens: Sequence[int | str] | None = None,
    embedding: Any = None,
    positions: Any = None,
    **said: Any,
) -> Model:
    """The checked model of a module or of a state dict.

    ``embedding`` and ``positions`` are E, (V, d), and P, (n, d): a tensor, a module with a ``weight``, or the name of
    one in the module. ``said`` states what the module does not, by the names of ``stated.FACTS``. ``InputError``
    names what is missing, or what the film cannot draw.
    """
    loose, sources, name = as_file(
        module, words=words, tokens=tokens, embedding=embedding, positions=positions, **said
    )
    return replace(finished(loose, sources, name).model, source="")


def as_file(
    module: Any,
    *,
    words: Sequence[str] | None = None,
    tokens: Sequence[int | str] | None = None,
    embedding: Any = None,
    positions: Any = None,
    **said: Any,
) -> tuple[Loose, list[tuple[str, Said]], str]:
    """A module as a file of it would be, in its own names but for E and P; what is stated of it, as pairs of where and
    what; and its name for messages. ``InputError`` names what is missing."""
    name = type(module).__name__
    given = {key: value for key, value in said.items() if value is not None}
    _known(given, name)
    loose = Loose(tensors=_tensors(module, name))
    for short, source in (("E", embedding), ("P", positions)):
        _put(loose.tensors, short, source, name)
    facts: dict[str, Any] = {} if words is None else {"vocabulary.words": list(words)}
    facts |= {} if tokens is None else {"tokens": list(tokens)}
    sources = [*_layers(module), *_settings(module, name), ("by an argument", given | facts)]
    _ask(loose.tensors, {key for _, told in sources for key in told}, name)
    return loose, sources, name


def _known(given: Said, name: str) -> None:
    known = [fact.name for fact in FACTS]
    for key in given:
        if key not in known:
            raise InputError(f"{name}: {key}: unknown, expected some of {', '.join(known)}")


def _tensors(module: Any, name: str) -> dict[str, Array]:
    """Every tensor of a module or a state dict but its buffers, as float64."""
    state = module if isinstance(module, Mapping) else getattr(module, "state_dict", dict)()
    if not state:
        raise InputError(f"{name}: no tensors, expected a torch.nn.Module or its state dict")
    passed = buffers(state, name)
    return {key: _array(value, f"{name}: {key}") for key, value in state.items() if key not in passed}


def _array(value: Any, place: str) -> Array:
    """A tensor of PyTorch, wherever it lies, or anything that NumPy reads."""
    for step in ("detach", "cpu", "double", "numpy"):
        value = getattr(value, step)() if hasattr(value, step) else value
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise InputError(f"{place}: a {type(value).__name__}, expected a tensor of numbers") from err


def _put(tensors: dict[str, Array], short: str, source: Any, name: str) -> None:
    """E or P, where it is said what it is."""
    if source is None:
        return
    if not isinstance(source, str):
        tensors[short] = _array(getattr(source, "weight", source), f"{name}: {_ARGUMENTS[short]}")
        return
    found = next((key for key in (source, f"{source}.weight") if key in tensors), None)
    if found is None:
        raise InputError(f"{name}: {_ARGUMENTS[short]}: no {source!r}, expected the name of a tensor of it")
    tensors[short] = tensors.pop(found)


def _ask(tensors: Mapping[str, Array], said: Collection[str], name: str) -> None:
    """``InputError`` that names the arguments by which the rest is to be stated; tensors of our own names say all."""
    found = project_of(tensors, name)
    if found is None:
        return
    naming, prefix = found
    there = {ours for key in tensors for ours in naming.known.get(naming.of(key, prefix)[0], ())}
    missing = [f"{_ARGUMENTS[short]}=… ({what})" for short, what in NAMED.items() if short not in there]
    missing += [fact.keyword for fact in unsaid({*said, *naming.says})]
    if missing:
        raise InputError(f"{name}: no tensor tells all of the model, expected {', '.join(missing)}")


def _layers(module: Any) -> Iterator[tuple[str, Said]]:
    """What the layers and the stacks of a module say of themselves: where, and what."""
    modules = module.named_modules() if hasattr(module, "named_modules") else ()
    for where, part in modules:
        kinds = {kind.__name__ for kind in type(part).__mro__}
        if _LAYER in kinds:
            yield f"in {where or _LAYER}", _layer(part)
        elif _STACK in kinds:
            yield f"in {where or _STACK}", _last(part.norm)


def _settings(module: Any, name: str) -> Iterator[tuple[str, Said]]:
    """What the settings of a model of transformers say."""
    config: Any = getattr(module, "config", None)
    if hasattr(config, "to_dict") and getattr(config, "model_type", None) in FAMILIES:
        yield "in its config", read_settings(config.to_dict(), f"{name}.config").facts


def _layer(layer: Any) -> Said:
    return {
        "n_heads": layer.self_attn.num_heads,
        "norm": "pre" if layer.norm_first else "post",
        "activation": _activation(layer.activation),
        "eps": layer.norm1.eps,
    }


def _activation(function: Any) -> str:
    """Its name in files; GELU by tanh is another one."""
    named = str(getattr(function, "__name__", type(function).__name__)).lower()
    approximate = getattr(function, "approximate", "none")
    return named if approximate == "none" else f"{named}_{approximate}"


def _last(norm: Any) -> Said:
    """What the norm behind the last layer says, if there is one."""
    if norm is None:
        return {"final_norm": "none"}
    kind = type(norm).__name__
    return {"final_norm": "layer", "eps": norm.eps} if kind == "LayerNorm" else {"final_norm": kind}
