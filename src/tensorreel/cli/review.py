"""``tensorreel lint`` and ``tensorreel audit``: looking at the film by program."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensorreel import scenes
from tensorreel.cli.asked.before import against_option
from tensorreel.cli.asked.options import (
    asked_tokens,
    chosen_model,
    jobs_option,
    json_option,
    model_option,
    sentence_options,
    stated_options,
    variation_options,
    with_options,
)
from tensorreel.cli.asked.subject import cut_option, scenes_argument
from tensorreel.core.errors import Incomplete
from tensorreel.core.model import Model
from tensorreel.models import BUILTIN, SAMPLE, tiny_model
from tensorreel.visuals.look.options import THEMES
from tensorreel.words.languages import LANGUAGES

if TYPE_CHECKING:
    from tensorreel.review.run import Report


def _review_options(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Which models, languages and themes; by default all that the film promises to hold for."""
    options = (
        scenes_argument(),
        model_option("Check this model. Without it: the built-in ones and models of other sizes."),
        stated_options,
        variation_options,
        sentence_options,
        against_option(),
        click.option("--tiny", is_flag=True, help="Only the built-in model (the one of --sample)."),
        click.option("--large", is_flag=True, help="Also a model far above the numeric view."),
        click.option("--lang", type=click.Choice(LANGUAGES), help="One language. Without it: all."),
        click.option("--theme", type=click.Choice(THEMES), help="One theme. Without it: all."),
        cut_option(),
        jobs_option,
        json_option("Print the findings and counts as JSON."),
    )
    return with_options(fn, options)


def _models(
    model_file: Path | None,
    said: dict[str, Any],
    sample: str | None,
    asked: Sequence[str],
    sentence: tuple[str | None, str | None],
    tiny: bool,
    large: bool,
) -> dict[str, Model]:
    """The models to check, by the names that findings call them."""
    from tensorreel.models import samples

    if model_file is not None or said or sample is not None or asked or any(sentence):
        model = chosen_model(model_file, None, said, sample, asked)
        model = replace(model, tokens=asked_tokens(model, *sentence))
        file = Path(BUILTIN[sample]).stem if sample else model_file.name if model_file else ""
        return {" ".join(filter(None, (file, *(v.text for v in model.variations)))): model}
    named = {
        Path(file).stem: tiny_model(lang) for lang, file in BUILTIN.items() if lang == SAMPLE or not tiny
    }
    models = named | ({} if tiny else samples.sample_models() | samples.many_heads())
    return models | ({"large": samples.large_model()} if large else {})


def _review(
    what: str,
    check: Callable[..., Any],
    extra: Sequence[str],
    *,
    stages: tuple[str, ...],
    model_file: Path | None,
    said: dict[str, Any],
    sample: str | None,
    asked: tuple[str, ...],
    tokens: str | None,
    text: str | None,
    before: Callable[..., Model | None],
    tiny: bool,
    large: bool,
    lang: str | None,
    theme: str | None,
    cut: str,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Run a check over every case and print what it found; ``Incomplete`` if it found anything."""
    from tensorreel.review.cases import cases
    from tensorreel.review.run import run

    chosen = _models(model_file, said, sample, asked, (tokens, text), tiny, large)
    look = [lang] if lang else LANGUAGES, [theme] if theme else THEMES
    todo = [
        case
        for name, model in chosen.items()
        for old in [before(model, model_file, None, said, sample)]
        for case in cases(
            {name: model},
            scenes.named(stages, model.architecture, compares=old is not None),
            *look,
            cut,
            old,
        )
    ]
    counts: Counter[str] = Counter()
    findings = list(extra)
    for report in _followed(what, run(check, todo, jobs), len(todo)):
        counts.update(report.counts)
        findings += report.findings
    counted = {"cases": len(todo), "models": len(chosen), **counts, "findings": len(findings)}
    if as_json:
        click.echo(json.dumps({**counted, "found": findings}, ensure_ascii=False, indent=1))
    else:
        for line in findings:
            click.echo(line)
        click.echo(", ".join(f"{n} {name}" for name, n in counted.items()))
    if findings:
        raise Incomplete(f"{what}: {len(findings)} findings in {len(todo)} cases, expected none")


def _followed(what: str, reports: Iterable[Report], total: int) -> Iterator[Report]:
    """The reports as they come: a bar on stderr, or a line for each where that is no terminal."""
    plain = not sys.stderr.isatty()
    with click.progressbar(length=total, label=what, file=sys.stderr, hidden=plain) as bar:
        for done, report in enumerate(reports, 1):
            bar.update(1)
            if plain:
                _say(f"{what}: {report.case}: {len(report.findings)} findings ({done} of {total})")
            yield report


def _say(line: str) -> None:
    with suppress(OSError):  # nobody listens any more; the work goes on
        click.echo(f"tensorreel: {line}", err=True)


@click.command()
@_review_options
def lint(**choice: Any) -> None:
    """Check the picture at the end of every beat and on the way to it: overlaps, margins, glyph sizes, contrast,
    reading time, budgets.
    """
    from tensorreel.review.colour import palette_findings
    from tensorreel.review.run import lint_one
    from tensorreel.visuals.look import theme

    palettes = [line for name in theme.THEMES.values() for line in palette_findings(name)]
    _review("lint", lint_one, palettes, **choice)


@click.command()
@_review_options
def audit(**choice: Any) -> None:
    """Recompute every numeral that is drawn, on an independent path, and check every = and ≈."""
    from tensorreel.review.run import audit_one

    _review("audit", audit_one, (), **choice)
