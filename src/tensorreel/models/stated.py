"""What no tensor tells: stated by the file, by a small TOML beside it or by an option; never assumed.

Layers that normalise first, GELU in the place of ReLU, another ε, other heads and a mask leave no trace in a
checkpoint of somebody else's: the same tensors give other numbers. So each such fact is asked for by name. Files in
tensorreel's own names are post-LN with ReLU by definition; where they state such a fact, it has to be so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensorreel.core.errors import InputError

WORDS = ("words", "glosses", "readings")
NAMED = {"E": "the token embeddings", "P": "the position embeddings"}  # what may be found under another name
BESIDE = ".toml"  # put behind the whole name of a model: m.safetensors.toml


@dataclass(frozen=True)
class Fact:
    """One such fact: its name in files, the option that states it, and its choices, of which the first is the
    article's.
    """

    name: str
    option: str
    choices: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """The option with its possible values."""
        return f"{self.option} {'|'.join(self.choices)}" if self.choices else self.option

    @property
    def keyword(self) -> str:
        """The same for Python: ``norm='post'|'pre'``."""
        switch = "True|False" if "--no-" in self.option else "…"
        return f"{self.name}={'|'.join(map(repr, self.choices)) or switch}"

    def check(self, value: Any, name: str) -> None:
        """``InputError`` if the engine does not compute it."""
        if self.choices and value not in self.choices:
            raise InputError(f"{name}: {self.name}: {str(value)[:40]}, expected {' or '.join(self.choices)}")


FACTS = (
    Fact("n_heads", "--n-heads N"),
    Fact("norm", "--norm", ("post", "pre")),
    Fact("final_norm", "--final-norm", ("none", "layer")),
    Fact("activation", "--activation", ("relu", "gelu", "gelu_tanh")),
    Fact("eps", "--eps X"),
    Fact("causal", "--causal|--no-causal"),
)
CHOICES = {fact.name: fact.choices for fact in FACTS if fact.choices}
STATED = frozenset(
    fact.name for fact in FACTS if fact.name not in ("eps", "causal")
)  # the rest a model keeps
Said = Mapping[str, Any]


def settled(sources: Sequence[tuple[str, Said]], name: str) -> dict[str, Any]:
    """All that is stated, by key; ``sources`` are pairs of where and what.

    ``InputError`` where two of them differ, or state what the engine does not compute.
    """
    found: dict[str, Any] = {}
    place: dict[str, str] = {}
    for where, said in sources:
        for key, value in said.items():
            if key in found and found[key] != value:
                was, now = str(found[key])[:40], str(value)[:40]
                raise InputError(f"{name}: {key}: {now} {where}, expected {was} (so it is {place[key]})")
            found.setdefault(key, value)
            place.setdefault(key, where)
    for fact in FACTS:
        if fact.name in found:
            fact.check(found[fact.name], name)
    return found


def of_the_article(said: Said, name: str) -> None:
    """``InputError`` if a file in tensorreel's own names states what they do not stand for."""
    for fact in FACTS:
        if fact.choices and said.get(fact.name, fact.choices[0]) != fact.choices[0]:
            raise InputError(
                f"{name}: {fact.name}: {said[fact.name]}, expected {fact.choices[0]} (so it is by tensorreel's own names)"
            )


def unsaid(said: Collection[str]) -> list[Fact]:
    """What a checkpoint leaves open."""
    return [fact for fact in FACTS if fact.name not in said]


def ask(said: Said, name: str) -> None:
    """``InputError`` that names what a checkpoint leaves open, with the possible values."""
    missing = [fact.asked for fact in unsaid(said)]
    if missing:
        raise InputError(
            f"{name}: no tensor tells all of the model, expected {' '.join(missing)} "
            f"(or in the metadata, or in a file of this name with {BESIDE} behind it)"
        )


def beside(path: Path) -> Path:
    """The file, if there is one, that states what a model does not."""
    return Path(f"{path}{BESIDE}")


def read_beside(text: str, name: str) -> dict[str, Any]:
    """The facts of such a file: those of ``FACTS``, words, tokens, origin, and other names of E and P by ours."""
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise InputError(
            f"{name}: no TOML, expected what the model beside it does not say ({reason})"
        ) from err
    known = (*(fact.name for fact in FACTS), *WORDS, "tokens", "origin", "names")
    for key in said:
        if key not in known:
            raise InputError(f"{name}: {key}: unknown beside a model, expected one of {', '.join(known)}")
    names = said.get("names", {})
    if not isinstance(names, dict) or any(k not in NAMED or not isinstance(v, str) for k, v in names.items()):
        raise InputError(f'{name}: names: {str(names)[:60]}, expected lines such as E = "embedding.weight"')
    return said
