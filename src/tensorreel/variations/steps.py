"""Checkpoints of one training in order: files, folders that hold some, and the step that a name tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tensorreel.core.errors import InputError, UsageProblem, file_named

ENDINGS = (".safetensors", ".npz", ".toml")
WEIGHTS = "model.safetensors"  # what a folder of one checkpoint calls its file
_NUMBER = re.compile(r"\d+")


def by_step(given: Sequence[Path]) -> list[tuple[int, Path]]:
    """Step and file of each checkpoint, by step. ``given`` are files, folders of one, or a folder that holds many.

    A step is the last number in the name of the file, or of its folder where the file is called ``model``.
    ``InputError`` for one that says none, ``UsageProblem`` for two of one step or fewer than two.
    """
    found: dict[int, Path] = {}
    for path in (file for each in given for file in files_in(each)):
        step = step_of(path)
        if step in found:
            raise UsageProblem(f"{path}: step {step}, as of {found[step]}, expected each step once")
        found[step] = path
    if len(found) < 2:
        raise UsageProblem(f"{len(found)} checkpoint, expected two or more of one training")
    return sorted(found.items())


def files_in(path: Path) -> Iterator[Path]:
    """The checkpoints that a path names: itself, the model in it, or the models and folders with one in it."""
    if not path.is_dir():
        yield path
    elif (path / WEIGHTS).is_file():
        yield path / WEIGHTS
    else:
        inside = [*path.glob("*/" + WEIGHTS), *(file for file in path.iterdir() if _weights(file))]
        if not inside:
            raise InputError(
                f"{file_named(path)}: no checkpoint, expected files or folders named by their step"
            )
        yield from inside


def _weights(file: Path) -> bool:
    """Whether a file holds a model; the TOML beside one states facts of it."""
    return file.suffix in ENDINGS and Path(file.stem).suffix not in ENDINGS


def step_of(path: Path) -> int:
    """``step-000100.safetensors`` and ``checkpoint-100/model.safetensors`` are of step 100."""
    name = path.parent.name if path.name == WEIGHTS else path.stem
    numbers = _NUMBER.findall(name)
    if not numbers:
        raise InputError(
            f"{file_named(path)}: no step in its name, expected one such as step-000100 or checkpoint-500/"
        )
    return int(numbers[-1])
