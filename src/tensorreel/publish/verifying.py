"""Does a file still show what a model computes? Decided by what is seen, clip by clip.

First the printed digits of every matrix are compared, which needs no picture. Where they agree although the
model is another one, the scene is played without drawing and all that it shows is compared: captions, arithmetic
on the way, the winner's name. That is done only by the code that drew the file: another version may tell the same
numbers in other words, and is held to the digits of the matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tensorreel import scenes
from tensorreel.core.engine import Trace
from tensorreel.core.errors import InputError, TensorreelError
from tensorreel.film.job.job import Job, Progress, Utterance
from tensorreel.film.keep.fingerprint import Fingerprints
from tensorreel.film.make.backend import Noted, dry_play, prepare
from tensorreel.film.make.recording import digits, look_of
from tensorreel.film.run.contents import one_take
from tensorreel.film.run.local import run_here
from tensorreel.publish.provenance import CODE, Provenance, Shot

SENTENCE = "the sentence"
BETWEEN = "captions or arithmetic on the way"
Look = Callable[[Job, Progress], Noted]


@dataclass(frozen=True)
class Verdict:
    """Of one clip: whether it shows what the model computes, and if not, what differs (tensors by name, layer and
    head, counted from 1, or a few words)."""

    scene: str
    matches: bool
    differs: tuple[str, ...] = ()


def verdicts_on(
    origin: Provenance,
    trace: Trace,
    font: str | None = None,
    processes: int | None = None,
    look: Look = dry_play,
    old: Trace | None = None,
) -> list[Verdict]:
    """A verdict for every clip of a file, in its order. ``font`` and ``processes`` are for the plays, ``old`` the trace of
    the model before of a film of differences, of which all that is seen is then compared."""
    same_sentence = origin.tokens == tuple(trace.tokens) and origin.words == tuple(trace.words)
    verdicts = {i: _digits(shot, trace, same_sentence) for i, shot in enumerate(origin.shots)}
    if old is not None or origin.model != trace.model.digest:
        todo = [i for i, v in verdicts.items() if v.matches and _same_code(origin, origin.shots[i], trace)]
        like = replace(origin.job(trace, font), old=old)
        verdicts.update(_played(origin, like, todo, processes, look))
    return [verdicts[i] for i in range(len(origin.shots))]


def _same_code(origin: Provenance, shot: Shot, trace: Trace) -> bool:
    """Whether the storyboard and whatever draws it are those that drew the clip."""
    job = replace(origin.job(trace), scene=shot.scene)
    code = Fingerprints().code(job) if shot.scene in scenes.film(job.architecture, compares=True) else ""
    return bool(code) and code[:CODE] == shot.code


def _digits(shot: Shot, trace: Trace, same_sentence: bool) -> Verdict:
    differs = [] if same_sentence else [SENTENCE]
    differs += [spoken_tensor(name) for name, was in shot.shown.items() if _now(name, trace) != was]
    return Verdict(shot.scene, not differs, tuple(differs))


def _now(name: str, trace: Trace) -> str:
    """Digest of a tensor's printed digits; empty where the model has no such tensor."""
    try:
        tensor, layer, head = look_of(name)
        whole = trace.at(layer=layer)[tensor]
        return digits(whole if head is None else whole.of_head(head), whole)
    except (TensorreelError, KeyError, IndexError, ValueError):
        return ""


def spoken_tensor(name: str) -> str:
    """``attn_scores/0/1`` as people count: ``attn-scores, layer 1, head 2``."""
    tensor, layer, head = look_of(name)
    place = "".join(f", {what} {i + 1}" for what, i in (("layer", layer), ("head", head)) if i is not None)
    known = tensor if tensor[:1].isupper() or "_" not in tensor else tensor.replace("_", "-")
    return known + place


def _played(
    origin: Provenance, like: Job, todo: Sequence[int], processes: int | None, look: Look
) -> dict[int, Verdict]:
    """Verdicts on clips whose matrices agree, from all that they would show."""
    jobs = dict(enumerate(_as_made(like, origin.shots)))
    found = {}
    for outcome in run_here({at: jobs[at] for at in todo}, look, prepare, processes):
        shot = origin.shots[outcome.work]
        if outcome.result is None:
            raise InputError(f"{shot.scene.replace('_', '-')}: {outcome.error}")
        same = outcome.result.view == shot.view
        found[outcome.work] = Verdict(shot.scene, same, () if same else (BETWEEN,))
    return found


def _as_made(like: Job, shots: Sequence[Shot]) -> list[Job]:
    """The jobs that made the clips of a file: those of several are one take."""
    return one_take([replace(like, scene=s.scene, speech=tuple(map(Utterance, s.speech))) for s in shots])


def report(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The verdicts as plain data."""
    return [
        {"stage": v.scene.replace("_", "-"), "matches": v.matches, "differs": list(v.differs)}
        for v in verdicts
    ]
