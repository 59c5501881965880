"""What captions say: how long they take to read, the words they name and the digits of the quantities in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tensorreel.core.claim import Claim
from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.lettering.glyphs import Pen, printed_digits, shortened
from tensorreel.visuals.lettering.isolates import isolated
from tensorreel.visuals.look import theme
from tensorreel.words.languages import language
from tensorreel.words.text import Aside, Said, Text, quoted


@dataclass(frozen=True)
class Named:
    """What a caption calls something, and the quantities whose digits stand in it."""

    text: Text
    claims: tuple[Quantity, ...] = ()


# A quantity may have its decimals (default 2).
Value = str | int | Named | Aside | Quantity | tuple[Quantity, int]


class Saying(NamedTuple):
    """A sentence, what is put into it, and what it states about numbers."""

    text: Text
    values: Mapping[str, Value] = {}
    facts: Sequence[Claim] = ()


IN_BRACKETS = Text(" ({gloss})", "words named")
SPOKEN = 3.0  # the widest word in a caption, in frame units: two lines hold three of them


def reading_time(text: str, lang: str) -> float:
    """Seconds a caption stays at least: 1.2 s, and for each character what one of its language takes."""
    return 1.2 + len(text) * language(lang).seconds


def named_word(word: str, place: int | None = None) -> Named:
    """A word in quotes; with its place in the sentence, from 1, where it stands there twice: “of” (3)."""
    text = quoted(isolated(word))
    if place is None:
        return Named(text)
    both = Text("{word} ({place})", "words named").filled(word=text, place=str(place))
    return Named(both, (count(place, Count.PLACE, place - 1),))


def meaning_of(gloss: str, pen: Pen) -> Aside:
    """What a word means, as a caption adds it in the film's language alone: in brackets, shortened if long."""
    short = shortened(gloss, pen, theme.SIZE_CAPTION, 2.2)
    said = IN_BRACKETS.filled(gloss=isolated(short)).of(pen.lang) if short else ""
    return Aside(pen.lang, said)


def together(names: Sequence[Named], counted: Quantity, whole: int) -> Named:
    """So many words: one or two by name (``names`` holds the first ones), more by their number, ``whole`` of them as
    all.
    """
    n = int(counted.value)
    if n == 1:
        return names[0]
    if n > 2:
        text = Text("all {n} words", "words named") if n == whole else Text("{n} words", "words named")
        return Named(text.filled(n=str(n)), (counted,))
    a, b = names[:2]
    both = Text("{a} and {b}", "words named").filled(a=a.text, b=b.text)
    return Named(both, a.claims + b.claims)


def printed(values: Mapping[str, Value]) -> tuple[list[tuple[Quantity, str]], dict[str, Said]]:
    """The quantities that a caption claims with their digits, and what is put into its text."""
    claims: list[tuple[Quantity, str]] = []
    words: dict[str, Said] = {}
    for key, value in values.items():
        if isinstance(value, str | int):
            words[key] = isolated(value) if isinstance(value, str) else str(value)
        elif isinstance(value, Aside):
            words[key] = value
        elif isinstance(value, Named):
            words[key] = value.text
            claims += [(quantity, printed_digits(quantity, 0)) for quantity in value.claims]
        else:
            quantity, decimals = value if isinstance(value, tuple) else (value, 2)
            digits = printed_digits(quantity, decimals)
            words[key] = digits
            claims.append((quantity, digits))
    return claims, words
