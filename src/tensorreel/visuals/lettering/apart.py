"""Shortened words that stay different: what stands together is cut where it differs, or says its place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

ELLIPSIS = "…"
Way = Callable[[str], str]  # a shorter form of a text; "" where there is none that fits


def told_apart(
    texts: Sequence[str],
    cut: Callable[[str], str],
    fits: Callable[[str], bool],
    pieces: Callable[[str], list[str]],
) -> Mapping[str, str]:
    """A label for each of some texts that stand together, from which the text can be told.

    Each is ``cut`` to its start where only it can be meant. Of the others their ends or else the places where they
    differ are kept (``hyp…mic``, ``…gly…``); what could still be two of them gets its place in the row
    (``w…(3)``). ``pieces`` are the parts of a text that are never cut.
    """
    labels = {text: cut(text) for text in texts}
    whole = {text for text, shown in labels.items() if shown == text}
    short = [text for text in labels if text not in whole]

    def clear(text: str, shown: str) -> bool:
        told = shown not in (*whole, "", ELLIPSIS)
        return told and not any(_stands_for(shown, other) for other in short if other != text)

    unclear = [text for text in short if not clear(text, labels[text])]
    parts = {text: pieces(text) for text in unclear}
    for way in _ways(parts, fits) if unclear else ():
        done = {text: way(text) for text in unclear if clear(text, way(text))}
        labels |= done
        unclear = [text for text in unclear if text not in done]
        if not unclear:
            break
    places = {text: list(texts).index(text) + 1 for text in unclear}
    return labels | {text: _placed(parts[text], place, whole, fits) for text, place in places.items()}


def _stands_for(shown: str, text: str) -> bool:
    """Whether a shortened form may be read as a text."""
    first, *rest = shown.split(ELLIPSIS)
    *between, last = rest or [""]
    inner = text[len(first) : len(text) - len(last)]
    ends = text.startswith(first) and text.endswith(last) and len(first) + len(last) <= len(text)
    return ends and all(part in inner for part in between)


def _ways(parts: Mapping[str, list[str]], fits: Callable[[str], bool]) -> Iterator[Way]:
    """Start and end with a longer and longer end, as far as one fits; then the middles."""
    longest = max(map(len, parts.values()))
    for end in (*range(2, longest), 1):
        found = {t: _ended(p, end, fits) for t, p in parts.items()}
        if not any(found.values()):
            break
        yield found.__getitem__
    yield {t: _ended(p, 1, fits) for t, p in parts.items()}.__getitem__
    yield {t: _middle(p, _same(p, t, parts), fits) for t, p in parts.items()}.__getitem__


def _ended(parts: list[str], end: int, fits: Callable[[str], bool]) -> str:
    """``start…end`` with an end of so many pieces and as long a start as fits."""
    if end >= len(parts):
        return ""
    tail = ELLIPSIS + "".join(parts[-end:])
    return _longest(parts[: len(parts) - end - 1], tail, fits)


def _longest(start: list[str], tail: str, fits: Callable[[str], bool]) -> str:
    """As much of a start as fits before a tail, or "" where not even the tail does."""
    if not fits(tail):
        return ""

    def made(k: int) -> str:
        return "".join(start[:k]).rstrip() + tail

    return made(bisect_left(range(1, len(start) + 1), True, key=lambda k: not fits(made(k))))


def _same(parts: list[str], text: str, others: Mapping[str, list[str]]) -> int:
    """How many pieces a text has in common with the one that is most like it."""
    return max((_alike(parts, p) for t, p in others.items() if t != text), default=0)


def _alike(a: list[str], b: list[str]) -> int:
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _middle(parts: list[str], start: int, fits: Callable[[str], bool]) -> str:
    """``…middle…`` from a piece on, as long as it fits."""
    rest = parts[start:]
    shown = [
        f"{ELLIPSIS}{''.join(rest[:k])}{ELLIPSIS if k < len(rest) else ''}" for k in range(len(rest) + 1)
    ]
    return next((form for form in reversed(shown[1:]) if fits(form)), "")


def _placed(parts: list[str], place: int, whole: Collection[str], fits: Callable[[str], bool]) -> str:
    """``start…(3)``, as short as need be; the place alone stands in any case."""
    number = f"({place})"
    while number in whole:
        number += "′"
    return _longest(parts[:-1], f"{ELLIPSIS}{number}", fits) or number
