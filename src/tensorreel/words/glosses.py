"""What the words of a model mean: a model gives English glosses, and a catalogue may translate them.

In another language only what its catalogue translates is shown, and nothing that says no more than the word itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from tensorreel.words.catalogue import ENGLISH, has, pattern

CONTEXT = "gloss"


def meant(words: Sequence[str], glosses: Sequence[str], lang: str) -> list[str]:
    """What each word means in a language; empty where that is not known, or known from the word."""
    if not any(glosses):
        return [""] * len(words)
    return [_meant(word, gloss, lang) for word, gloss in zip(words, glosses, strict=True)]


def _meant(word: str, gloss: str, lang: str) -> str:
    if lang == ENGLISH or not gloss:
        return gloss
    said = pattern(lang, CONTEXT, gloss) if has(lang, CONTEXT, gloss) else ""
    return "" if said == word else said
