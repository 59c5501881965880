"""Lint: the rules that hold on every frame, checked at the end of every beat and within every motion.

Texts do not overlap and keep off the marks of legends, nothing leaves the safe margin, glyphs are large enough, text
stands out from its ground, captions stay long enough, stages keep their budget, the hues differ for every kind of
vision. In the built-in model's film, whose words are short, no label is cut. What moves is looked at on its way, too:
by ``between`` and ``company``. How long a picture stands is judged by ``rhythm``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Mobject

from tensorreel.review.between import MOMENTS, Between
from tensorreel.review.cases import Case, play
from tensorreel.review.colour import contrast, mix
from tensorreel.review.company import Passers, orphans
from tensorreel.review.rhythm import Rhythm
from tensorreel.review.sight import (
    VISIBLE,
    Sight,
    Written,
    extent_of,
    fill_of,
    line_of,
    marked,
    name,
    overhang,
)
from tensorreel.visuals.lettering.captions import reading_time
from tensorreel.visuals.lettering.glyphs import ELLIPSIS, Inked, Label, Numeral
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.options import STORY

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

TOUCH = 0.012  # frame units by which two inks may come close without overlapping
LEAST_CONTRAST = 4.5
TOLERANCE = 0.25  # of a stage's budget


@dataclass(frozen=True)
class BrokenRule:
    """A broken rule: where, which one, and which objects."""

    case: str
    beat: str
    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.case} beat {self.beat}: {self.rule}: {self.detail}"


def lint_case(
    case: Case, kind: type[StageScene] | None = None, *, moments: int = MOMENTS
) -> tuple[list[BrokenRule], int]:
    """Findings of one case, and the number of beats that were looked at. Without ``moments`` nothing is looked at on
    its way.
    """
    found: list[BrokenRule] = []
    between, builtin = Between(), BuiltIn(on_its_way=moments > 0)

    def observe(scene: Any, moment: str, moving: list[Mobject]) -> None:
        sight = Sight(scene)
        rules = between(sight) if moment == "during" else broken_rules(sight) if moment == "beat" else ()
        more = builtin(sight, moment, moving) if case.model == "tiny" else ()
        for rule, what in itertools.chain(rules, more):
            found.append(BrokenRule(str(case), scene.beat_name, rule, what))

    scene = play(case, observe, kind, moments=moments)
    found = list(dict.fromkeys(found))  # a mark without its anchor is one, however long it stands
    found += [BrokenRule(str(case), b, r, d) for b, r, d in _times(case, scene)]
    return found, len(scene.beats)


class BuiltIn:
    """Rules of the built-in model's film alone, whose words are short and whose times are set."""

    def __init__(self, *, on_its_way: bool) -> None:
        self.rhythm, self.passers = Rhythm(on_its_way=on_its_way), Passers()

    def __call__(self, sight: Sight, moment: str, moving: list[Mobject]) -> Iterator[tuple[str, str]]:
        """Broken rules at this moment: (rule, objects)."""
        yield from self.rhythm(sight, moment, moving)
        yield from self.passers(sight, moment)
        if moment in ("during", "after"):
            yield from orphans(sight)
        if moment == "beat":
            yield from cut_labels(sight)


def broken_rules(sight: Sight) -> Iterator[tuple[str, str]]:
    """Broken rules of the picture as it stands now: (rule, objects)."""
    yield from _overlaps(sight.texts)
    yield from _keys(sight)
    yield from _margin(sight)
    yield from _glyphs(sight.texts)
    yield from _contrast(sight)


def cut_labels(sight: Sight) -> Iterator[tuple[str, str]]:
    """Labels that had to be shortened. A count of what has no room is a number, and no label."""
    for w in sight.texts:
        if isinstance(w.mobject, Label) and ELLIPSIS in w.text:
            yield "cut", f"{w.text!r} is cut at {_where(w)}"


# ---- the rules ---------------------------------------------------------------------------------------
def _overlaps(texts: list[Written]) -> Iterator[tuple[str, str]]:
    for a, b in itertools.combinations(texts, 2):
        w = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
        h = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
        if w > TOUCH and h > TOUCH and not _same(a, b):
            yield "overlap", f"{a.text!r} and {b.text!r} share {w:.2f}×{h:.2f} at {_where(a)}"


def _keys(sight: Sight) -> Iterator[tuple[str, str]]:
    """Texts that run into a mark of a legend: a dot, a ring, a swatch that says what others mean."""
    for mark in (m for m in sight.things if marked(m, "is_key")):
        x0, y0, x1, y1 = sight.box(mark)
        for w in sight.texts:
            wide, tall = min(w.box[2], x1) - max(w.box[0], x0), min(w.box[3], y1) - max(w.box[1], y0)
            if wide > TOUCH and tall > TOUCH:
                yield (
                    "legend",
                    f"{w.text!r} runs {wide:.2f}×{tall:.2f} into a mark of a legend at {_where(w)}",
                )


def _same(a: Written, b: Written) -> bool:
    """A copy that rests exactly on its original looks like one text."""
    return a.text == b.text and max(abs(p - q) for p, q in zip(a.box, b.box, strict=True)) < 0.02


