"""An architecture: a formula table as a value, with its parameters and what follows from its wiring."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from tensorreel.core.errors import UsageProblem
from tensorreel.core.parameters import Parameter
from tensorreel.core.table import Intermediate, Part, Scope, Stage, Step, declared
from tensorreel.words.languages import LANGUAGES

HIDDEN = "hidden"  # what a layer receives: the last stage before the layers, then each layer's own last stage

_GIVEN = {"tokens": "t", HIDDEN: "H"}  # plain symbols of what no declaration stands for


@dataclass(frozen=True, eq=False)
class Architecture:
    """Stages in order, what they compute on their way, and the learned tensors.

    The stages of scope ``layer`` stand together: those before them are the ``prologue``, those behind them the
    ``epilogue``; both run once.
    """

    name: str
    stages: tuple[Stage, ...]
    intermediates: Mapping[str, Intermediate]
    parameters: Mapping[str, Parameter]

    @staticmethod
    def of(
        name: str,
        stages: Sequence[Callable[..., Any]],
        intermediates: Sequence[Callable[..., Any]],
        parameters: Mapping[str, Parameter],
    ) -> Architecture:
        """From functions that are declared by ``@stage`` and ``@intermediate``, in the order of the table.

        A name that stands twice, an input that nobody gives, or layer stages apart raise ``ValueError``.
        """
        lines = tuple(
            replace(step, number=n)
            for n, step in enumerate(map(declared, stages), start=1)
            if isinstance(step, Stage)
        )
        ways = {i.name: i for i in map(declared, intermediates) if isinstance(i, Intermediate)}
        made = Architecture(name, lines, MappingProxyType(ways), MappingProxyType(dict(parameters)))
        made._check()
        return made

    def _check(self) -> None:
        names = [*(s.name for s in self.stages), *self.intermediates, *self.parameters]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice:
            raise ValueError(f"{twice} is declared twice")
        if len(self.prologue) + len(self.layer) + len(self.epilogue) != len(self.stages) or not self.layer:
            raise ValueError(f"{self.name}: the stages of a layer do not stand together")
        known = {*self.parameters, "tokens", HIDDEN}
        for stage in self.stages:
            for step in (*self.on_the_way(stage), stage):
                missing = [i for i in step.inputs if i not in known]
                if missing:
                    raise ValueError(f"{step.name}: no {missing[0]} before it")
                known.add(step.name)

    def __reduce__(self) -> tuple[Callable[..., Architecture], tuple[Any, ...]]:
        """For other processes: the functions by their names."""
        ways = [i.fn for i in self.intermediates.values()]
        return Architecture.of, (self.name, [s.fn for s in self.stages], ways, dict(self.parameters))

    # ---- finding ----------------------------------------------------------------------------------
    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Every stage and every intermediate by name."""
        return {s.name: s for s in self.stages} | dict(self.intermediates)

    @cached_property
    def scopes(self) -> Mapping[str, Scope]:
        """The scope of everything that stands in a trace, by name."""
        once_a_layer: dict[str, Scope] = dict.fromkeys((*self.intermediates, HIDDEN), "layer")
        named = {s.name: s.scope for s in self.stages} | once_a_layer
        return named | {p.name: p.scope for p in self.parameters.values()}

    def named(self, name: str) -> Step | Parameter:
        """The declaration of a stage, an intermediate or a parameter; ``KeyError`` for anything else."""
        return self.steps.get(name) or self.parameters[name]

    def symbol_of(self, name: str) -> str:
        """The plain symbol of whatever a stage takes in or gives."""
        return _GIVEN.get(name) or self.named(name).symbol_plain

    def shapes(self, stage: Stage, sizes: Mapping[str, int]) -> str:
        """``S 2×5×5 → A 2×5×5``: the inputs and the output of a stage, with the sizes of a model and a sentence."""
        inputs = zip(map(self.symbol_of, stage.inputs), stage.in_dims, strict=True)
        before = ", ".join(f"{symbol} {_sized(dims, sizes)}" for symbol, dims in inputs)
        return f"{before} → {stage.symbol_plain} {_sized(stage.out_dims, sizes)}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that is declared: with equal digests the film has the same words, formulas and wiring."""
        declared: list[Step | Parameter] = [*self.steps.values(), *self.parameters.values()]
        facts = [_facts(x) for x in declared]
        return hashlib.sha256(json.dumps([self.name, facts]).encode()).hexdigest()

    def digest_at(self, scene: str) -> str:
        """SHA-256 of what a scene can say of it: a stage's own declaration, and of the others what the map shows and
        who takes what in; everything where the scene draws no stage."""
        stage = self.get(scene)
        if stage is None:
            return self.digest
        own = [_facts(step) for step in (*self.on_the_way(stage), stage)]
        others = [
            [s.name, s.symbol, s.dims.split("->")[1], s.scope, s.part, repr(s.title)] for s in self.stages
        ]
        ways = [[a.name, b.name] for a, b in self.bypasses]
        users = {name: [user.name for user in self.users(name)] for name in stage.inputs}
        facts = [self.name, own, others, ways, users, [_facts(p) for p in self.parameters.values()]]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def computes_alike(self, other: Architecture, name: str) -> bool:
        """Whether a stage is one function here and there, and so is what it computes on its way."""
        mine, theirs = self.get(name), other.get(name)
        if mine is None or theirs is None:
            return False
        return self._functions(mine) == other._functions(theirs)

    def _functions(self, stage: Stage) -> list[Callable[..., Any]]:
        return [step.fn for step in (*self.on_the_way(stage), stage)]

    def get(self, name: str) -> Stage | None:
        """The stage of this name, or None."""
        return next((s for s in self.stages if s.name == name), None)

    def find(self, key: str | int) -> Stage:
        """A stage by its name, its command-line name or its number; otherwise ``UsageProblem`` with a suggestion."""
        wanted = str(key).strip()
        for candidate in self.stages:
            if wanted.lower().replace("-", "_") == candidate.name or wanted == str(candidate.number):
                return candidate
        hint = " or ".join(self._near(wanted))
        asked = f" (did you mean {hint}?)" if hint else ""
        raise UsageProblem(
            f"no stage {wanted!r}, expected a name or a number from 1 to {len(self.stages)}{asked}"
        )

    def _near(self, wanted: str) -> list[str]:
        """Up to three command-line names: near misses, else stages that have the word in title or formula."""
        names = [s.cli_name for s in self.stages]
        low = wanted.lower().replace("_", "-")
        close = difflib.get_close_matches(low, names, n=1, cutoff=0.6)
        if close or len(low) < 2:
            return close
        words = low.replace("-", " ")
        return [
            s.cli_name
            for s in self.stages
            if words in " ".join((s.cli_name, *map(s.title.of, LANGUAGES), s.formula_plain)).lower()
        ][:3]

    # ---- what follows from scope and inputs ---------------------------------------------------------
    @cached_property
    def prologue(self) -> tuple[Stage, ...]:
        """The stages before the layers."""
        return tuple(takewhile(lambda s: s.scope == "model", self.stages))

    @cached_property
    def layer(self) -> tuple[Stage, ...]:
        """The stages that run once in every layer."""
        return tuple(takewhile(lambda s: s.scope == "layer", self.stages[len(self.prologue) :]))

    @cached_property
    def epilogue(self) -> tuple[Stage, ...]:
        """The stages behind the layers."""
        rest = self.stages[len(self.prologue) + len(self.layer) :]
        return tuple(takewhile(lambda s: s.scope == "model", rest))

    def on_the_way(self, stage: Stage) -> tuple[Intermediate, ...]:
        """What a stage computes on its way."""
        return tuple(i for i in self.intermediates.values() if i.of == stage.name)

    def source(self, name: str, layer: int = 0) -> Stage | None:
        """The stage that gives an input: ``hidden`` comes from before the layers, or from the layer before."""
        if name == HIDDEN:
            return self.layer[-1] if layer else self.prologue[-1]
        step = self.steps.get(name)
        return self.get(step.of if isinstance(step, Intermediate) else name)

    def run_order(self, n_layers: int) -> Iterator[tuple[Stage, int | None]]:
        """Every stage of every layer as a model runs them, with the layer; None for what it has once."""
        yield from ((s, None) for s in self.prologue)
        yield from ((s, layer) for layer in range(n_layers) for s in self.layer)
        yield from ((s, None) for s in self.epilogue)

    def origin(self, name: str, layer: int | None, n_layers: int) -> tuple[str, int | None]:
        """Where an input of a stage in a layer was computed: its name there, and the layer.

        ``hidden`` comes from the layer before, or from before the layers; behind the layers their last one is meant.
        """
        if name == HIDDEN:
            source = self.source(HIDDEN, layer or 0)
            assert source is not None
            return source.name, (layer - 1 if layer else None)
        if self.scopes.get(name, "model") == "model":
            return name, None
        return name, n_layers - 1 if layer is None else layer

    @cached_property
    def bypasses(self) -> tuple[tuple[Stage, Stage], ...]:
        """(from, to) of each residual by-pass: a stage that adds what the stage before it gives to something
        older of the same axes."""
        return tuple(
            (source, stage)
            for before, stage in zip(self.stages, self.stages[1:], strict=False)
            if len(self._alike(stage)) > 1
            for name in self._alike(stage)
            if (source := self.source(name)) is not None and source is not before
        )

    @staticmethod
    def _alike(stage: Stage) -> list[str]:
        """The inputs that have the axes of the output."""
        return [n for n, dims in zip(stage.inputs, stage.in_dims, strict=True) if dims == stage.out_dims]

    def users(self, name: str) -> tuple[Stage, ...]:
        """The stages that take a tensor in, in order."""
        return tuple(s for s in self.stages if any(name in step.inputs for step in (s, *self.on_the_way(s))))

    def of_part(self, part: Part) -> tuple[Stage, ...]:
        """The stages of a part of the model."""
        return tuple(s for s in self.stages if s.part == part)

    @cached_property
    def parts(self) -> tuple[tuple[Stage, ...], ...]:
        """The stages in runs of one part, in order."""
        runs: list[list[Stage]] = []
        for stage in self.stages:
            if runs and runs[-1][0].part == stage.part:
                runs[-1].append(stage)
            else:
                runs.append([stage])
        return tuple(map(tuple, runs))

    def tensor_names(self, n_layers: int) -> list[str]:
        """Full names of all learned tensors of a model in order: ``E``, ``P``, ``layers.0.W_Q`` …"""
        table = self.parameters.values()
        names = [p.name for p in table if p.scope == "model"]
        return names + [f"layers.{i}.{p.name}" for i in range(n_layers) for p in table if p.scope == "layer"]


def _facts(declared: Step | Parameter) -> list[str]:
    """A declaration as text: its kind, its inputs and every field but the function."""
    told = [repr(getattr(declared, f.name)) for f in fields(declared) if f.name != "fn"]
    wired = declared.arguments if isinstance(declared, Step) else ()
    return [type(declared).__name__, *wired, *told]


def _sized(dims: Sequence[str], sizes: Mapping[str, int]) -> str:
    return "×".join(str(sizes[letter]) for letter in dims)
