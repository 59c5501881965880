"""What captions say: how long they take to read, and the digits of the quantities in them."""

from __future__ import annotations

from tensorreel.quantity import Quantity
from tensorreel.visuals.glyphs import shown

Value = str | int | Quantity | tuple[Quantity, int]  # a word, or a quantity with its decimals (default 2)


def reading_time(text: str, lang: str) -> float:
    """Seconds a caption stays at least: 1.2 s and 0.06 s a Japanese or 0.04 s a Latin character."""
    return 1.2 + len(text) * (0.06 if lang == "ja" else 0.04)


def printed(values: dict[str, Value]) -> tuple[list[tuple[Quantity, str]], dict[str, str]]:
    """The quantities that a caption claims with their digits, and the words to put into its text."""
    claims, words = [], {}
    for key, value in values.items():
        if isinstance(value, str | int):
            words[key] = str(value)
            continue
        quantity, decimals = value if isinstance(value, tuple) else (value, 2)
        words[key] = shown(quantity, decimals)
        claims.append((quantity, words[key]))
    return claims, words
