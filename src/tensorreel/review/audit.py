"""The number audit: every numeral on screen, recomputed from the model on an independent path.

It follows a scene play by play and reads what is really drawn: a numeral's outlines must spell its text, its
text must be what its recipe gives, = must be exact in the printed digits, ≈ must join what can be equal before
it was rounded, and a digit that belongs to no numeral and to no declared text is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Mobject, VMobject

from tensorreel.core.parameters import Parameter
from tensorreel.core.quantity import Count, Quantity
from tensorreel.core.table import Step
from tensorreel.core.variation import told_of
from tensorreel.review import arithmetic, relations
from tensorreel.review.cases import Case, play
from tensorreel.review.changed import holds
from tensorreel.review.lint import BrokenRule
from tensorreel.review.recipes import Reckoner, UnknownRecipeError
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.rounding import rounded
from tensorreel.review.sight import VISIBLE, fill_of, line_of
from tensorreel.review.stated import misstated
from tensorreel.visuals.lettering.fonts import shape
from tensorreel.visuals.lettering.formula import Formula, FormulaPart, outlines_of
from tensorreel.visuals.lettering.glyphs import ELLIPSIS, Inked, Label, Numeral, Prose, Relation, Sign
from tensorreel.visuals.stage.furniture import Caption, Tag
from tensorreel.words.glosses import meant
from tensorreel.words.text import QUOTED
from tensorreel.words.visible_text import spelled_out

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

DIGITS = re.compile(r"[0-9０-９]")
_PLACED = re.compile(r"\(([1-9]\d{0,6})\)′*$")  # what stands for a word that its neighbours leave no room for
_SCRIPTS = re.compile(r"[_^](?:display)?(?:\(+[^()]*\)+|\d+|\w)")
STRAY = 1e-6  # how far an outline may be from its glyphs, in em


class Auditor:
    """Watches one scene. ``findings`` are what is wrong, ``checked`` counts the numerals that were held
    against the model. ``worked`` says of every printed calculation whether its result follows from its digits."""

    def __init__(self, case: Case, reckoner: Reckoner) -> None:
        self.case, self.reckoner = case, reckoner
        self.findings: list[BrokenRule] = []
        self._seen: dict[int, Mobject] = {}
        self._said: set[str] = set()
        self.checked = self.relations = 0
        self.worked: dict[tuple[str, str], bool] = {}
        model, lang = case.trace.model, case.options.lang
        table = model.architecture
        named: list[Step | Parameter] = [*table.steps.values(), *table.parameters.values()]
        self._formulas = {text for s in table.stages for text in (s.formula, s.symbol)}
        self._titles = {s.title.of(lang) for s in named}
        self._meanings = {s.meaning.of(lang) for s in table.stages}
        self._varied = [v.told.of(lang) for v in model.variations if holds(v, model)]
        before, after = map(re.escape, QUOTED.filled(word="\0").of(lang).split("\0"))
        self._sizes = model.config.sizes(len(case.trace.tokens)).values()
        self._quoted = re.compile(f"{before}(.*?){after}")
        meanings = meant(model.labels, model.glosses, lang)
        words = {*model.words, *model.labels, *model.glosses, *model.readings, *meanings} - {""}
        self._words = sorted(words | set(map(spelled_out, words)), key=len, reverse=True)

    def __call__(self, scene: Any, moment: str, moving: list[Mobject]) -> None:
        """Scene observer: look at everything new, and at everything once more when a beat ends."""
        again = moment == "beat"
        drawn = list(_drawn([*scene.mobjects, *moving]))
        texts = {m.digits for m in drawn if isinstance(m, Numeral)} if again else set()
        for m in drawn:
            if again or id(m) not in self._seen:
                self._look(scene, m, texts)

    def _look(self, scene: Any, m: Mobject, texts: set[str]) -> None:
        first = id(m) not in self._seen
        self._seen[id(m)] = m
        if first:
            self.checked += isinstance(m, Numeral)
            self.relations += isinstance(m, Relation)
            if isinstance(m, Relation | Numeral) and m.worked:
                claim = m.worked, m.right.text if isinstance(m, Relation) else m.text
                self.worked[claim] = relations.follows(m)
        for what in self._faults(m, texts):
            line = f"{scene.beat_name}: {what}"
            if line not in self._said:
                self._said.add(line)
                self.findings.append(BrokenRule(str(self.case), scene.beat_name, "number", what))

    def _faults(self, m: Mobject, texts: set[str]) -> Iterator[str]:
        if isinstance(m, Caption):
            yield from self._caption(m)
        elif isinstance(m, Formula):
            yield from _formula(m, self._formulas)
        elif isinstance(m, Inked):
            if not _spells(m):
                yield f"what is drawn for {m.text!r} is not {m.text!r}"
            if isinstance(m, Numeral):
                yield from self._numeral(m)
            elif isinstance(m, Relation):
                yield from self._relation(m, texts)
            elif isinstance(m, Tag):
                yield from self._tag(m)
            elif type(m) in (Label, Prose, Sign):
                yield from self._label(m)
            else:
                yield f"{type(m).__name__} {m.text!r} is no declared text"
        elif isinstance(m, VMobject) and not isinstance(m, FormulaPart):
            yield from _bare(m)

    # ---- one object ------------------------------------------------------------------------------
    def _numeral(self, m: Numeral) -> Iterator[str]:
        try:
            value = self.reckoner.value(m.quantity)
        except (UnknownRecipeError, KeyError, IndexError, ArithmeticError) as err:
            yield f"{m.text!r} has a recipe that cannot be followed: {m.quantity} ({err!r})"
            return
        want = f"{value:f}" if m.quantity.op == "count" else self._digits(m, value)
        if m.digits != want:
            yield f"{m.quantity} is printed {m.digits!r}, the model says {want!r}"
        if m.text not in (want, f"({want})"):
            yield f"{m.quantity} is drawn {m.text!r}, the model says {want!r}"

    def _digits(self, m: Numeral, value: Decimal) -> str:
        """How a value must be printed; a cell with its matrix's decimals may have to add up with its row."""
        if m.quantity.op in ("varied", "before", "moved"):
            return self.reckoner.printed(m.quantity, m.decimals)
        if m.quantity.op == "cell":
            name, layer, _, _ = m.quantity.args
            if m.decimals == self.case.trace.at(layer=layer or 0)[name].decimals:
                return self.reckoner.second.printed(m.quantity.args, m.decimals)
        return rounded(value, m.decimals)

    def _relation(self, m: Relation, texts: set[str]) -> Iterator[str]:
        try:
            exact, near = relations.held_against(m, self.reckoner)
        except (arithmetic.NotArithmeticError, UnknownRecipeError, ArithmeticError) as err:
            yield f"the relation {m.left} {m.text} {m.right.text} cannot be read: {err!r}"
            return
        if (m.text == "=") != exact:
            yield f"{m.left} {m.text} {m.right.text}: the printed digits say {'=' if exact else '≈'}"
        if not near:
            yield f"{m.left} {m.text} {m.right.text}: no numbers with these digits are that near"
        if texts and isinstance(m.left, str):
            absent = [n for n in arithmetic.numbers(m.left) if n not in texts and f"−{n}" not in texts]
            if absent:
                yield f"{m.left} {m.text} {m.right.text}: {', '.join(absent)} is not on the screen"

    def _label(self, m: Inked) -> Iterator[str]:
        if (
            DIGITS.search(m.text)
            and m.text not in self._titles
            and DIGITS.search(self._without_words(m.text, alone=True))
        ):
            yield f"the text {m.text!r} holds a digit that is no numeral"
        if re.search("[=≈]", self._without_words(m.text)):
            yield f"the text {m.text!r} claims an equality without a relation"

    def _tag(self, m: Tag) -> Iterator[str]:
        model, lang = self.case.trace.model, self.case.options.lang
        said = told_of(model)
        if said is None or m.said != said.of(lang) or len(self._varied) < len(model.variations):
            yield f"the tag {m.said!r} says what was not changed"
        if m.text != m.said and not m.said.startswith(m.text.split(ELLIPSIS)[0].rstrip()):
            yield f"the tag {m.text!r} does not say {m.said!r}"

    def _caption(self, m: Caption) -> Iterator[str]:
        yield from misstated(m, self.reckoner)
        good = []
        for quantity, printed in m.claims:
            try:
                value = self.reckoner.value(quantity)
            except (UnknownRecipeError, KeyError, IndexError, ArithmeticError) as err:
                yield f"the caption prints {printed!r} for {quantity}, which cannot be followed ({err!r})"
                continue
            wants = {f"{value:f}"} if quantity.op == "count" else {rounded(value, d) for d in range(6)}
            if quantity.op in ("cell", "varied", "before"):
                wants |= {self.reckoner.printed(quantity, d) for d in range(4)}
            if printed not in wants:
                yield f"the caption prints {printed!r} for {quantity}, the model says {value:.6f}"
            if _holds_tick(quantity):
                yield f"the caption prints {printed!r}, which is only a mark of an axis"
            good.append(printed)
        if m.text not in self._meanings and not self._accounted(m.text, good):
            yield f"the caption {m.text!r} holds a digit that no quantity stands for"
        drawn = "".join(line.text if _spells(line) else "?" for line in m.submobjects)
        if drawn.replace(" ", "") != m.text.replace(" ", ""):
            yield f"the caption draws {drawn!r} for {m.text!r}"

    def _accounted(self, text: str, claims: list[str]) -> bool:
        """Whether each digit belongs to a word or to one of the claims, each of which stands in one place or none."""
        if not claims:
            return not DIGITS.search(self._without_words(text))
        first, *rest = claims
        places = re.finditer(rf"(?<![\d.A-Za-z]){re.escape(first)}(?!\.?\d)", text)
        texts = [f"{text[: m.start()]} {text[m.end() :]}" for m in places]
        return any(self._accounted(left, rest) for left in (*texts, text))

    def _without_words(self, text: str, *, alone: bool = False) -> str:
        """The text without the model's own words, which may hold digits of theirs; shortened ones included."""
        text = self._quoted.sub(lambda found: " " if self._short(found[1]) else found[0], text)
        ends = range(len(text)) if alone or ELLIPSIS in text else ()
        starts = (k for k in ends if self._short(text[k:]))
        text = text[: next(starts, len(text))]
        for word in (*self._varied, *self._words):
            text = text.replace(word, " ")
        return text

    def _short(self, text: str) -> bool:
        """Whether a text is a word of the model, shortened: parts of it with an ellipsis between, or its place."""
        placed = _PLACED.search(text)
        if placed:
            text, place = text[: placed.start()], int(placed[1])
            if not 0 < place <= max(self._sizes):
                return False
        if ELLIPSIS not in text:
            return bool(placed) and not text
        first, *rest = text.split(ELLIPSIS)
        *between, last = rest
        return any(
            w.startswith(first) and w.endswith(last) and all(part in w for part in between)
            for w in self._words
        )


