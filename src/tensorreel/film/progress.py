"""One progress bar on stderr: stage, frames, time left. Nothing where stderr is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping
from types import TracebackType
from typing import Any


class ProgressBar:
    """Counts frames over clips. ``expected`` frames per clip are estimates; ``finish`` corrects them.

    ``names`` says what a clip is called where it is known by a number.
    """

    def __init__(self, expected: Mapping[Any, int], names: Mapping[Any, str] | None = None) -> None:
        self._expected, self._done = dict(expected), dict.fromkeys(expected, 0)
        self._names = dict(names or {})
        self._ended: set[Hashable] = set()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> ProgressBar:
        if sys.stderr.isatty():
            self._bar = _bar()
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
        """A clip is ready, with ``frames`` frames."""
        self._done[clip] = self._expected[clip] = frames
        self._ended.add(clip)
        self._refresh(clip)

    def _stages(self) -> str:
        total = len(self._expected)
        return "" if total == 1 else f"{len(self._ended)}/{total} clips"

    def _refresh(self, clip: Any) -> None:
        if self._bar is None:
            return
        self._bar.update(
            self._task,
            description=str(self._names.get(clip, clip)).replace("_", "-"),
            completed=sum(self._done.values()),
            total=sum(self._expected.values()),
            stages=self._stages(),
        )
        self._bar.refresh()


def _bar() -> Any:
    """No refreshing thread: processes are forked while the bar stands."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TextColumn("{task.fields[stages]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
