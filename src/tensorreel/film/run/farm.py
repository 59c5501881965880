"""Clips from other machines: jobs go out through a ``concurrent.futures.Executor``, bytes come back.

A job is a plain function of plain data. Where it arrives it runs in a process of its own, as at home, since
Manim's configuration belongs to a whole process and a cluster's worker runs its tasks in threads. Back come
what the play told, the clip's bytes with their digest, and the ground on which it was drawn: a machine with
other code, another font or other libraries would give other pictures, and its clips are refused.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tensorreel.core.errors import EnvironmentProblem, TensorreelError
from tensorreel.film.job.atomic import publish_bytes
from tensorreel.film.job.job import Job, Progress
from tensorreel.film.keep.fingerprint import Fingerprint, Fingerprints
from tensorreel.film.make.backend import Noted
from tensorreel.film.run.workers import ATTEMPTS, Outcome
from tensorreel.words.catalogue import catalogue_digest

Maker = Callable[[Job, Progress], Noted]
_CONNECT = 10.0  # seconds


@dataclass(frozen=True)
class Parcel:
    """What comes back from another machine. ``data`` is empty where nothing was drawn; ``parts``, the ground, is
    where that changed while the clip was drawn."""

    noted: Noted
    data: bytes
    digest: str
    parts: Fingerprint


@dataclass(frozen=True)
class Failure:
    """Why nothing comes back."""

    error: str
    exit_code: int
    trace: str


class Lost(Exception):  # noqa: N818
    """A process on another machine that ended without an answer; worth another try."""


@contextmanager
def connected(scheduler: str | Executor) -> Iterator[Executor]:
    """The executor of a Dask cluster by its address; an executor is taken as it is."""
    if isinstance(scheduler, Executor):
        yield scheduler
        return
    try:
        import distributed
    except ImportError as err:
        raise EnvironmentProblem("distributed is not installed, expected tensorreel[farm]") from err
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said in one line
    try:
        client = distributed.Client(scheduler, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as err:
        raise EnvironmentProblem(f"{scheduler}: no answer, expected a Dask scheduler ({err})") from err
    with client:
        yield client.get_executor(pure=False)


def run_on_farm(executor: Executor, jobs: Mapping[int, Job], make: Maker) -> Iterator[Outcome[int, Parcel]]:
    """Yield what became of every job, in the order in which they end.

    A job whose process or machine was lost is sent once more. When the caller stops early, what has not begun
    is taken back.
    """
    sent = {executor.submit(errand, make, job): (at, 1) for at, job in jobs.items()}
    try:
        while sent:
            for future in wait(sent, return_when=FIRST_COMPLETED).done:
                at, attempt = sent.pop(future)
                outcome, again = _heard(at, future)
                if again and attempt < ATTEMPTS:
                    sent[executor.submit(errand, make, jobs[at])] = (at, attempt + 1)
                else:
                    yield outcome
    finally:
        for future in sent:
            future.cancel()


def _heard(at: int, future: Future[Parcel | Failure]) -> tuple[Outcome[int, Parcel], bool]:
    """What a future says, and whether another try may say more."""
    try:
        answer = future.result()
    except Exception as err:
        text = f"{type(err).__name__}: {err}" if str(err) else type(err).__name__
        return Outcome(at, error=f"lost on the cluster twice ({text})", exit_code=4), True
    if isinstance(answer, Failure):
        return Outcome(at, error=answer.error, exit_code=answer.exit_code, trace=answer.trace), False
    return Outcome(at, result=answer), False


def unpacked(parcel: Parcel, job: Job, parts: Fingerprint) -> Noted:
    """The parcel's clip at the job's target. Raises where it was drawn on other ground, or was damaged."""
    if not parcel.parts:
        raise EnvironmentProblem(
            f"{job.scene}: code saved on the cluster while it was drawn, expected none; run again"
        )
    other = [name for name, part in parts.items() if parcel.parts.get(name) != part]
    if other:
        raise EnvironmentProblem(
            f"the cluster's {', '.join(other)}: not the same as here, expected the same on every machine"
        )
    if parcel.noted.clip is None:
        return parcel.noted
    if hashlib.sha256(parcel.data).hexdigest() != parcel.digest:
        raise TensorreelError(f"{job.scene}: damaged on its way, expected the bytes that were sent")
    publish_bytes(parcel.data, job.target)
    return replace(parcel.noted, clip=replace(parcel.noted.clip, path=job.target))


# ---- on the other machine ----------------------------------------------------------------------------
def errand(make: Maker, job: Job) -> Parcel | Failure:
    """Do one job in a process of its own. Raises ``Lost`` when that process ends without an answer."""
    paths = os.pathsep.join(p for p in sys.path if p)
    asked = subprocess.run(
        [sys.executable, "-m", __name__],
        input=pickle.dumps((make, job)),
        stdout=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        answer: Parcel | Failure = pickle.loads(asked.stdout)  # noqa: S301  (our own process wrote it)
    except Exception as err:
        raise Lost(f"exit code {asked.returncode}") from err
    return answer


def _errand() -> None:
    """In that process: the job comes in by stdin, the answer goes out by what was stdout."""
    from tensorreel.film.job.processes import leave_with_parent
    from tensorreel.film.run.workers import outcome_of

    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not get into the answer
    leave_with_parent()
    make, job = pickle.load(sys.stdin.buffer)  # noqa: S301
    kind, value = outcome_of(lambda: _packed(make, job))
    with open(answer_to, "wb") as out:
        pickle.dump(value if kind == "done" else Failure(*value), out)


def made_under(job: Job) -> Fingerprint:
    """What has to be the same on every machine: the clip's ground, and the catalogue of its language."""
    return Fingerprints().of(job) | {"translation": catalogue_digest(job.options.lang)}


def _packed(make: Maker, job: Job) -> Parcel:
    before = made_under(job)
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as folder:
        noted = make(replace(job, target=Path(folder) / f"clip.{job.format}"), _silent)
        data = noted.clip.path.read_bytes() if noted.clip is not None else b""
    parts = before if made_under(job) == before else {}
    return Parcel(noted, data, hashlib.sha256(data).hexdigest(), parts)


def _silent(frames: int) -> None:
    """Nobody watches the frames from here."""


def _main() -> Any:
    """As the module itself, not as ``__main__``, so that what is pickled here is known there."""
    import tensorreel.film.run.farm as itself

    return itself._errand()


if __name__ == "__main__":
    _main()
