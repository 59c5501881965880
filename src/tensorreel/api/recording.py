"""A training that keeps checkpoints of itself and a log, as ``tensorreel evolve`` reads them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tensorreel.core.errors import UsageProblem, outside

LOG = "log.csv"
NAME = "step-{:06}.safetensors"


class Recorder:
    """Checkpoints of a module and a log of its scalars, in a folder of their own.

        recorder = Recorder(net, every=100, folder="runs/net", words=words, embedding="tok", causal=True)
        for i, batch in enumerate(batches):
            loss = loss_of(net, batch)
            recorder.step(i, loss=loss)  # before the optimiser's step: this loss is of these weights
            descend(loss)

    ``module`` and ``stated`` are those of ``from_module``, which is asked at once: ``InputError`` names what is missing
    before a step is trained. ``UsageProblem`` for a folder with checkpoints in it, unless ``overwrite`` is set: then
    they go with the first step.
    """

    def __init__(
        self, module: Any, *, every: int = 100, folder: str | Path, overwrite: bool = False, **stated: Any
    ) -> None:
        from tensorreel.models.live import model_of

        if every < 1:
            raise UsageProblem(f"every {every}, expected 1 or more")
        model_of(module, **stated)
        self.module, self.every, self.folder, self.stated = module, every, Path(folder), stated
        self._log: _Log | None = None
        if not overwrite and self._old():
            raise UsageProblem(
                f"{folder}: holds checkpoints, expected another folder (or overwrite=True to lose them)"
            )

    def _old(self) -> list[Path]:
        return sorted(self.folder.glob(NAME.replace("{:06}", "*")))

    def due(self, step: int) -> bool:
        """Whether a checkpoint is kept of a step."""
        return step % self.every == 0

    def step(self, step: int, **scalars: Any) -> None:
        """Log the scalars of a step (numbers, or tensors of one), and keep a checkpoint of every ``every``-th one.

        The names of the first step's scalars are the log's columns: ``UsageProblem`` for others. What the system refuses
        is an ``EnvironmentProblem``.
        """
        try:
            self._open(list(scalars)).add(step, scalars)
            if self.due(step):
                self._keep(step)
        except OSError as err:
            raise outside(err) from err

    def _open(self, columns: list[str]) -> _Log:
        if self._log is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in self._old():
                old.unlink()
            self._log = _Log(self.folder / LOG, columns)
        return self._log

    def _keep(self, step: int) -> None:
        from tensorreel.film.job.atomic import publish_bytes
        from tensorreel.models.recording import checkpoint_of

        publish_bytes(checkpoint_of(self.module, **self.stated), self.folder / NAME.format(step))


class _Log:
    """A CSV with a column ``step``; each row is there as soon as it is added."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path, self.columns = path, columns
        path.unlink(missing_ok=True)
        self._write(["step", *columns])

    def add(self, step: int, scalars: dict[str, Any]) -> None:
        if list(scalars) != self.columns:
            raise UsageProblem(f"scalars {', '.join(scalars)}, expected {', '.join(self.columns)}")
        self._write([step, *map(_number, scalars.values())])

    def _write(self, row: list[Any]) -> None:
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(row)


def _number(scalar: Any) -> float:
    return float(scalar.item() if hasattr(scalar, "item") else scalar)


def trainer_callback(recorder: Recorder) -> Any:
    """A callback for ``transformers.Trainer`` that feeds a recorder.

    At every ``every``-th step the trainer logs, and its loss, the mean since it logged last, goes into the recorder's log
    beside a checkpoint; so do the losses that it logs in between.
    """
    from transformers import TrainerCallback

    class Recording(TrainerCallback):  # type: ignore[misc]
        """``on_step_end`` asks for a log, ``on_log`` has it."""

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            control.should_log = control.should_log or recorder.due(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if logs and "loss" in logs:
                recorder.step(state.global_step, loss=logs["loss"])

    return Recording()