# ---- what is drawn -----------------------------------------------------------------------------------
def _drawn(mobjects: Iterable[Mobject]) -> Iterator[Mobject]:
    """Captions and formulas as a whole, and every other object with visible ink."""
    for m in mobjects:
        if isinstance(m, Caption | Formula):
            yield m
            continue
        if isinstance(m, VMobject) and len(m.points) and max(fill_of(m), line_of(m)) > VISIBLE:
            yield m
        yield from _drawn(m.submobjects)


def _spells(m: Inked) -> bool:
    """Whether the outlines are those of the text, moved and scaled."""
    want = shape(m.text, m.font, bold=m.bold, prose=m.prose, lang=m.lang).points
    return _alike(m.points, want)


def _alike(points: Any, want: Any) -> bool:
    if len(points) != len(want):
        return False
    if not len(want):
        return True
    a, b = _unit(points), _unit(want)
    return a is not None and b is not None and bool(np.abs(a - b).max() < STRAY)


def _unit(points: Any) -> Any:
    """Outline moved to the origin and scaled to a largest side of 1; None for a point."""
    flat = points[:, :2] - points[:, :2].min(axis=0)
    span = flat.max()
    return flat / span if span > 1e-9 else None


def _holds_tick(quantity: Quantity) -> bool:
    inner = (a for a in quantity.args if isinstance(a, Quantity))
    return Count.TICK in quantity.args or any(map(_holds_tick, inner))


