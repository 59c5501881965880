"""A model: its sizes, its words, its default sentence and its parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorreel.core import labels
from tensorreel.core.architecture import Architecture
from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.core.functional import Array
from tensorreel.core.stages import ARTICLE
from tensorreel.core.variation import Variation

if TYPE_CHECKING:
    from tensorreel.core.engine import Trace

EPS = 1e-5
ORIGINS = ("search", "hand", "training")  # where weights may come from


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model, and whether a token may look at later ones (``causal``: it may not)."""

    vocab_size: int
    n_ctx: int
    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int
    causal: bool = False
    eps: float = EPS

    @property
    def d_k(self) -> int:
        """Width of a head: d_model / n_heads."""
        return self.d_model // self.n_heads

    def sizes(self, tokens: int | None = None) -> dict[str, int]:
        """Size of every axis letter: V n d h k f and L; with a number of tokens also T and S."""
        out = {"V": self.vocab_size, "n": self.n_ctx, "d": self.d_model, "h": self.n_heads}
        out |= {"k": self.d_k, "f": self.d_ff, "L": self.n_layers}
        return out if tokens is None else out | {"T": tokens, "S": tokens}


@dataclass(frozen=True, eq=False)
class Model:
    """Sizes, vocabulary, default sentence (0-based ids) and parameters by full name, read-only float64.

    ``glosses`` are English translations of the words, ``readings`` their romanised readings; both may be
    empty strings. Shapes are taken on trust here: files are checked by ``models.read_model``. ``source`` is the name
    of the file it came from, for messages; ``origin`` one of ``ORIGINS``, or empty where that is not said. ``variations``
    are what was changed about it (``variations.change``). ``pieces`` cuts a text into ids where the model has a tokenizer
    of its own. ``tokens`` are empty where it has no sentence.
    """

    config: ModelConfig
    words: tuple[str, ...]
    tokens: tuple[int, ...]
    params: Mapping[str, Array] = field(repr=False)
    glosses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    source: str = ""
    architecture: Architecture = field(default=ARTICLE, repr=False)
    origin: str = ""
    variations: tuple[Variation, ...] = ()
    pieces: Callable[[str], Sequence[int]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        frozen = {}
        for name in self.architecture.tensor_names(self.config.n_layers):
            frozen[name] = _kept(self.params[name])
        object.__setattr__(self, "params", MappingProxyType(frozen))
        for name in ("glosses", "readings"):
            given = tuple(getattr(self, name)) or ("",) * len(self.words)
            object.__setattr__(self, name, given)

    def __reduce__(self) -> tuple[type[Model], tuple[Any, ...]]:
        """For other processes: its fields, the arrays as a plain dict."""
        facts = (self.config, self.words, self.tokens, dict(self.params), self.glosses, self.readings)
        return Model, (*facts, self.source, self.architecture, self.origin, self.variations, self.pieces)

    def param(self, name: str, layer: int = 0) -> Array:
        """A parameter by its short name; ``layer`` is 0-based and ignored for E and P."""
        return self.params[
            name if self.architecture.parameters[name].scope == "model" else f"layers.{layer}.{name}"
        ]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the model holds: equal digests mean equal films."""
        facts: list[Any] = [asdict(self.config), self.words, self.glosses, self.readings, self.tokens]
        table = self.architecture.digest
        facts += [] if table == ARTICLE.digest else [table]
        facts += [self.origin] if self.origin else []
        facts += [v.text for v in self.variations]
        hasher = hashlib.sha256(json.dumps(facts).encode())
        for name, array in self.params.items():
            hasher.update(f"{name}{array.shape}".encode() + array.astype("<f8").tobytes())
        return hasher.hexdigest()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What is shown for each word, all different (``core.labels``)."""
        return labels.labels(self.words)

    @cached_property
    def carries_spaces(self) -> bool:
        """Whether the pieces of the vocabulary say themselves where spaces stand."""
        return labels.carries_spaces(self.words)

    def ask(self, question: Callable[[Model], bool]) -> bool:
        """The answer to a question about the whole model; a film writes down that it has asked (``one_decimal``)."""
        return question(self)

    def check_tokens(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """The ids as a tuple, or ``InputError``: none at all, more than there are positions, out of range."""
        ids = tuple(int(i) for i in tokens)
        if not ids:
            raise InputError("tokens: none, expected at least 1")
        if len(ids) > self.config.n_ctx:
            raise InputError(
                f"tokens: {len(ids)}, expected at most {self.config.n_ctx} (P has that many rows)"
            )
        top = self.config.vocab_size - 1
        for position, i in enumerate(ids, start=1):
            if not 0 <= i <= top:
                raise InputError(
                    f"tokens: id {i} at place {position}, expected 0 to {top} (E has {top + 1} rows)"
                )
        return ids

    def run(self, text: str | None = None, tokens: str | Sequence[int] | None = None) -> Trace:
        """The forward pass of a sentence, as text or as token ids (or words); by default the model's own.

        ``InputError`` where the text has a word that the model has not, or a number cannot be computed.
        """
        from tensorreel.core.engine import forward

        return forward(self, self.sentence(text, tokens))

    def sentence(self, text: str | None = None, tokens: str | Sequence[int] | None = None) -> tuple[int, ...]:
        """The token ids that are asked for, or the model's own; ``UsageProblem`` if both ways are taken."""
        if tokens is not None and text is not None:
            raise UsageProblem("tokens and text together, expected one of them")
        if text is not None:
            return self.tokens_from_text(text)
        if isinstance(tokens, str):
            return self.tokens_from_ids(tokens)
        if tokens is None and not self.tokens:
            raise UsageProblem(
                f"{self.source or 'the model'}: no sentence of its own, expected --text or --tokens"
            )
        return self.check_tokens(self.tokens if tokens is None else tokens)

    def beyond(self, tokens: Sequence[int], **place: int | None) -> tuple[str, int, int, str] | None:
        """What of a ``layer``, ``head`` and ``token`` (0-based) is not there: its name, its number, how many there
        are, and of what; None if all are."""
        sizes = {
            "layer": (self.config.n_layers, "the model"),
            "head": (self.config.n_heads, "the model"),
            "token": (len(tokens), "the sentence"),
        }
        for what, index in place.items():
            size, of = sizes[what]
            if index is not None and not 0 <= index < size:
                return what, index, size, of
        return None

    def tokens_from_ids(self, spec: str) -> tuple[int, ...]:
        """Tokens from ids or words that are separated by spaces or commas: ``1 2 3`` or ``糖,尿,病``."""
        items = spec.replace(",", " ").split()
        if all(item.lstrip("-").isascii() and item.lstrip("-").isdigit() for item in items):
            return self.check_tokens([int(item[:12]) for item in items])
        return self.check_tokens([self.id_of(item) for item in items])

    def id_of(self, word: str) -> int:
        """The id of a word, or of the label that is shown for one; ``InputError`` if there is none or more than one."""
        if word in self.words:
            return self._only_id(word, "tokens")
        if word in self.labels:
            return self.labels.index(word)
        raise InputError(f"tokens: {word!r} is not a word of the model, expected one of {_some(self.words)}")

    def _only_id(self, word: str, what: str) -> int:
        ids = [i for i, other in enumerate(self.words) if other == word]
        if len(ids) > 1:
            raise InputError(
                f"{what}: {word!r} is the word of {len(ids)} ids ({_few(ids)}), expected ids or such as "
                f"{self.labels[ids[0]]}"
            )
        return ids[0]

    def tokens_from_text(self, text: str) -> tuple[int, ...]:
        """Tokens of a text: as the model's tokenizer cuts it, or at each place the longest word of the vocabulary that
        fits, where spaces may separate.

        ``InputError`` names the place (from 1) of the first character that begins no word.
        """
        if self.pieces is not None:
            return self.check_tokens(self.pieces(text))
        by_length = sorted((w for w in self.words if w), key=len, reverse=True)
        ids: list[int] = []
        place = 0
        while place < len(text):
            word = next((w for w in by_length if text.startswith(w, place)), None)
            if word is not None:
                ids.append(self._only_id(word, f"text: character {place + 1}"))
                place += len(word)
            elif text[place].isspace():
                place += 1
            else:
                raise InputError(
                    f"text: no word for {text[place]!r} at character {place + 1}, "
                    f"expected words of the model: {_some(self.words)}"
                )
        return self.check_tokens(ids)


def _kept(given: Array) -> Array:
    """A parameter as it is kept: read-only, row by row. One that is so already, and nobody else's, is not copied."""
    alone = given.base is None and not given.flags.writeable and given.flags.c_contiguous
    if alone and given.dtype == np.float64:
        return given
    array = np.array(given, dtype=np.float64, order="C")
    array.flags.writeable = False
    return array


def _some(words: Sequence[str], shown: int = 8) -> str:
    """The first words of a vocabulary, quoted, with an ellipsis if there are more."""
    return " ".join(map(repr, words[:shown])) + (" …" if len(words) > shown else "")


def _few(ids: Sequence[int], shown: int = 8) -> str:
    """The first of some ids, with an ellipsis if there are more."""
    return ", ".join(map(str, ids[:shown])) + (" …" if len(ids) > shown else "")