def _where(w: Written) -> str:
    return f"({w.box[0]:.2f}, {w.box[1]:.2f})"


def _margin(sight: Sight) -> Iterator[tuple[str, str]]:
    out = overhang(sight.boxes)
    for k in np.flatnonzero(out > 0.01):
        x, y = sight.boxes[k, :2]
        what = name(sight.things[k])
        yield "margin", f"{what} stands {out[k]:.2f} outside the safe margin at ({x:.2f}, {y:.2f})"


def _glyphs(texts: list[Written]) -> Iterator[tuple[str, str]]:
    for w in texts:
        size = smallest(w.mobject)
        if size < theme.MIN_GLYPH - 1e-3:
            yield (
                "small",
                f"{w.text!r} has a glyph of {size / theme.FRAME_HEIGHT:.2%} of the height, at {_where(w)}",
            )


def smallest(m: Mobject) -> float:
    """Height of the smallest letter, digit or character of a text, in frame units.

    A glyph counts by its longer side (an i is tall, a 一 is wide); marks such as points, minus signs, primes
    and brackets do not count, nor the e of ``4e−4``. In a formula, glyphs that touch one another's column make one word.
    """
    if isinstance(m, Inked):
        counts = str.isdigit if isinstance(m, Numeral) else _is_letter
        glyphs = [g.points for g in m.shaped.glyphs if counts(g.char) and len(g.points)]
        return min((float(np.ptp(p[:, :2], axis=0).max()) for p in glyphs), default=1.0) * m.scale_now
    return min(_word_heights(m), default=1.0)


def _is_letter(char: str) -> bool:
    return char.isalnum() and char not in "ー"


def _word_heights(formula: Mobject) -> Iterator[float]:
    """Tallest glyph of each run of formula parts that stand side by side at one size."""
    boxes = sorted(extent_of(p) for p in formula.submobjects if len(p.points) and fill_of(p) > VISIBLE)
    runs: list[list[tuple[float, float, float, float]]] = []
    for box in boxes:
        near = (
            runs
            and box[0] - runs[-1][-1][2] < 0.12
            and min(box[3], runs[-1][-1][3]) > max(box[1], runs[-1][-1][1])
        )
        runs[-1].append(box) if near else runs.append([box])
    for run in runs:
        tallest = max(max(b[3] - b[1], b[2] - b[0]) for b in run)
        if tallest > 0.6 * theme.MIN_GLYPH:
            yield tallest


def _contrast(sight: Sight) -> Iterator[tuple[str, str]]:
    place = {id(m): k for k, m in enumerate(sight.things)}
    grounds = [
        (k, m, sight.box(m))
        for k, m in enumerate(sight.things)
        if fill_of(m) > VISIBLE and not hasattr(m, "text")
    ]
    for w in sight.texts:
        for part in [p for p in w.mobject.get_family() if id(p) in place]:
            x0, y0, x1, y1 = sight.box(part)
            x, y, at = (x0 + x1) / 2, (y0 + y1) / 2, place[id(part)]
            below = [
                (m.get_fill_color().to_hex(), fill_of(m))
                for k, m, box in grounds
                if k < at and box[0] <= x <= box[2] and box[1] <= y <= box[3]
            ]
            colour = (
                part.get_fill_color().to_hex()
                if fill_of(part) > VISIBLE
                else part.get_stroke_color().to_hex()
            )
            opacity = max(fill_of(part), line_of(part))
            ratio, ground = min(_ratio(base, below, colour, opacity) for base in sight.scene.theme.grounds)
            if ratio < LEAST_CONTRAST:
                yield "contrast", f"{w.text!r} has {ratio:.2f}:1 on its ground at {_where(w)}, on {ground}"
                break


def _ratio(base: str, below: list[tuple[str, float]], colour: str, opacity: float) -> tuple[float, str]:
    """Contrast of a colour that lies on some others above a background; and that background."""
    ground = base
    for over, share in below:
        ground = mix(ground, over, share)
    return contrast(mix(ground, colour, opacity), ground), base


def _times(case: Case, scene: Any) -> Iterator[tuple[str, str, str]]:
    """Captions that go too soon, and (for the built-in model) stages off their budget,
    in which what asks for a reason does not count."""
    lang, pace = case.options.lang, case.options.pace
    for beat in scene.beats:
        need = reading_time(beat.caption.of(lang), lang) / pace
        if beat.end - beat.start < need - 0.05:
            yield beat.name, "caption", f"shown {beat.end - beat.start:.1f} s, needs {need:.1f} s"
    if case.model == "tiny" and case.options.cut != STORY and not case.after:
        length = (scene.time - _asked(scene.beats)) * pace
        if abs(length - scene.budget) > TOLERANCE * scene.budget:
            yield "(all)", "budget", f"{length:.1f} s, expected {scene.budget:.0f} s ± {TOLERANCE:.0%}"


def _asked(beats: Sequence[Any]) -> float:
    """The seconds of the beats that ask for a reason; none where the whole scene does."""
    whys = [beat.end - beat.start for beat in beats if beat.why]
    return sum(whys) if len(whys) < len(beats) else 0.0
