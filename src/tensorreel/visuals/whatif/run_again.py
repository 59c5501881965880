"""The engine run once more with one thing changed, and its tensors as a scene takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.quantity import Count, Quantity, count, varied_by
from tensorreel.core.variation import Variation
from tensorreel.variations.change import WithoutHead, change, varied
from tensorreel.visuals.lettering.captions import Named
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


@dataclass(frozen=True, eq=False)
class VariedTensor(DisplayTensor):
    """A matrix of the trace of a model with one thing ``changed``; each of its numbers says so."""

    changed: str

    def _make(self, i: int, j: int) -> Quantity:
        return varied_by([self.changed], super()._make(i, j))


@dataclass(frozen=True, eq=False)
class SecondRun:
    """A scene's sentence, run with one thing changed: ``asked`` is its text, ``made`` the change itself."""

    asked: str
    made: Variation
    trace: Trace

    def show(self, like: DisplayTensor) -> VariedTensor:
        """The tensor of this run that stands where a real one stands."""
        whole = self.trace.at(layer=like.tensor.layer)[like.name]
        tensor = whole if like.head is None else whole.of_head(like.head)
        return VariedTensor(tensor, whole, self.asked)

    @property
    def told(self) -> Named:
        """What was changed, as a caption says it."""
        asked = change(self.asked)
        heads = (count(asked.head, Count.HEAD, asked.head - 1),) if isinstance(asked, WithoutHead) else ()
        return Named(self.made.told, heads)


def run_again(scene: StageScene, asked: str) -> SecondRun | None:
    """The scene's sentence once more with one change; None where its model has no such part, or already lacks it."""
    model = _unwatched(scene.trace.model)
    try:
        changed = varied(model, [asked])
        if changed is model:
            return None
        return SecondRun(asked, changed.variations[-1], forward(changed, scene.trace.tokens))
    except (UsageProblem, InputError):
        return None


def _unwatched(model: Model) -> Model:
    """The same model as a plain value. Who notes what a clip depends on has noted: on all that the model holds."""
    assert model.digest
    return Model(**{f.name: getattr(model, f.name) for f in fields(Model)})


def words_at_stake(before: DisplayTensor, after: DisplayTensor) -> Sequence[int]:
    """The words that both answers are about: the likeliest of each or, where they agree, the real runner-up as well."""
    first, second = (int(p.values[-1].argmax()) for p in (before, after))
    others = (-before.values[-1]).argsort(kind="stable")
    return list(dict.fromkeys([first, second, *map(int, others)]))[:2]
