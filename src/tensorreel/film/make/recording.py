"""What a scene shows and what it looked at, written down while it plays.

Two things are kept apart. The *view* is what is seen: every string that was shaped for the screen, the digits
of every cell of the tensors taken through ``show``, the kind, colour and order of what stands on the stage at
each beat, and the times. It makes a clip's key. The *reads* are what the scene read in order to get there:
tensors of the trace, the words, the sizes, the options. As long as none of them has changed the view cannot
have changed either, since a scene is a function of what it reads, so the key is known without playing it.

Positions and lengths are not part of the view. They follow numbers whose digits are: as long as no printed
digit changes, a bar or a dot moves by less than half a unit of the last one, and a clip is not made again for
that. Shades are made from the printed digits (``DisplayTensor.strength``), so they change with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.formatting import NOISE, format_number
from tensorreel.core.functional import Array
from tensorreel.core.model import Model
from tensorreel.film.job.digests import digest
from tensorreel.models import one_decimal

Look = tuple[str, int | None, int | None]  # name, layer, head of a tensor that was read
QUESTIONS = {"one_decimal": one_decimal}  # what a scene may ask about the whole model, by its name as a look
DIGEST: Look = ("digest", None, None)  # everything that the model holds
MANY = 20_000  # cells; a larger tensor is seen as shades only
SHADES = 256
_KEPT_BITS = 38  # of a float's mantissa: 11 decimal digits, the ones that all machines agree on


@dataclass
class AccessLog:
    """What was written down about one play of one scene."""

    reads: set[Look] = field(default_factory=set)
    recorder: Recorder | None = None

    @property
    def view(self) -> str:
        """Digest of what the scene showed."""
        assert self.recorder is not None, "no scene was built with these notes"
        return self.recorder.view()

    @property
    def shown(self) -> dict[str, str]:
        """Digest of the printed digits of each tensor that was taken for the screen, by its spelled name."""
        taken = getattr(self.recorder.scene, "taken", ()) if self.recorder is not None else ()
        return {spelled((t.name, t.layer, t.head)): digits(t, s.whole) for s in taken for t in (s.tensor,)}


class NotedModel(Model):
    """A model that writes down when something asks about all of its weights, or for its parameters."""

    @classmethod
    def of(cls, model: Model, notes: AccessLog) -> NotedModel:
        """The same model; its arrays are shared."""
        new = object.__new__(cls)
        new.__dict__.update(model.__dict__, _notes=notes)
        return new

    @property
    def digest(self) -> str:
        """As the model's own."""
        self.__dict__["_notes"].reads.add(DIGEST)
        return super().digest

    def ask(self, question: Callable[[Model], bool]) -> bool:
        """As the model's own; ``question`` is one of ``QUESTIONS``."""
        assert QUESTIONS.get(question.__name__) is question, f"{question.__name__}: not one of QUESTIONS"
        self.__dict__["_notes"].reads.add((question.__name__, None, None))
        return super().ask(question)

    def param(self, name: str, layer: int = 0) -> Array:
        """As the model's own."""
        scope = self.architecture.parameters[name].scope
        self.__dict__["_notes"].reads.add((name, layer if scope == "layer" else None, None))
        return super().param(name, layer)


@dataclass(frozen=True, eq=False)
class NotedTrace(Trace):
    """A trace that writes down which of its tensors are read."""

    notes: AccessLog = field(default_factory=AccessLog)

    @classmethod
    def of(cls, trace: Trace) -> NotedTrace:
        """The same trace with fresh notes."""
        notes = AccessLog()
        facts = {f.name: getattr(trace, f.name) for f in fields(Trace)}
        return cls(**{**facts, "model": NotedModel.of(trace.model, notes), "notes": notes})

    def __getitem__(self, name: str) -> Tensor:
        tensor = super().__getitem__(name)
        self.notes.reads.add((name, tensor.layer, tensor.head))
        return tensor


