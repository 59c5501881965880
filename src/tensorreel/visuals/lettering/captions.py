"""What captions say: how long they take to read, the words they name and the digits of the quantities in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tensorreel.core.quantity import Quantity, count
from tensorreel.visuals.lettering.glyphs import shown
from tensorreel.visuals.lettering.isolates import isolated
from tensorreel.words.text import Text, quoted


@dataclass(frozen=True)
class Named:
    """What a caption calls something, in both languages, and the quantities whose digits stand in it."""

    text: Text
    claims: tuple[Quantity, ...] = ()


Value = str | int | Named | Quantity | tuple[Quantity, int]  # a quantity may have its decimals (default 2)


SPOKEN = 3.0  # the widest word in a caption, in frame units: two lines hold three of them


def reading_time(text: str, lang: str) -> float:
    """Seconds a caption stays at least: 1.2 s and 0.06 s a Japanese or 0.04 s a Latin character."""
    return 1.2 + len(text) * (0.06 if lang == "ja" else 0.04)


def named(word: str, place: int | None = None) -> Named:
    """A word in quotes; with its place in the sentence, from 1, where it stands there twice: “of” (3)."""
    text = quoted(isolated(word))
    if place is None:
        return Named(text)
    return Named(Text(f"{text.en} ({place})", f"{text.ja}({place})"), (count(place, "place"),))


def together(names: Sequence[Named], n: int, whole: int) -> Named:
    """n words: one or two by name (``names`` holds the first ones), more by their number, ``whole`` of them as all."""
    if n == 1:
        return names[0]
    if n > 2:
        all_of = n == whole
        text = Text(f"all {n} words" if all_of else f"{n} words", f"{n}語すべて" if all_of else f"{n}語")
        return Named(text, (count(n, "alike"),))
    a, b = names[:2]
    return Named(Text(f"{a.text.en} and {b.text.en}", f"{a.text.ja}と{b.text.ja}"), a.claims + b.claims)


def printed(values: dict[str, Value]) -> tuple[list[tuple[Quantity, str]], dict[str, Text]]:
    """The quantities that a caption claims with their digits, and what is put into its text in both languages."""
    claims: list[tuple[Quantity, str]] = []
    words: dict[str, Text] = {}
    for key, value in values.items():
        if isinstance(value, str | int):
            said = isolated(value) if isinstance(value, str) else str(value)
            words[key] = Text(said, said)
        elif isinstance(value, Named):
            words[key] = value.text
            claims += [(quantity, shown(quantity, 0)) for quantity in value.claims]
        else:
            quantity, decimals = value if isinstance(value, tuple) else (value, 2)
            digits = shown(quantity, decimals)
            words[key] = Text(digits, digits)
            claims.append((quantity, digits))
    return claims, words
