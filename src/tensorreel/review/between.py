"""Lint on the way: the picture within a motion, where things come, go and pass one another.

Two rules hold at every moment. What can be seen at all stays inside the safe margin: things come out of the map
and fade in their places, so nothing has a reason to leave the picture. And two texts that are both fully there do
not stay upon each other: what passes does so in less than ``PASSING`` seconds, what gives way is faint by then. A
text that says the same is a copy on its way from or to its original, not another text.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tensorreel.review.sight import Sight, Written, family, fill_of, name, overhang

MOMENTS = 4  # of each motion
SOLID = 0.9  # opacity from which a text counts as fully there
TOUCH = 0.03  # frame units by which texts on their way may meet: half of a thin stroke's width
PASSING = 0.15  # seconds


class Between:
    """Looks at the moments of one scene in order, and says each thing once."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int], float] = {}
        self._said: set[tuple[str, str, str]] = set()

    def __call__(self, sight: Sight) -> Iterator[tuple[str, str]]:
        """Broken rules of the picture at this moment: (rule, objects)."""
        beat = sight.scene.beat_name
        for rule, what, where in (*self._margin(sight), *self._crossings(sight)):
            if (beat, rule, what) not in self._said:
                self._said.add((beat, rule, what))
                yield rule, f"on its way, {what} {where}"

    def _margin(self, sight: Sight) -> Iterator[tuple[str, str, str]]:
        out = overhang(sight.boxes)
        for k in np.flatnonzero(out > 0.01):
            where = f"stands {out[k]:.2f} outside the safe margin at {sight.scene.time:.2f} s"
            yield "margin", name(sight.things[k]), where

    def _crossings(self, sight: Sight) -> Iterator[tuple[str, str, str]]:
        time = sight.scene.time
        now = {(id(a.mobject), id(b.mobject)): (a, b) for a, b in _meeting(solid(sight))}
        self._since = {pair: self._since.get(pair, time) for pair in now}
        for pair, (a, b) in now.items():
            if (lasting := time - self._since[pair]) > PASSING:
                where = f"stay upon each other for {lasting:.2f} s at {time:.2f} s"
                yield "crossing", f"{a.text!r} and {b.text!r}", where


def solid(sight: Sight) -> list[Written]:
    """The texts that are fully there; of a formula, those whose last part has come."""
    return [w for w in sight.texts if min(fill_of(m) for m in family([w.mobject]) if len(m.points)) >= SOLID]


def _meeting(texts: list[Written]) -> Iterator[tuple[Written, Written]]:
    """Pairs of texts that say different things in the same place."""
    if len(texts) < 2:
        return
    boxes = np.array([t.box for t in texts])
    i, j = np.triu_indices(len(texts), 1)
    shared = np.minimum(boxes[i, 2:], boxes[j, 2:]) - np.maximum(boxes[i, :2], boxes[j, :2])
    for a, b in np.column_stack([i, j])[(shared > TOUCH).all(axis=1)]:
        if _bare(texts[a].text) != _bare(texts[b].text):
            yield texts[a], texts[b]


def _bare(text: str) -> str:
    """A text without the brackets that a negative number wears behind a sign."""
    return text.strip("()")
