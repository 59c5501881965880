"""The forward pass, and the trace it leaves: every tensor of the formula table by name, layer and head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorreel.core import labels, listing
from tensorreel.core.architecture import HIDDEN
from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.core.formatting import decimals_for, shares_as_printed
from tensorreel.core.functional import Array, RowError, attention_mask
from tensorreel.core.model import Model
from tensorreel.core.table import Scope, Stage, Step

_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named result: read-only float64 values with an axis letter each.

    ``layer`` is None for what the model has once, ``head`` is None unless a single head was asked for; both are
    0-based. ``learned``: it is a parameter. ``symbol`` is Typst math, ``symbol_plain`` its Unicode form. ``whole`` is
    the tensor with all heads that a single head's was taken from. ``shares``: each row adds up to 1, also as printed.
    ``told``: its decimals where it does not decide them itself.
    """

    name: str
    symbol: str
    symbol_plain: str
    dims: tuple[str, ...]
    values: Array = field(repr=False)
    layer: int | None = None
    head: int | None = None
    learned: bool = False
    whole: Tensor | None = field(default=None, repr=False)
    shares: bool = False
    told: int | None = None

    @cached_property
    def decimals(self) -> int:
        """Digits behind the point with which all its cells are printed; all heads of a tensor have the same."""
        if self.told is not None:
            return self.told
        return self.whole.decimals if self.whole else decimals_for(self.values)

    def with_decimals(self, decimals: int) -> Tensor:
        """The same, printed with so many decimals."""
        return self if decimals == self.decimals else replace(self, told=decimals)

    @cached_property
    def _rows_printed(self) -> dict[tuple[int, ...], Array]:
        return {}

    def printed_row(self, *index: int) -> Array:
        """A row (…) of the last axis with the numbers that its digits are made from: its own, or shares that add up."""
        if not self.shares:
            return np.asarray(self.values[index])
        if index not in self._rows_printed:
            self._rows_printed[index] = shares_as_printed(self.values[index], self.decimals)
        return self._rows_printed[index]

    @property
    def printed(self) -> Array:
        """All of it as ``printed_row`` has it."""
        if not self.shares:
            return self.values
        rows = [self.printed_row(*index) for index in np.ndindex(self.shape[:-1])]
        return np.array(rows).reshape(self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return tuple(self.values.shape)

    def of_head(self, head: int) -> Tensor:
        """One head's part of a tensor with an axis h; any other tensor comes back as it is."""
        if "h" not in self.dims:
            return self
        axis = self.dims.index("h")
        dims = self.dims[:axis] + self.dims[axis + 1 :]
        values = np.take(self.values, [head], axis=axis).squeeze(axis)
        return replace(self, dims=dims, values=values, head=head, whole=self).frozen()

    def frozen(self) -> Tensor:
        """Itself, after its values were made read-only."""
        self.values.flags.writeable = False
        return self


@dataclass(frozen=True, eq=False)
class Trace(Mapping[str, Tensor]):
    """Everything that one forward pass computed, seen from a layer and, if chosen, a head.

    ``trace["query"]`` is layer 0's with all heads, (h, T, k); ``trace.at(layer=1)["query"]`` the second
    layer's; ``trace.at(layer=0, head=1)["query"]`` one head's, (T, k), and likewise ``W_Q``. Keys are the
    stages, their intermediates (``attn_dot`` …), ``hidden`` (the layer's input H⁽ˡ⁾) and the parameters.
    """

    model: Model
    tokens: tuple[int, ...]
    results: Mapping[tuple[str, int | None], Tensor] = field(repr=False)
    layer: int = 0
    head: int | None = None

    def at(self, layer: int | None = None, head: int | None = None) -> Trace:
        """The same trace seen from another layer and head (0-based; None: as it is). ``UsageProblem`` if absent."""
        layer, head = (self.layer if layer is None else layer), (self.head if head is None else head)
        config = self.model.config
        for what, index, size in (("layer", layer, config.n_layers), ("head", head, config.n_heads)):
            if index is not None and not 0 <= index < size:
                raise UsageProblem(f"{what} {index + 1}, expected 1 to {size} (the model has {size})")
        return replace(self, layer=layer, head=head)

    def __getitem__(self, name: str) -> Tensor:
        found = self.results[name, self.layer if self._scopes[name] == "layer" else None]
        return found if self.head is None else found.of_head(self.head)

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)

    @property
    def _scopes(self) -> Mapping[str, Scope]:
        return self.model.architecture.scopes

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the sentence, one a token."""
        return tuple(self.model.words[i] for i in self.tokens)

    @property
    def labels(self) -> tuple[str, ...]:
        """What is shown for the words: as ``words``, but such that different ones differ."""
        return tuple(self.model.labels[i] for i in self.tokens)

    @cached_property
    def spaces(self) -> tuple[bool, ...]:
        """Whether a space stands behind each word of the sentence."""
        return labels.spaced(self.words, self.model.carries_spaces)

    @property
    def glosses(self) -> tuple[str, ...]:
        """English translations of the sentence's words; empty where the model has none."""
        return tuple(self.model.glosses[i] for i in self.tokens)

    @property
    def sizes(self) -> dict[str, int]:
        """Size of every axis letter, T and S included."""
        return self.model.config.sizes(len(self.tokens))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor that is seen from this layer and head, by name."""
        return {name: self[name].shape for name in self}

    def to_numpy(self) -> dict[str, Array]:
        """Every tensor of every layer, read-only float64, by full name: ``probs``, ``layers.0.query``."""
        return listing.arrays(self)

    def to_pandas(self, name: str) -> Any:
        """A tensor, as it is seen from this layer and head, as a DataFrame whose rows and columns are named.

        ``EnvironmentProblem`` where pandas is not installed.
        """
        return listing.frame(self, self[name])

    def inputs(self, stage: Stage) -> list[Tensor]:
        """The input tensors of a stage, seen from this layer and head; the token ids are not among them."""
        return [self[name] for name in stage.inputs if name != "tokens"]


def forward(model: Model, tokens: Sequence[int] | None = None) -> Trace:
    """Run the model on token ids (default: its own sentence) and keep every tensor.

    All in float64 with floating-point errors raised (underflow excepted). ``InputError`` says in which stage,
    layer, head and row a number could not be computed, and which tokens are refused.
    """
    ids = model.sentence(tokens=tokens)
    run = _Run(model, ids)
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        run.stages(model.architecture.prologue, None)
        for layer in range(model.config.n_layers):
            run.layer(layer)
        run.stages(model.architecture.epilogue, None)
    return Trace(model, ids, run.results)


class _Run:
    """One forward pass in the making."""

    def __init__(self, model: Model, ids: tuple[int, ...]) -> None:
        self.model, self.ids = model, ids
        self.results: dict[tuple[str, int | None], Tensor] = {}
        self.known: dict[str, Any] = {
            "tokens": np.array(ids, dtype=np.int64),
            "mask": attention_mask(len(ids), model.config.causal),
            "eps": model.config.eps,
        }
        self._parameters("model", None)

    def _parameters(self, scope: str, layer: int | None) -> None:
        for p in self.model.architecture.parameters.values():
            if p.scope == scope:
                values = self.model.param(p.name, layer or 0)
                self.known[p.name] = values
                dims = tuple(p.dims.split())
                tensor = Tensor(p.name, p.symbol, p.symbol_plain, dims, values, layer, learned=True)
                self.results[p.name, layer] = tensor

    def stages(self, stages: Sequence[Stage], layer: int | None) -> None:
        for stage in stages:
            for part in self.model.architecture.on_the_way(stage):
                self._step(part, layer)
            self._step(stage, layer)

    def layer(self, layer: int) -> None:
        source = self.model.architecture.source(HIDDEN, layer)
        assert source is not None
        before = self.known[HIDDEN] = self.known[source.name]
        hidden = Tensor(
            HIDDEN, f"bold(H)^(({layer}))", f"H⁽{str(layer).translate(_UP)}⁾", ("T", "d"), before, layer
        )
        self.results[HIDDEN, layer] = hidden
        self._parameters("layer", layer)
        self.stages(self.model.architecture.layer, layer)

    def _step(self, step: Step, layer: int | None) -> None:
        arguments = [self.known[a] for a in step.arguments]
        try:
            values = np.asarray(step.fn(*arguments), dtype=np.float64)
        except RowError as err:
            raise InputError(self._place(step, layer, err.row) + err.reason) from err
        except FloatingPointError as err:
            with np.errstate(all="ignore"):
                values = np.asarray(step.fn(*arguments), dtype=np.float64)
            self._check(step, layer, values)
            raise InputError(f"{self._place(step, layer, ())}{err}, expected finite numbers") from err
        self._check(step, layer, values)
        self.known[step.name] = values
        symbol, plain = step.symbol, step.symbol_plain
        if layer is not None:
            number = str(layer + 1)
            symbol = symbol.replace("(l+1)", f"({number})")
            plain = plain.replace("ˡ⁺¹", number.translate(_UP))
        tensor = Tensor(
            step.name,
            symbol,
            plain,
            step.out_dims,
            values,
            layer,
            shares=isinstance(step, Stage) and step.shares,
        )
        self.results[step.name, layer] = tensor.frozen()

    def _check(self, step: Step, layer: int | None, values: Array) -> None:
        """Refuse NaN and infinities; −inf is allowed where a mask put it, from who looks (T) to whom (S)."""
        bad: NDArray[np.bool_] = ~np.isfinite(values)
        if "mask" in step.arguments and step.out_dims[-2:] == ("T", "S"):
            bad &= self.known["mask"]
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            reason = f"{values[index]} at {list(index)}, expected a finite number (the values grow too large)"
            raise InputError(self._place(step, layer, index[:-1]) + reason)

    def _place(self, step: Step, layer: int | None, row: tuple[int, ...]) -> str:
        """``attn-weights, layer 1, head 2, row 3 (病): ``, counted from 1 as on the command line."""
        parts = [step.cli_name] + ([] if layer is None else [f"layer {layer + 1}"])
        for letter, i in zip(step.out_dims, row, strict=False):
            if letter == "h":
                parts.append(f"head {i + 1}")
            if letter == "T":
                parts.append(f"row {i + 1} ({self.model.labels[self.ids[i]]})")
        file = f"{self.model.source}: " if self.model.source else ""
        return f"{file}{', '.join(parts)}: "
