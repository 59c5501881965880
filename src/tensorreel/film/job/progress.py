"""How far the work is, on stderr: a bar with stage, frames and time left; a line for each stage done where stderr is no
terminal. Whoever calls us from Python may listen instead (``heard_by``); then nothing is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any

Listener = Callable[[str, int, int], None]  # a clip's name, what is done of all clips, and of how much
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def unheard(name: str, done: int, total: int) -> None:
    """Listens and says nothing."""


@contextmanager
def heard_by(listener: Listener | None) -> Iterator[None]:
    """Inside, bars tell ``listener`` how far they are and print nothing; with None they print as they always do."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class ProgressBar:
    """Counts frames over clips. ``expected`` frames per clip are estimates; ``finish`` corrects them.

    ``names`` says what a clip is called where it is known by a number, ``unit`` what is counted.
    """

    def __init__(
        self, expected: Mapping[Any, int], names: Mapping[Any, str] | None = None, unit: str = "frames"
    ) -> None:
        self._unit = unit
        self._expected, self._done = dict(expected), dict.fromkeys(expected, 0)
        self._names = dict(names or {})
        self._ended: set[Hashable] = set()
        self._bar: Any = None
        self._task: Any = None
        self._listener = _LISTENER.get()

    def __enter__(self) -> ProgressBar:
        if self._listener is None and sys.stderr.isatty():
            self._bar = _bar(self._unit)
            self._bar.start()
            self._task = self._bar.add_task("", total=sum(self._expected.values()), stages=self._stages())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._refresh("")
            self._bar.stop()

    def update(self, clip: Any, frames: int) -> None:
        """A clip has ``frames`` frames now."""
        self._done[clip] = frames
        self._expected[clip] = max(self._expected[clip], frames)
        self._refresh(clip)

    def finish(self, clip: Any, frames: int) -> None:
        """A clip is ready, with ``frames`` frames; with none it was only looked at, or failed."""
        self._done[clip] = self._expected[clip] = frames
        self._ended.add(clip)
        self._refresh(clip)
        if self._bar is None and self._listener is None and frames:
            unit = self._unit.removesuffix("s") if frames == 1 else self._unit
            of = f" ({len(self._ended)} of {len(self._expected)})" if len(self._expected) > 1 else ""
            with suppress(OSError):  # nobody listens any more; the work goes on
                print(f"tensorreel: {self._name(clip)}: {frames} {unit}{of}", file=sys.stderr, flush=True)

    def _name(self, clip: Any) -> str:
        return str(self._names.get(clip, clip)).replace("_", "-")

    def _stages(self) -> str:
        total = len(self._expected)
        return "" if total == 1 else f"{len(self._ended)}/{total} clips"

    def _refresh(self, clip: Any) -> None:
        done, total = sum(self._done.values()), sum(self._expected.values())
        if self._listener is not None and clip in self._done:
            self._listener(self._name(clip), done, total)
        if self._bar is None:
            return
        self._bar.update(
            self._task, description=self._name(clip), completed=done, total=total, stages=self._stages()
        )
        self._bar.refresh()


def _bar(unit: str) -> Any:
    """No refreshing thread: processes are forked while the bar stands."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[stages]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