class Recorder:
    """Observes one play of a scene (see ``StageScene.observers``) and sums up what it showed."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        self.strings: set[str] = set()
        self._steps = hashlib.sha256()
        scene.pen.shape = _noting(scene.pen.shape, self.strings)
        scene.observers.append(self)

    def __call__(self, scene: Any, moment: str, moving: Sequence[Any]) -> None:
        """One motion, or the end of a beat."""
        shown = scene.mobjects if moment == "beat" else moving
        step = [moment, scene.beat_name, round(scene.time * 1000), [_drawn(m) for m in _family(shown)]]
        self._steps.update(digest(step).encode())

    def view(self) -> str:
        """The digest; call after the play."""
        scene = self.scene
        beats = [
            (b.name, b.caption.plain(), round(b.end * 1000))  # what is drawn of it is among the strings
            for b in getattr(scene, "beats", ())
        ]
        taken = [seen(s.tensor, s.whole) for s in getattr(scene, "taken", ())]
        return digest([sorted(self.strings), beats, taken, round(scene.time * 1000), self._steps.hexdigest()])


def _noting(shape: Callable[..., Any], strings: set[str]) -> Callable[..., Any]:
    """A pen's ``shape`` that also notes the string; widths are measured with it too."""

    def noted(string: str, **look: bool) -> Any:
        strings.add(string)
        return shape(string, **look)

    return noted


def _family(mobjects: Sequence[Any]) -> list[Any]:
    """Everything that is drawn of some objects, in their own order."""
    found = []
    for mobject in mobjects:
        if len(mobject.points):
            found.append(mobject)
        found += _family(mobject.submobjects)
    return found


def _drawn(mobject: Any) -> list[Any]:
    """An object as it is recognised: its kind, its text or formula, its colours. Not where it stands."""
    text = getattr(mobject, "text", None) or getattr(mobject, "source", "")
    colours = [_bytes(getattr(mobject, name, ())) for name in ("fill_rgbas", "stroke_rgbas")]
    return [type(mobject).__name__, str(text), *colours]


def _bytes(rgbas: Any) -> str:
    return np.rint(np.asarray(rgbas, dtype=np.float64) * 255).astype(np.uint8).tobytes().hex()


def seen(tensor: Tensor, whole: Tensor) -> list[Any]:
    """A tensor as the screen can show it: its digits, and their number, which all of its heads decide."""
    values = tensor.values
    place = [tensor.name, tensor.layer, tensor.head, list(values.shape), whole.decimals]
    if values.size <= MANY:
        return [*place, [format_number(x, whole.decimals) for x in tensor.printed.flat]]
    largest = float(np.abs(whole.values[np.isfinite(whole.values)]).max(initial=0.0)) or 1.0
    levels = np.rint(np.nan_to_num(values / largest, neginf=-2.0, posinf=2.0) * SHADES).astype(np.int16)
    return [*place, hashlib.sha256(levels.tobytes()).hexdigest()]


def digits(tensor: Tensor, whole: Tensor) -> str:
    """A short digest of a tensor as the screen can show it."""
    return digest(seen(tensor, whole))[:12]


def signature(values: Array) -> str:
    """A digest of numbers, without the last bits, in which machines differ."""
    quiet = np.where(np.abs(values) < NOISE, 0.0, values)
    mantissa, exponent = np.frexp(quiet)
    with np.errstate(invalid="ignore"):
        kept = np.rint(np.ldexp(mantissa, _KEPT_BITS))
    data = kept.tobytes() + exponent.tobytes() + repr(values.shape).encode()
    return hashlib.sha256(data).hexdigest()


class Reader:
    """The present state of whatever a scene may have looked at, by look; each is worked out once."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._known: dict[Look, str] = {}

    def __call__(self, look: Look) -> str:
        """Signature of a tensor; an empty string where the model has none such."""
        if look[0] in QUESTIONS:
            return str(self.trace.model.ask(QUESTIONS[look[0]]))
        if look == DIGEST:
            return self.trace.model.digest
        if look not in self._known:
            try:
                name, layer, head = look
                tensor = self.trace.at(layer=layer, head=head)[name]
                self._known[look] = signature(tensor.values)
            except Exception:  # a smaller model has no such layer or head
                self._known[look] = ""
        return self._known[look]

    def state(self, reads: set[Look]) -> Mapping[str, str]:
        """Signatures of some reads, by their names as text."""
        return {spelled(look): self(look) for look in sorted(reads, key=spelled)}


def spelled(look: Look) -> str:
    """``attn_scores/0/1``: name, layer, head, empty where there is none."""
    return "/".join("" if part is None else str(part) for part in look)


def look_of(text: str) -> Look:
    """The way back from ``spelled``."""
    name, layer, head = text.split("/")
    return name, int(layer) if layer else None, int(head) if head else None
