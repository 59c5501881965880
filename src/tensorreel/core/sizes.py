"""The sizes of a model by their letters: the symbol of each and what it counts, on the screen and in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tensorreel.words.text import Text


@dataclass(frozen=True)
class Size:
    """One size: its letter in ``dims``, its symbol in Typst, and what it counts."""

    letter: str
    symbol: str
    counts: Text
    meaning: Text  # the same in full


_TABLE = (
    Size("V", "V", Text("words it knows", "opening.sizes"), Text("words in the vocabulary", "deck")),
    Size("T", "T", Text("tokens to read", "opening.sizes"), Text("tokens in the sentence", "deck")),
    Size(
        "d",
        "d",
        Text("numbers a word", "opening.sizes"),
        Text("width of a token's vector", "deck"),
    ),
    Size("h", "h", Text("attention heads", "opening.sizes"), Text("attention heads", "deck")),
    Size(
        "k",
        "d_display(k)",
        Text("numbers a head", "opening.sizes"),
        Text("width of a head", "deck"),
    ),
    Size(
        "f",
        'd_display("ff")',
        Text("FFN units", "opening.sizes"),
        Text("feed-forward units", "deck"),
    ),
    Size("L", "L", Text("layers", "opening.sizes"), Text("layers", "deck")),
)
SIZES: Mapping[str, Size] = MappingProxyType({size.letter: size for size in _TABLE})
