"""A training reel under review: each number belongs to the checkpoint that is named, and is recomputed from its file.

A second forward pass stands behind every checkpoint. What the reel says of the training itself (a step, a scalar, the
number of the full shade) is looked up again in what was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from manim import Mobject

from tensorreel.core.quantity import Count
from tensorreel.review.audit import Auditor
from tensorreel.review.cases import Case, play
from tensorreel.review.lint import BrokenRule, lint_case
from tensorreel.review.recipes import Reckoner, UnknownRecipeError
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.sight import Sight
from tensorreel.scenes import find
from tensorreel.variations.training import Moment, Training
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.look.options import SceneOptions

ROUND = (Decimal(1), Decimal(2), Decimal(5))


class TrainingReckoner(Reckoner):
    """Works out recipes against the checkpoints of a training, each by a second forward pass of its own."""

    def __init__(self, training: Training) -> None:
        traces = {c.step: c.trace for c in training.checkpoints}
        self.training = training
        self.at = {step: Reckoner(ReferencePass(t.model, t.tokens)) for step, t in traces.items()}
        super().__init__(next(iter(self.at.values())).second)

    def _value(self, quantity: Any) -> Decimal:
        if quantity.op == "at":
            step, inner = quantity.args
            return self._of(step).value(inner)
        if quantity.op == "scale":
            return self._scale(*quantity.args)
        if quantity.op == "scalar":
            return self._scalar(*quantity.args)
        return super()._value(quantity)

    def _of(self, step: int) -> Reckoner:
        if step not in self.at:
            raise UnknownRecipeError(f"step {step} is of no checkpoint")
        return self.at[step]

    def printed(self, quantity: Any, decimals: int) -> str:
        """As of any recipe; a cell of a checkpoint is printed as its own pass says."""
        if quantity.op == "at":
            return self._of(quantity.args[0]).printed(quantity.args[1], decimals)
        return super().printed(quantity, decimals)

    def _count(self, n: int, *what: Any) -> Decimal:
        if what[:1] == (Count.STEP,):
            self._of(n)
            return Decimal(n)
        return super()._count(n, *what)

    def _scalar(self, name: str, step: int) -> Decimal:
        known = self.training.scalars
        if known is None or known.name != name or step not in known.steps:
            raise UnknownRecipeError(f"{name} of step {step} is in no log")
        return Decimal(repr(known.at(step)))

    def _scale(self, name: str, layer: int | None) -> Decimal:
        """The least of 1, 2, 5, 10 … that no printed cell of any checkpoint exceeds."""
        decimals = self.training.shown.whole.decimals
        cells = [c for r in self.at.values() for c in _flat(r.second.tensor(name, layer)) if c.is_finite()]
        most = max(abs(c.quantize(Decimal(1).scaleb(-decimals))) for c in cells)
        powers = (r.scaleb(k) for k in range(-9, 19) for r in ROUND)
        return next(p for p in powers if p >= most) if most else Decimal(1)


def _flat(nested: Any) -> Iterator[Decimal]:
    if isinstance(nested, Decimal):
        yield nested
    else:
        for part in nested:
            yield from _flat(part)


class TrainingAuditor(Auditor):
    """The number audit of a reel; at rest, what is printed belongs to the step that is named."""

    reckoner: TrainingReckoner

    def __call__(self, scene: Any, moment: str, moving: list[Mobject]) -> None:
        """As of any scene, and at the end of each way the steps of all numbers are compared."""
        super().__call__(scene, moment, moving)
        if moment == "beat":
            for what in others(Sight(scene)):
                self.findings.append(BrokenRule(str(self.case), scene.beat_name, "step", what))

    def _digits(self, m: Numeral, value: Decimal) -> str:
        if m.quantity.op == "at":
            return self.reckoner.printed(m.quantity, m.decimals)
        return super()._digits(m, value)


def others(sight: Sight) -> Iterator[str]:
    """Numbers of another checkpoint than the one that is named, and a picture that names none or two."""
    numerals = [w.mobject.quantity for w in sight.texts if isinstance(w.mobject, Numeral)]
    named = {q.args[0] for q in numerals if q.op == "count" and q.args[1] is Count.STEP}
    if len(named) != 1:
        yield f"steps {sorted(named)} are named, expected one"
    for q in numerals:
        step = q.args[0] if q.op == "at" else q.args[1] if q.op == "scalar" else None
        if step is not None and step not in named:
            yield f"{q} stands at step {', '.join(map(str, sorted(named)))}"


def reviewed(training: Training, options: SceneOptions) -> tuple[list[BrokenRule], int]:
    """What lint and audit find in a reel, clip by clip, and how many numerals were recomputed."""
    reckoner, found, checked = TrainingReckoner(training), [], 0
    for moments in ([m] for m in training.moments):
        case, kind = case_of(moments, options)
        auditor = TrainingAuditor(case, reckoner)
        play(case, auditor, kind)
        found += auditor.findings + lint_case(case, kind)[0]
        checked += auditor.checked
    return found, checked


def case_of(moments: Sequence[Moment], options: SceneOptions) -> tuple[Case, Any]:
    """A clip of a reel as a case, and the scene that plays it."""
    from tensorreel.film.draw.manim_setup import import_manim

    import_manim()
    now = moments[-1].now
    case = Case("evolve", f"step {now.step}", now.trace, options)
    return case, partial(find("evolve", now.trace.model.architecture), moments=moments)
