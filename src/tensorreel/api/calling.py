"""How a call from Python goes about its work: who hears how far it is, what stops it, and what its errors are."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from tensorreel.core.errors import Interrupted, UsageProblem, one_line, outside

if TYPE_CHECKING:
    from tensorreel.core.engine import Trace
    from tensorreel.core.model import Model
    from tensorreel.film.job.stopping import Event
    from tensorreel.film.run.production import RunOptions
    from tensorreel.visuals.look.options import SceneOptions


class TensorreelWarning(UserWarning):
    """What a call has to say that is no error: a cache that could not be used, for one."""


class Work(TypedDict, total=False):
    """How it is made. ``progress`` is called with a stage's name, what is done and of how much, for the whole call; by
    default a terminal shows a bar, and anything else nothing. ``cancel`` stops the call within a second once it is set.
    """

    progress: Callable[[str, int, int], None] | None
    cancel: Event | None
    processes: int | None
    cache_dir: str | Path | None
    force: bool


class Asked(Work, total=False):
    """What is shown, beside the stage: the sentence as ``text`` or ``tokens``, language, theme, pace, cut, font, and the
    layer, head and token that are shown slowly, counted from 0. ``against`` is the model before, of which a film of
    differences keeps what stood in a cell beside what stands there now.
    """

    text: str | None
    tokens: str | list[int] | tuple[int, ...] | None
    lang: str
    theme: str
    pace: float
    cut: str
    layer: int
    head: int
    token: int | None
    font: str | None
    against: Model | None


@contextmanager
def answering(work: Work) -> Iterator[RunOptions]:
    """Run orders for a call. Ctrl-C comes out as ``KeyboardInterrupt``, an event that is set as ``Interrupted``; what the
    system refuses as ``EnvironmentProblem``."""
    from tensorreel.film.job.progress import heard_by, unheard
    from tensorreel.film.job.stopping import Cancelled, cancelled_by

    listener = work.get("progress") or (None if sys.stderr.isatty() else unheard)
    try:
        with heard_by(listener), cancelled_by(work.get("cancel")):
            yield _orders(work)
    except Interrupted as err:
        if isinstance(err.__cause__, KeyboardInterrupt) and not isinstance(err.__cause__, Cancelled):
            raise KeyboardInterrupt(str(err)) from err
        raise
    except Cancelled as err:
        raise Interrupted("interrupted: it was cancelled") from err
    except (OSError, MemoryError) as err:
        raise outside(err) from err


def _orders(work: Work) -> RunOptions:
    from tensorreel.film.keep.cache import default_folder
    from tensorreel.film.run.production import RunOptions
    from tensorreel.publish.labelling import Labeller

    folder = work.get("cache_dir")
    return RunOptions(
        work.get("processes"),
        Path(folder) if folder is not None else default_folder(),
        work.get("force", False),
        warn=_warn,
        delivery=Labeller(),
    )


def _warn(message: str) -> None:
    warnings.warn(one_line(message), TensorreelWarning, stacklevel=2)


def subject(model: Model, look: Asked) -> tuple[Trace, SceneOptions]:
    """The forward pass of the sentence, and how to show it; ``UsageProblem`` for a choice that there is not."""
    from tensorreel.visuals.look.options import CUTS, FULL, THEMES, SceneOptions
    from tensorreel.words.languages import LANGUAGES

    ids = model.sentence(look.get("text"), look.get("tokens"))
    options = SceneOptions(
        one_of("lang", look.get("lang", "en"), LANGUAGES),
        one_of("theme", look.get("theme", "dark"), THEMES),
        _pace(look.get("pace", 1.0)),
        look.get("layer", 0),
        look.get("head", 0),
        look.get("token"),
        look.get("font"),
        one_of("cut", look.get("cut", FULL), CUTS),
    )
    if found := model.beyond(ids, layer=options.layer, head=options.head, token=options.token):
        what, index, size, of = found
        raise UsageProblem(f"{what} {index}, expected 0 to {size - 1} ({of} has {size})")
    return model.run(tokens=ids), options


def trace_before(old: Model | None, new: Trace) -> Trace | None:
    """The same sentence in the model before; ``InputError`` that says what differs where the two cannot be compared."""
    if old is None:
        return None
    from tensorreel.core.engine import forward
    from tensorreel.variations.difference import refuse_unlike

    refuse_unlike(old, new.model)
    return forward(old, new.tokens)


def _pace(pace: float) -> float:
    if not 0.1 <= pace <= 10:
        raise UsageProblem(f"pace {pace}, expected 0.1 to 10")
    return float(pace)


def one_of(what: str, chosen: str, known: object) -> str:
    """What was chosen; ``UsageProblem`` for what is not known."""
    names = list(known)  # type: ignore[call-overload]
    if chosen not in names:
        raise UsageProblem(f"{what} {chosen!r}, expected one of {', '.join(names)}")
    return chosen
