"""Options of a run, shared by the commands that make files: the cache, force, waiting, and what is to be made."""

from __future__ import annotations

import functools
import json
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensorreel.cli.asked.options import jobs_option, with_options
from tensorreel.core.errors import Terminated
from tensorreel.film.keep.cache import CACHE_VARIABLE, default_folder

if TYPE_CHECKING:
    from tensorreel.film.job.job import Job
    from tensorreel.film.keep.planner import Plan
    from tensorreel.film.run.production import RunOptions


def cache_option(fn: Callable[..., Any]) -> Callable[..., Any]:
    """``--cache-dir``; the command receives ``cache_dir: Path``."""

    @functools.wraps(fn)
    def placed(*args: Any, cache_dir: Path | None, **rest: Any) -> Any:
        return fn(*args, cache_dir=cache_dir or default_folder(), **rest)

    return click.option(
        "--cache-dir",
        type=click.Path(path_type=Path, file_okay=False),
        envvar=CACHE_VARIABLE,
        metavar="DIR",
        help=f"Where finished clips are kept (the user's cache folder, or {CACHE_VARIABLE}).",
    )(placed)


_OPTIONS = (
    jobs_option,
    click.option(
        "--force",
        is_flag=True,
        help="Make everything again, whatever is kept, and replace files of others, too.",
    ),
    click.option("--wait", is_flag=True, help="Wait for another run that writes the same file."),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Have a Dask cluster make the clips: tcp://HOST:PORT (needs tensorreel[farm]).",
    ),
)


def run_options(fn: Callable[..., Any]) -> Callable[..., Any]:
    """``--jobs --cache-dir --force --wait --scheduler``; the command receives ``orders: Orders``."""

    @cache_option
    @functools.wraps(fn)
    def ordered(
        *args: Any,
        jobs: int | None,
        cache_dir: Path,
        force: bool,
        wait: bool,
        scheduler: str | None,
        **rest: Any,
    ) -> Any:
        from tensorreel.film.run.production import RunOptions
        from tensorreel.publish.labelling import Labeller

        orders = RunOptions(
            jobs, cache_dir, force, float("inf") if wait else 0.0, scheduler=scheduler, delivery=Labeller()
        )
        with ending_on_sigterm():
            return fn(*args, orders=orders, **rest)

    return with_options(ordered, _OPTIONS)


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """SIGTERM stops the run as Ctrl-C does; a library that makes one of the other is put right."""
    told: list[int] = []

    def stop(number: int, frame: Any) -> None:
        told.append(number)
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as err:
        if told and not isinstance(err, Terminated):
            raise Terminated from err
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def spare_others(targets: Iterable[Path], orders: RunOptions) -> None:
    """Refuse to replace files of others, whose names nobody gave: those that ``-o`` names are not asked about."""
    from tensorreel.publish.ours import refuse_others

    refuse_others(targets, orders.force, orders.delivery.owns)


def changes_of(job: Job) -> dict[str, Any]:
    """``changes``: whether a stage shows another number or formula than before, in a film of differences; else nothing."""
    stage = job.architecture.get(job.scene)
    if job.old is None or stage is None:
        return {}
    from tensorreel.variations.difference import stage_difference

    return {"changes": stage_difference(job.old, job.trace, stage, job.options.layer).differs}


def _change_lines(plans: Sequence[Plan], which: Sequence[str]) -> Iterator[str]:
    """Which clips of a film of differences change, and which do not."""
    found = [(job_label(p.job, more), changes_of(p.job)) for p, more in zip(plans, which, strict=True)]
    for said, wanted in (("changes", True), ("nothing changes", False)):
        if names := [name for name, told in found if told.get("changes") is wanted]:
            yield f"{said}: {', '.join(names)}"


def work_lines(plans: Sequence[Plan], which: Sequence[str] = ()) -> Iterator[str]:
    """``--dry-run``: a line for each clip that would be rendered and why, and how many are up to date.

    ``which`` says of each plan what its file's name says beside the stage; see ``spread``.
    """
    which = which or [""] * len(plans)
    yield from _change_lines(plans, which)
    named = zip(plans, which, strict=True)
    todo = [(plan, more) for plan, more in named if plan.entry is None]
    for plan, more in todo:
        yield f"{job_label(plan.job, more)}: {plan.why}"
    yield f"{len(todo)} of {len(plans)} to render, {len(plans) - len(todo)} up to date"


def work_facts(plans: Sequence[Plan], which: Sequence[str] = ()) -> dict[str, Any]:
    """The same for programs: every clip with its reason, and the two counts."""
    named = zip(plans, which or [""] * len(plans), strict=True)
    clips = [
        {"clip": job_label(plan.job, more), "render": plan.entry is None, "why": plan.why}
        | changes_of(plan.job)
        for plan, more in named
    ]
    todo = sum(clip["render"] is True for clip in clips)
    return {"clips": clips, "to_render": todo, "up_to_date": len(clips) - todo}


def say_work(plans: Sequence[Plan], which: Sequence[str], as_json: bool) -> None:
    """What ``--dry-run`` prints."""
    facts = json.dumps(work_facts(plans, which), ensure_ascii=False) if as_json else ""
    click.echo(facts or "\n".join(work_lines(plans, which)))


def job_label(job: Job, more: str = "") -> str:
    """``attn-weights``, and the layer and head where it is not the first, or ``more`` where it is one of many."""
    options = job.options
    place = (("layer", options.layer), ("head", options.head))
    chosen = "" if more else "".join(f", {name} {i + 1}" for name, i in place if i)
    return f"{job.scene.replace('_', '-')}{more}{chosen}"


def variants(jobs: Sequence[Job], layers: bool, heads: bool, languages: bool) -> list[tuple[Job, str]]:
    """Every job for every layer, head and language that is asked for and that its stage has.

    Each comes with what its file's name says of that: ``""``, ``-layer-2-head-1``, ``-ja`` …
    """
    from tensorreel.words.languages import LANGUAGES

    found = []
    for job in jobs:
        config = job.trace.model.config
        per_layer, per_head = _places(job)
        for lang in LANGUAGES if languages else (job.options.lang,):
            for layer in range(config.n_layers) if layers and per_layer else (job.options.layer,):
                for head in range(config.n_heads) if heads and per_head else (job.options.head,):
                    options = replace(job.options, lang=lang, layer=layer, head=head)
                    name = f"-layer-{layer + 1}" if layers and per_layer else ""
                    name += f"-head-{head + 1}" if heads and per_head else ""
                    name += f"-{lang}" if languages else ""
                    found.append((replace(job, options=options), name))
    return found


def _places(job: Job) -> tuple[bool, bool]:
    """Whether a scene is another one in each layer, and for each head."""
    stage = job.architecture.get(job.scene)
    if stage is None:
        return False, False
    return stage.scope == "layer", "h" in f"{stage.dims}".replace("->", " ").split()
