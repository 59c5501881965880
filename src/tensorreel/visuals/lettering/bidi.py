"""Left to right and right to left in one line: which characters run which way, and in what order they stand.

The Unicode Bidirectional Algorithm (UAX #9) is python-bidi's; this is the one place that talks to it. A word alone
runs as its first letter does. A sentence of the film's runs as the film's language, to the right, and a word in it
that does not is isolated (``isolates``): it turns round itself and nothing else. Other controls of direction never
come here, since they are written out (``spelling``): so each line is one paragraph, and what is blank at its end has
the paragraph's level from the start (L1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from bidi import get_display
from bidi.algorithm import reverse_contiguous_sequence

from tensorreel.visuals.lettering.isolates import turns

Item = TypeVar("Item")
_LEVELS = re.compile(r"^ {4}levels: \[$(.*?)^ {4}\]", re.MULTILINE | re.DOTALL)


def levels(text: str, *, prose: bool = False) -> list[int]:
    """The embedding level of each character of a line: even ones run to the right, odd ones to the left.

    A line of the film's own ``prose`` runs to the right, any other as its first letter does.
    """
    if not turns(text):
        return [0] * len(text)
    # With debug it returns the levels it found, in words, one for each byte of UTF-8.
    words = _LEVELS.findall(str(get_display(text, base_dir="L" if prose else None, debug=True)))
    found = [int(level) for level in re.findall(r"\d+", words[-1])]
    ends = list(accumulate(len(char.encode()) for char in text))
    return [found[end - 1] for end in ends]


def in_order(items: Sequence[Item], level: Sequence[int]) -> list[Item]:
    """Items as they stand from left to right (L2): from the highest level down, each odd run is turned round."""
    line = [{"place": place, "level": at} for place, at in enumerate(level)]
    reverse_contiguous_sequence(line, 0, len(line) - 1, max(level, default=0), 1)
    return [items[each["place"]] for each in line]
