"""Captions as a speaker says them: signs and formulas in words. What has no sign is said as it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from tensorreel.words.languages import language
from tensorreel.words.text import Text

_LOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−")
_TIMES = Text("times", "spoken")
_TO = Text("to", "spoken arrow")


class _Sign(NamedTuple):
    """A pattern and the words for it, into which its named groups go."""

    pattern: re.Pattern[str]
    words: Text


_SIGNS = tuple(
    _Sign(re.compile(pattern), words)
    for pattern, words in (
        (
            r"(?P<x>\d[\d.,]*)e(?P<y>[−-]?\d+)",
            Text("{x} times 10 to the power of {y}", "spoken"),
        ),
        (r"(?P<x>\w)(?P<y>[⁻⁰¹²³⁴-⁹]+)", Text("{x} to the power of {y}", "spoken")),
        (r"(?<=[′ᵀ₀-₉)])(?=[A-Z(])|(?<=[A-Z])(?=[A-Z]ᵀ)", _TIMES),
        (r"(?P<x>[A-Za-z])ᵀ", Text("{x} transposed", "spoken")),
        (r"(?P<x>[A-Za-z])′", Text("{x} prime", "spoken")),
        (r"√(?P<x>\w+)", Text("the square root of {x}", "spoken")),
        (r"[−-](?=[\d∞])", Text("minus", "spoken")),
        (r"∞", Text("infinity", "spoken")),
        (r"\s*[=＝]\s*", Text("equals", "spoken")),
        (r"≈", Text("about", "spoken")),
        (r"\s*(?:→|〜|(?<=\d)~(?=\d))\s*", _TO),
        (r"\s*×\s*|\s+·\s+", _TIMES),
        (r"[σΣ]", Text("sigma", "spoken")),
        (r"γ", Text("gamma", "spoken")),
        (r"β", Text("beta", "spoken")),
        (r"ε", Text("epsilon", "spoken")),
        (r"μ", Text("mu", "spoken")),
    )
)
_LOWERED = re.compile(r"_|(?=(?<![₀-₉])[₀-₉])")  # between a letter and its index
_BESIDE_A_BRACKET = re.compile(r" +(?=[,.;:)])|(?<=\() +")


def in_words(text: str, lang: str) -> str:
    """What is said of a caption in a language: ``Q times K transposed`` for ``QKᵀ``. One line."""
    gap = language(lang).joiner
    for sign in _SIGNS:
        text = sign.pattern.sub(lambda found, words=sign.words: _worded(found, words, lang), text)  # type: ignore[misc]
    text = _LOWERED.sub(gap, text).translate(_LOW).replace("…", "")
    return _BESIDE_A_BRACKET.sub("", " ".join(text.split()))


def _worded(found: re.Match[str], words: Text, lang: str) -> str:
    """The words for a sign, apart from what stands beside it where the language has spaces."""
    gap = language(lang).joiner
    parts = {name: part.translate(_HIGH) for name, part in found.groupdict().items()}
    return f"{gap}{words.filled(**parts).of(lang)}{gap}"


_QUOTES = re.compile('[“”„«»「」『』"]')


def unquoted(text: str) -> str:
    """The same without quotation marks, which a machine might say."""
    return " ".join(_QUOTES.sub(" ", text).split())
