"""Lint of what belongs together: marks whose anchor has gone, and copies that pass over what is not theirs.

A mark that frames or points at something (``shapes.anchored``) goes when that goes. A text on its way does not stay
upon another text that stands, nor upon the brackets of a matrix that it neither comes from nor goes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manim import Mobject, VMobject

from tensorreel.review.between import MOMENTS
from tensorreel.review.sight import Extent, Sight, Written, bounds, family, fill_of, line_of, marked

SEEN = 0.35  # opacity from which a thing is in the way, or missed
PASSING = 0.15  # seconds in which the texts of a matrix may pass over another text
GLANCE = 0.25  # seconds in which a copy may
CROWD = 8  # texts that move together are a matrix
TOUCH = 0.03  # frame units that make a meeting
KEPT = 0.3  # frame units by which something may stand beside what it belongs to
NAMED = 0.5  # frame units beside a matrix in which its names stand
BRACKET = "a bracket"


def orphans(sight: Sight) -> Iterator[tuple[str, str]]:
    """Marks without their anchor: it cannot be seen, or it stands elsewhere."""
    marks = [m for m in sight.things if marked(m, "anchor") is not None and _clear(m)]
    seen = {id(m) for m in sight.things if _clear(m)} if marks else set()
    for mark in marks:
        parts = [sight.box(m) for m in _family(mark.anchor()) if id(m) in seen]
        if not parts or not _within(sight.box(mark), _wider(bounds(parts), KEPT)):
            x, y = mark.get_center()[:2]
            yield "orphan", f"a mark stands at ({x:.1f}, {y:.1f}), what it belongs to does not"


def _clear(m: VMobject) -> bool:
    return max(fill_of(m), line_of(m)) >= SEEN


def _family(thing: Mobject | None) -> Iterator[Any]:
    return family([thing] if thing is not None else [])


def _wider(box: Extent, by: float) -> Extent:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


class Passers:
    """Looks at the moments of each motion; says what was crossed once it has ended, since then it is known where to."""

    def __init__(self) -> None:
        self._start: dict[int, Extent] = {}
        self._first: dict[int, Extent] = {}  # as soon as it has begun to move
        self._last: dict[int, Extent] = {}
        self._since: dict[tuple[int, int], float] = {}
        self._met: dict[tuple[int, int], tuple[Written, str, Extent, float, float]] = {}

    def __call__(self, sight: Sight, moment: str) -> Iterator[tuple[str, str]]:
        """Broken rules, at the end of a motion: (rule, objects)."""
        if moment == "before":
            self._start = _places([*sight.texts, *_brackets(sight)])
            self._last, self._first, self._since, self._met = dict(self._start), {}, {}, {}
        elif moment == "during":
            self._look(sight, _visible(sight))
        elif moment == "after" and self._met:
            yield from self._said(_places(_visible(sight)))

    def _look(self, sight: Sight, texts: list[Written]) -> None:
        """Meetings at this moment, with the time since which they last. What is new is a copy that has just left."""
        scene = sight.scene
        for w in texts:
            self._start.setdefault(id(w.mobject), w.box)
            self._first.setdefault(id(w.mobject), w.box)
        moving = [w for w in texts if _apart(w.box, self._last.get(id(w.mobject), w.box)) > TOUCH]
        standing = [w for w in texts if _apart(w.box, self._start.get(id(w.mobject), (9.0,) * 4)) < 1e-3]
        now: dict[tuple[int, int], float] = {}
        most = PASSING if len(moving) > CROWD else GLANCE
        obstacles = _obstacles(standing, sight) if moving else []
        for mover in moving:
            for key, what, box, whole in obstacles:
                if _bare(mover.text) != what and _meet(mover.box, box):
                    pair = (id(mover.mobject), key)
                    now[pair] = self._since.get(pair, scene.time - scene.duration / MOMENTS)
                    if scene.time - now[pair] > most:
                        self._met[pair] = (mover, what, whole, now[pair], scene.time)
        self._since = now
        self._last = self._start | _places(texts)

    def _said(self, end: dict[int, Extent]) -> Iterator[tuple[str, str]]:
        for (mover_id, _), (mover, what, whole, since, until) in self._met.items():
            known = (places.get(mover_id) for places in (self._start, self._first, end))
            ends = [b for b in known if b is not None]
            if not any(_within(b, _wider(whole, KEPT)) for b in ends):
                yield (
                    "passing",
                    f"{mover.text!r} passes over {what} for {until - since:.2f} s at {until:.2f} s",
                )


def _visible(sight: Sight) -> list[Written]:
    """Texts and brackets that can be seen."""
    return [*(w for w in sight.texts if fill_of(_ink(w)) >= SEEN), *_brackets(sight)]


def _places(texts: list[Written]) -> dict[int, Extent]:
    return {id(w.mobject): w.box for w in texts}


def _obstacles(standing: list[Written], sight: Sight) -> list[tuple[int, str, Extent, Extent]]:
    """What stands: (key, what it is, its box, the box of the whole of which it is a part)."""
    wholes = [(f, bounds([sight.box(m) for m in f.submobjects])) for f in sight.frames if len(f.submobjects)]
    found = [
        (
            id(w.mobject),
            _bare(w.text),
            w.box,
            next((b for _, b in wholes if _within(w.box, _wider(b, NAMED))), _wider(w.box, KEPT)),
        )
        for w in standing
        if w.text != BRACKET
    ]
    for frame, whole in wholes:
        pieces = [m for m in frame.submobjects if line_of(m) >= SEEN and marked(frame, "open")]
        found += [(id(m), BRACKET, sight.box(m), whole) for m in pieces]
    return found


def _brackets(sight: Sight) -> list[Written]:
    """The brackets that can be seen, as if they were texts."""
    pieces = [m for frame in sight.frames if marked(frame, "open") for m in frame.submobjects]
    return [Written(BRACKET, sight.box(m), m, 0) for m in pieces if line_of(m) >= SEEN]


def _ink(w: Written) -> VMobject:
    return next(m for m in _family(w.mobject) if len(m.points))


def _apart(a: Extent, b: Extent) -> float:
    return max(abs(p - q) for p, q in zip(a, b, strict=True))


def _meet(a: Extent, b: Extent) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > TOUCH and min(a[3], b[3]) - max(a[1], b[1]) > TOUCH


def _within(a: Extent, whole: Extent) -> bool:
    """Whether the middle of a box lies in another."""
    x, y = (a[0] + a[2]) / 2, (a[1] + a[3]) / 2
    return whole[0] <= x <= whole[2] and whole[1] <= y <= whole[3]


def _bare(text: str) -> str:
    return text.strip("()")
