"""What can be changed about a model, each a value with a text: ``without norm``, ``without head:2``, ``causal``,
``set layers.0.W_Q[0,2,1]=0.8``.

``varied`` makes the changes. Whatever a model has not, or a text that is none of these, is a ``UsageProblem`` of one
line that says what there is.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import UsageProblem
from tensorreel.core.formatting import MINUS
from tensorreel.core.functional import Array
from tensorreel.core.model import Model
from tensorreel.core.stages import attn_output
from tensorreel.core.table import SHAPE_LETTERS, Stage
from tensorreel.core.variation import CAUSAL, SET, WITHOUT, Place, Variation
from tensorreel.variations.parts import PARTS, lacking, parts_of
from tensorreel.words.text import Text

HEAD = "head"
_CELL = re.compile(r"([\w.]+)\[([\d\s,]+)\]\s*=\s*(\S+)", re.ASCII)
_HEAD = re.compile(rf"{HEAD}:([1-9]\d{{0,5}})", re.ASCII)


class Change(Protocol):
    """One change: its canonical text, and the model after it."""

    @property
    def text(self) -> str:
        """As it is asked for."""

    def of(self, model: Model) -> Model:
        """The model with the change made and noted."""


@dataclass(frozen=True)
class WithoutPart:
    """A part of the architecture left out, by its name in ``PARTS``."""

    part: str

    @property
    def text(self) -> str:
        """``without norm``."""
        return f"{WITHOUT} {self.part}"

    def of(self, model: Model) -> Model:
        """The model with the architecture that lacks the part."""
        _known(self.part, model)
        table = lacking(self.part, model.architecture)
        before = {stage.name: stage.fn for stage in model.architecture.stages}
        changed = [stage for stage in table.stages if stage.fn is not before[stage.name]]
        noted = Variation(self.text, PARTS[self.part], _everywhere(changed, model))
        return replace(model, architecture=table, variations=(*model.variations, noted))


@dataclass(frozen=True)
class WithoutHead:
    """A head that adds nothing: its rows of W_O are zeros. ``head`` is counted from 1, as on the command line."""

    head: int

    @property
    def text(self) -> str:
        """``without head:2``."""
        return f"{WITHOUT} {HEAD}:{self.head}"

    def of(self, model: Model) -> Model:
        """The model with these rows at zero in every layer."""
        _known(f"{HEAD}:{self.head}", model)
        stage, width = _blending(model.architecture), model.config.d_k
        assert stage is not None
        (name,) = (i for i in stage.inputs if i in model.architecture.parameters)
        rows = slice((self.head - 1) * width, self.head * width)
        params = {
            full: _zeroed(array, rows) if full.endswith(f".{name}") else array
            for full, array in model.params.items()
        }
        said = Text("without head {n}", "variation").filled(n=str(self.head))
        noted = Variation(self.text, said, _everywhere([stage], model))
        return replace(model, params=params, variations=(*model.variations, noted))


@dataclass(frozen=True)
class SetCell:
    """One entry of a parameter: its full name, its place from 0, and what stands there."""

    name: str
    index: tuple[int, ...]
    value: float

    @property
    def cell(self) -> str:
        """``layers.0.W_Q[0,2,1]``."""
        return f"{self.name}[{','.join(map(str, self.index))}]"

    @property
    def text(self) -> str:
        """``set layers.0.W_Q[0,2,1]=0.8``."""
        return f"{SET} {self.cell}={_plain(self.value)}"

    def of(self, model: Model) -> Model:
        """The model with this entry."""
        self._check(model)
        array = model.params[self.name].copy()
        array[self.index] = self.value
        layer, _, short = self.name.removeprefix("layers.").rpartition(".")
        at = frozenset({(short, int(layer) if layer else None)})
        noted = Variation(self.text, self._told(layer), at, (self._told(""), self._own))
        return replace(
            model, params={**model.params, self.name: array}, variations=(*model.variations, noted)
        )

    def _told(self, layer: str) -> Text:
        """``W_Q[0,2,1] → 0.8 (layer 1)``, the layer counted from 1 as everywhere in the film."""
        cell = Text("{cell} → {value}", "variation").filled(
            cell=self._own, value=_plain(self.value).replace("-", MINUS)
        )
        inside = Text("{cell} (layer {n})", "variation")
        return inside.filled(cell=cell, n=str(int(layer) + 1)) if layer else cell

    @property
    def _own(self) -> str:
        """``W_Q[0,2,1]``."""
        return self.cell.rpartition(".")[2]

    def _check(self, model: Model) -> None:
        """``UsageProblem`` unless the model has such a parameter with such an entry."""
        if self.name not in model.params:
            names = {name.lower(): name for name in model.params}
            near = difflib.get_close_matches(self.name.lower(), names, n=1)
            asked = f" (did you mean {names[near[0]]}?)" if near else ""
            raise UsageProblem(
                f"--set {self.cell}: no such tensor, expected one of {_some([*names.values()])}{asked}"
            )
        shape = model.params[self.name].shape
        letters = model.architecture.parameters[self.name.rpartition(".")[2]].dims.split()
        if len(self.index) != len(shape):
            axes = ", ".join(SHAPE_LETTERS[letter] for letter in letters)
            raise UsageProblem(
                f"--set {self.cell}: {len(self.index)} indices, expected {len(shape)} ({axes}), from 0"
            )
        for letter, i, size in zip(letters, self.index, shape, strict=True):
            if i >= size:
                raise UsageProblem(
                    f"--set {self.cell}: index {i}, expected 0 to {size - 1} ({SHAPE_LETTERS[letter]} = {size})"
                )


@dataclass(frozen=True)
class Masked:
    """No token looks at a later one."""

    @property
    def text(self) -> str:
        """``causal``."""
        return CAUSAL

    def of(self, model: Model) -> Model:
        """The model with a causal mask; one that has it stays as it is."""
        if model.config.causal:
            return model
        looking = [stage for stage in model.architecture.stages if "mask" in stage.arguments]
        noted = Variation(self.text, Text("with a causal mask", "variation"), _everywhere(looking, model))
        config = replace(model.config, causal=True)
        return replace(model, config=config, variations=(*model.variations, noted))


def change(text: str) -> Change:
    """The change that a text asks for; which model has it, ``Change.of`` says."""
    kind, _, what = text.strip().partition(" ")
    if kind == WITHOUT and what:
        head = _HEAD.fullmatch(what.strip())
        return WithoutHead(int(head[1])) if head else WithoutPart(what.strip())
    if kind == SET and what:
        return _cell(what.strip())
    if text.strip() == CAUSAL:
        return Masked()
    raise UsageProblem(f"{text!r}, expected {WITHOUT} PART, {SET} CELL=VALUE or {CAUSAL}")


def varied(model: Model, asked: Iterable[str]) -> Model:
    """The model with all of these changes made, one after another; the same twice is made once."""
    for made in dict.fromkeys(map(change, asked)):
        model = made.of(model)
    return model


def possible(model: Model) -> list[str]:
    """All that a model can be run without, as it is asked for."""
    heads = range(1, model.config.n_heads + 1) if _blending(model.architecture) else ()
    return [*parts_of(model.architecture), *(f"{HEAD}:{n}" for n in heads)]


def _cell(text: str) -> SetCell:
    found = _CELL.fullmatch(text)
    indices = [part.strip() for part in found[2].split(",")] if found else []
    if not found or not all(part.isdigit() and len(part) < 10 for part in indices):
        raise UsageProblem(f"--set {text}, expected CELL=VALUE such as layers.0.W_Q[0,2,1]=0.8")
    return SetCell(found[1], tuple(map(int, indices)), _number(found[3], text))


def _number(said: str, text: str) -> float:
    try:
        value = float(said.replace(MINUS, "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageProblem(f"--set {text}: {said[:40]}, expected a finite number")
    return value + 0.0


def _plain(value: float) -> str:
    return repr(value).removesuffix(".0")


def _known(what: str, model: Model) -> None:
    """``UsageProblem`` that lists what the model can be run without, unless this is among it."""
    if what not in (known := possible(model)):
        parts = [name for name in known if not name.startswith(HEAD)]
        heads = [f"{HEAD}:1 … {known[-1]}"] if known[len(parts) + 2 :] else known[len(parts) :]
        raise UsageProblem(f"--without {what}, expected one of {', '.join([*parts, *heads])}")


def _blending(table: Architecture) -> Stage | None:
    """The stage in which the heads' columns meet their rows of a parameter."""
    return next((stage for stage in table.stages if stage.fn is attn_output), None)


def _everywhere(stages: Sequence[Stage], model: Model) -> frozenset[Place]:
    """Stages in every layer that they run in."""
    layers = range(model.config.n_layers)
    return frozenset((s.name, k) for s in stages for k in (layers if s.scope == "layer" else (None,)))


def _zeroed(array: Array, rows: slice) -> Array:
    out = array.copy()
    out[rows] = 0.0
    return out


def _some(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
