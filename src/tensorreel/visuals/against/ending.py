"""The end of a film of differences: both models as a whole, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from manim import FadeIn, FadeOut

from tensorreel.core.claim import Claim, ClaimKind
from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.core.table import Stage
from tensorreel.variations.before import felt_in, otherwise, shown_otherwise
from tensorreel.variations.difference import stage_differences
from tensorreel.visuals.against.pair import OldTensor
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.captions import Saying
from tensorreel.visuals.look import theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.bars import Grow
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.whatif.answer_pair import AnswerPair
from tensorreel.visuals.whatif.sayings import Wordings, effect
from tensorreel.words.text import Text

MATRICES = Text(
    "{n} parameter matrix is not the same as before.",
    "against",
    plural="{n} parameter matrices are not the same as before.",
)
ANOTHER_WAY = Text("This is now computed another way.", "against")
STAGES = Text(
    "{n} of {m} stages shows another number than before.",
    "against",
    plural="{n} of {m} stages show other numbers than before.",
)
NO_STAGE = Text("Every stage shows the same numbers as before.", "against")
ANSWER = Wordings(
    Text("The answer is still {word}, with the same {p}.", "against"),
    Text("The answer is still {word}. Its p: {p} → {q}.", "against"),
    Text("Now {other} wins with {r}. For {word}: {p} → {q}.", "against"),
    Text("p of {word} goes from {p} to {q}.", "against"),
)
WORDS = 6  # of the answer, that have bars


class ParameterPair(NamedTuple):
    """A parameter before and now, and how many of its cells are printed otherwise."""

    before: Tensor
    now: Tensor
    otherwise: Quantity


class BothModels(StageScene):
    """A scene about both models as a whole."""

    old: Trace

    @cached_property
    def parameters(self) -> Sequence[ParameterPair]:
        """Each parameter of each layer."""
        assert self.trace.model.digest  # the clip depends on all that the model holds
        layers, found = range(self.trace.model.config.n_layers), list[ParameterPair]()
        for name, parameter in self.architecture.parameters.items():
            for layer in layers if parameter.scope == "layer" else layers[:1]:
                before, now = (trace.at(layer=layer)[name] for trace in (self.old, self.trace))
                found.append(ParameterPair(before, now, otherwise(before, now)))
        return found

    @cached_property
    def changed(self) -> Sequence[ParameterPair]:
        """Those that are printed otherwise."""
        return [pair for pair in self.parameters if pair.otherwise.value]

    @cached_property
    def felt_parameters(self) -> Quantity:
        """How many of them are printed otherwise."""
        return felt_in([pair.otherwise] for pair in self.parameters)

    @cached_property
    def formulas(self) -> Sequence[tuple[Stage, Stage]]:
        """Stages that compute another way, before and now."""
        pairs = ((self.old.model.architecture.find(s.name), s) for s in self.architecture.stages)
        return [(before, now) for before, now in pairs if before.formula != now.formula]

    @cached_property
    def felt(self) -> Mapping[Stage, Mapping[int | None, Sequence[Quantity]]]:
        """How many cells are printed otherwise of all that each stage shows, by layer."""
        found: dict[Stage, dict[int | None, Sequence[Quantity]]] = {}
        for one in stage_differences(self.old, self.trace):
            counted = shown_otherwise(self.old, self.trace, one)
            found.setdefault(one.stage, {})[one.layer] = [*counted.values()]
        return found

    def begins_at(self, stage: Stage) -> Sequence[str] | None:
        """The symbols of the changed parameters that a stage takes in; none of one that itself computes another way."""
        found = [pair.now.symbol for pair in self.changed if pair.now.name in stage.inputs]
        another_way = any(stage.name == now.name for _, now in self.formulas)
        return [*dict.fromkeys(found)] if found or another_way else None

    def is_felt(self, stage: Stage, layer: int | None = None) -> bool:
        """Whether a stage shows another number, in a layer or in any."""
        groups = self.felt[stage]
        return any(q.value for at, group in groups.items() if layer in (None, at) for q in group)

    # ---- what is said -------------------------------------------------------------------------------
    def of_model(self) -> Saying | None:
        """What is different about the model, as far as it can be seen."""
        if self.changed:
            claim = Claim(ClaimKind.OTHERWISE, (self.changed[0].otherwise,))
            return Saying(MATRICES.counted(len(self.changed)), {"n": (self.felt_parameters, 0)}, [claim])
        return Saying(ANOTHER_WAY) if self.formulas else None

    def of_stages(self) -> Saying:
        """How many stages show it."""
        groups = [[q for group in layers.values() for q in group] for layers in self.felt.values()]
        n, m = felt_in(groups), count(len(groups), Count.STAGES)
        if n.value:
            return Saying(STAGES.counted(int(n.value)), {"n": (n, 0), "m": m})
        return Saying(NO_STAGE, {}, [Claim(ClaimKind.AS_BEFORE, (q,)) for group in groups for q in group])


class AnswerTurn(Verb, steps="stand_up! turn!"):
    """The likeliest words with their probability before; then with the one now."""

    def __init__(self, scene: BothModels) -> None:
        self.scene = scene
        self.now = scene.show("probs")
        self.before = OldTensor.like(self.now, scene.old)
        labels = scene.trace.model.labels
        self.pair = AnswerPair(self.before, self.now, self._words(), labels, scene.pen)
        stand(self.pair, x=CONTENT.x, y=CONTENT.y)

    def _words(self) -> Sequence[int]:
        """The likeliest of either, in the order of the vocabulary."""
        p, q = (t.values[-1] for t in (self.before, self.now))
        return sorted(sorted(range(len(p)), key=lambda k: -max(p[k], q[k]))[:WORDS])

    @property
    def saying(self) -> Saying:
        """What became of the answer."""
        return effect(self.scene, self.before, self.now, ANSWER)

    def stand_up(self) -> None:
        """What was the answer."""
        scene = self.scene
        scene.play(*map(FadeOut, scene.body()), run_time=theme.SHORT)
        scene.play(*map(FadeIn, self.pair.as_it_is), run_time=theme.MEDIUM)

    def turn(self) -> None:
        """What is the answer now."""
        scene = self.scene
        scene.until_read(theme.LONG)
        scene.play(*map(Grow, self.pair.new), FadeIn(self.pair.new_numbers), run_time=theme.LONG)
