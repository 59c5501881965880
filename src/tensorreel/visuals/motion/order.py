"""Verbs of several steps. Their order is a part of the class: a step out of it is an error, and says what may come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar, Self


class OutOfOrder(RuntimeError):  # noqa: N818  (the name says what happened)
    """A step of a verb is played before the one that it follows, or a second time."""


@dataclass(frozen=True)
class VerbStep:
    """One of ``names`` is played once; with ``?`` it may be left out, with ``*`` it is played any number of times.

    With ``!`` its end is a result, for which the beat holds longer: a number or a shape that is new.
    """

    names: tuple[str, ...]
    often: str
    lands: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """``"row"``, ``"sweep|work_down"``, ``"mask?"``, ``"visit*"``, ``"cell!"``, ``"scan*!"``."""
        name = text.rstrip("?*!")
        signs = text[len(name) :]
        return cls(tuple(name.split("|")), signs.rstrip("!"), signs.endswith("!"))


class Verb:
    """What a storyboard plays step by step, in the order that the class declares.

    ``class Turning(Verb, steps="settle others! point_at|point_at_best!")``: see ``VerbStep`` for the signs. The steps of a
    subclass are its own where it declares some, otherwise those of its base. What a step plays within itself is part
    of it. Raises ``OutOfOrder``.
    """

    steps: ClassVar[tuple[VerbStep, ...]] = ()
    _steps_gone = 0  # the first step that may come
    _in_step = False  # a step

    def __init_subclass__(cls, *, steps: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.steps = tuple(map(VerbStep.read, steps.split())) or cls.steps
        for name in {name for step in cls.steps for name in step.names}:
            if not hasattr(method := getattr(cls, name), "step"):
                setattr(cls, name, _in_order(method))

    def _after(self, name: str) -> int:
        """The first step that may come after this one."""
        for k, step in self._may_come():
            if name in step.names:
                return k if step.often == "*" else k + 1
        expected = " or ".join(name for _, step in self._may_come() for name in step.names)
        raise OutOfOrder(f"{type(self).__name__}.{name}: expected {expected or 'no step'}")

    def _may_come(self) -> Iterator[tuple[int, VerbStep]]:
        """The steps that may come now, with their places."""
        for k, step in enumerate(self.steps[self._steps_gone :], self._steps_gone):
            yield k, step
            if not step.often:
                return


def _in_order(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that is played as a step."""

    @wraps(method)
    def step(verb: Any, *args: Any, **kwargs: Any) -> Any:
        if verb._in_step:
            return method(verb, *args, **kwargs)
        verb._steps_gone, verb._in_step = verb._after(method.__name__), True
        try:
            given = method(verb, *args, **kwargs)
        finally:
            verb._in_step = False
        if any(s.lands and method.__name__ in s.names for s in verb.steps):
            verb.scene.land()
        return given

    step.step = True  # type: ignore[attr-defined]
    return step