def _formula(m: Formula, declared: Collection[str]) -> Iterator[str]:
    if m.source not in declared and re.search(r"\d", _SCRIPTS.sub("", m.source)):
        yield f"the formula {m.source!r} holds a number of its own"
    parts = [p for p in m.submobjects if isinstance(p, FormulaPart)]
    outlines = outlines_of(m)
    if len(parts) != len(outlines) or not all(
        _alike(p.points, o.points) for p, o in zip(parts, outlines, strict=True)
    ):
        yield f"what is drawn for the formula {m.source!r} is not that formula"


def _bare(m: VMobject) -> Iterator[str]:
    """A shape that is no text must not look like a digit, nor be one of manim's own texts."""
    kind = {c.__name__ for c in type(m).__mro__}
    if kind & {
        "Text",
        "MarkupText",
        "SVGMobject",
        "SingleStringMathTex",
        "DecimalNumber",
        "VMobjectFromSVGPath",
    }:
        yield f"{type(m).__name__} draws text past the registry"
        return
    for digit, want in _digit_outlines().get(len(m.points), []):
        if _alike(m.points, want):
            yield f"a bare shape looks like the digit {digit}"


@lru_cache(maxsize=1)
def _digit_outlines() -> dict[int, list[tuple[str, Any]]]:
    found: dict[int, list[tuple[str, Any]]] = {}
    for bold in (False, True):
        for digit in "0123456789":
            points = shape(digit, bold=bold).points
            found.setdefault(len(points), []).append((digit, points))
    return found


def reckoner_of(case: Case) -> Reckoner:
    """A second forward pass of a case's model, and of the one before if there is one."""
    now, *before = (ReferencePass(t.model, t.tokens) for t in (case.trace, case.old) if t is not None)
    return Reckoner(now, *before)


def audit_case(case: Case, reckoner: Reckoner | None = None, kind: type[StageScene] | None = None) -> Auditor:
    """Play a case and audit it. Pass a ``reckoner`` to share the second forward pass among a model's cases."""
    auditor = Auditor(case, reckoner or reckoner_of(case))
    play(case, auditor, kind)
    return auditor
