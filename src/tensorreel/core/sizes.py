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
    Size("V", "V", Text("words it knows", "知っている単語"), Text("words in the vocabulary", "語彙の単語数")),
    Size("T", "T", Text("tokens to read", "読むトークン"), Text("tokens in the sentence", "文のトークン数")),
    Size(
        "d",
        "d",
        Text("numbers a word", "単語ごとの値"),
        Text("width of a token's vector", "トークンベクトルの幅"),
    ),
    Size(
        "h", "h", Text("attention heads", "Attentionヘッド"), Text("attention heads", "Attentionヘッドの数")
    ),
    Size(
        "k",
        "d_display(k)",
        Text("numbers a head", "ヘッドごとの値"),
        Text("width of a head", "ヘッド1つの幅"),
    ),
    Size(
        "f",
        'd_display("ff")',
        Text("FFN units", "FFNのユニット"),
        Text("feed-forward units", "FFNのユニット数"),
    ),
    Size("L", "L", Text("layers", "層"), Text("layers", "層の数")),
)
SIZES: Mapping[str, Size] = MappingProxyType({size.letter: size for size in _TABLE})
